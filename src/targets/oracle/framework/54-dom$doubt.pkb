CREATE OR REPLACE PACKAGE BODY dom$doubt AS
  -- dba_ where the session may read these views, else all_, which leave out what it has no right to.
  g_views VARCHAR2(4);

  TYPE t_object IS RECORD (id NUMBER, data_id NUMBER, ddl VARCHAR2(14));

  FUNCTION view_prefix RETURN VARCHAR2 IS
    v_dummy NUMBER;
  BEGIN
    IF g_views IS NULL THEN
      BEGIN
        EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM dba_objects WHERE ROWNUM < 1' INTO v_dummy;
        g_views := 'dba_';
      EXCEPTION
        WHEN OTHERS THEN
          g_views := 'all_';
      END;
    END IF;
    RETURN g_views;
  END view_prefix;

  FUNCTION tablespace_named (p_name IN VARCHAR2) RETURN t_object IS
    v_object t_object;
    e_not_there EXCEPTION;
    PRAGMA EXCEPTION_INIT(e_not_there, -942);
  BEGIN
    EXECUTE IMMEDIATE 'SELECT MAX(1) FROM dba_tablespaces WHERE tablespace_name = :name'
      INTO v_object.id USING p_name;
    RETURN v_object;
  EXCEPTION
    WHEN e_not_there THEN
      SELECT MAX(1) INTO v_object.id FROM user_tablespaces t WHERE t.tablespace_name = p_name;
      RETURN v_object;
  END tablespace_named;

  FUNCTION object_named (p_type IN VARCHAR2, p_owner IN VARCHAR2, p_name IN VARCHAR2,
    p_partition IN VARCHAR2 DEFAULT NULL) RETURN t_object
  IS
    v_object t_object;
  BEGIN
    IF p_type = 'TABLESPACE' THEN
      RETURN tablespace_named(p_name);
    END IF;
    EXECUTE IMMEDIATE 'SELECT MAX(o.object_id), MAX(o.data_object_id),'
      || ' TO_CHAR(MAX(o.last_ddl_time), ''YYYYMMDDHH24MISS'') FROM ' || view_prefix || 'objects o'
      || ' WHERE o.owner = :owner AND o.object_name = :name'
      || ' AND (o.object_type = :type OR :type_again = ''OBJECT'' AND o.object_type IN'
      || ' (''TABLE'', ''VIEW'', ''SEQUENCE'', ''SYNONYM''))'
      || ' AND NVL(o.subobject_name, ''-'') = NVL(:partition, ''-'')'
      INTO v_object.id, v_object.data_id, v_object.ddl
      USING p_owner, p_name, p_type, p_type, p_partition;
    RETURN v_object;
  END object_named;

  FUNCTION object_of (p_statement IN dom$ddl.t_statement) RETURN t_object IS
  BEGIN
    RETURN object_named(
      p_statement.object_type, p_statement.owner, p_statement.name, p_statement.partition_name);
  END object_of;

  FUNCTION is_known (p_type IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN p_type IN ('TABLE', 'INDEX', 'VIEW', 'SEQUENCE', 'SYNONYM', 'PACKAGE', 'PACKAGE BODY',
      'PROCEDURE', 'FUNCTION', 'TRIGGER', 'TYPE', 'TYPE BODY', 'MATERIALIZED VIEW', 'DIRECTORY',
      'TABLESPACE', 'OBJECT', 'TABLE PARTITION', 'TABLE SUBPARTITION');
  END is_known;

  -- Which constraints the table has, as their number and a hash of their names; null where that cannot be
  -- seen for sure: none of another schema's table may mean that nobody may look.
  FUNCTION constraints_of (p_statement IN dom$ddl.t_statement) RETURN VARCHAR2 IS
    v_count NUMBER;
    v_hash  NUMBER;
  BEGIN
    SELECT COUNT(*), SUM(ORA_HASH(c.constraint_name)) INTO v_count, v_hash
    FROM all_constraints c WHERE c.owner = p_statement.owner AND c.table_name = p_statement.name;
    IF object_of(p_statement).id IS NULL
      OR (v_count = 0 AND p_statement.owner <> SYS_CONTEXT('USERENV', 'CURRENT_USER'))
    THEN
      RETURN NULL;
    END IF;
    RETURN v_count || '/' || v_hash;
  END constraints_of;

  FUNCTION facts (p_statement IN dom$ddl.t_statement) RETURN VARCHAR2 IS
    v_object t_object;
    v_other  t_object;
  BEGIN
    IF p_statement.kind = dom$ddl.gc_nameless THEN
      RETURN 'constraints=' || constraints_of(p_statement);
    END IF;
    IF p_statement.kind IN (dom$ddl.gc_repeatable, dom$ddl.gc_telling, dom$ddl.gc_other)
      OR NOT is_known(p_statement.object_type)
    THEN
      RETURN NULL;
    END IF;
    v_object := object_of(p_statement);
    IF p_statement.kind = dom$ddl.gc_exchange THEN
      v_object.id := v_object.data_id;
      v_other := object_named('TABLE', p_statement.other_owner, p_statement.other_name);
    END IF;
    RETURN 'existed=' || CASE WHEN v_object.id IS NULL THEN '0' ELSE '1' END || ';id=' || v_object.id
      || ';ddl=' || v_object.ddl || ';other=' || v_other.data_id;
  END facts;

  FUNCTION fact (p_intent IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN REGEXP_SUBSTR(';' || p_intent, ';' || p_name || '=([^;]*)', 1, 1, NULL, 1);
  END fact;

  PROCEDURE find (p_unit_id IN NUMBER, p_sql IN CLOB, o_row OUT ROWID, o_intent OUT VARCHAR2) IS
  BEGIN
    FOR r IN (
      SELECT s.ROWID AS row_address, s.intent FROM dom$statement s
      WHERE s.unit_id = p_unit_id AND s.status = 'started' AND dbms_lob.compare(s.sql_text, p_sql) = 0
        AND (s.stream_attempt <> dom$current.g_unit.stream_attempt
          OR s.try_no <> dom$current.g_unit.try_no)
      ORDER BY s.stream_attempt, s.try_no, s.seq)
    LOOP
      o_row := r.row_address;
      o_intent := r.intent;
      RETURN;
    END LOOP;
  END find;

  -- Created: there now, and not before. Otherwise it runs again, and fails as it would have at first.
  FUNCTION created (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    IF fact(p_intent, 'existed') = '0' AND object_of(p_statement).id IS NOT NULL THEN
      RETURN gc_done;
    END IF;
    RETURN gc_again;
  END created;

  -- Dropped: there before, and gone now or another one by the same name.
  FUNCTION dropped (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN VARCHAR2 IS
    v_object t_object;
  BEGIN
    IF fact(p_intent, 'existed') = '1' THEN
      v_object := object_of(p_statement);
      IF v_object.id IS NULL OR TO_CHAR(v_object.id) <> fact(p_intent, 'id') THEN
        RETURN gc_done;
      END IF;
    END IF;
    RETURN gc_again;
  END dropped;

  -- A new name keeps the object's id.
  FUNCTION renamed (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN VARCHAR2 IS
    v_id VARCHAR2(40) := fact(p_intent, 'id');
  BEGIN
    IF TO_CHAR(object_named(
      p_statement.object_type, p_statement.other_owner, p_statement.other_name).id) = v_id
    THEN
      RETURN gc_done;
    ELSIF TO_CHAR(object_of(p_statement).id) = v_id THEN
      RETURN gc_again;
    END IF;
    RETURN gc_doubt;
  END renamed;

  -- An exchange swaps the data object ids of the two segments.
  FUNCTION exchanged (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN VARCHAR2 IS
    v_partition VARCHAR2(40) := fact(p_intent, 'id');
    v_table     VARCHAR2(40) := fact(p_intent, 'other');
    v_now       VARCHAR2(40) := object_of(p_statement).data_id;
    v_other_now VARCHAR2(40) :=
      object_named('TABLE', p_statement.other_owner, p_statement.other_name).data_id;
  BEGIN
    IF v_now = v_table AND v_other_now = v_partition THEN
      RETURN gc_done;
    ELSIF v_now = v_partition AND v_other_now = v_table THEN
      RETURN gc_again;
    END IF;
    RETURN gc_doubt;
  END exchanged;

  -- Without a name: the same constraints as before say that none has come. Others say nothing of this one.
  FUNCTION constrained (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN CASE WHEN constraints_of(p_statement) = fact(p_intent, 'constraints') THEN gc_again
      ELSE gc_doubt END;
  END constrained;

  -- The author's probe: the first row's only column.
  FUNCTION probed (p_done_when IN VARCHAR2) RETURN VARCHAR2 IS
    v_answer VARCHAR2(4000);
  BEGIN
    IF p_done_when IS NULL THEN
      RETURN gc_doubt;
    END IF;
    EXECUTE IMMEDIATE p_done_when INTO v_answer;
    RETURN CASE
      WHEN UPPER(TRIM(v_answer)) IN ('1', 'Y', 'YES', 'TRUE') THEN gc_done
      WHEN UPPER(TRIM(v_answer)) IN ('0', 'N', 'NO', 'FALSE') THEN gc_again
      ELSE gc_doubt
    END;
  EXCEPTION
    WHEN NO_DATA_FOUND THEN
      RETURN gc_again;
  END probed;

  FUNCTION by_facts (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN CASE p_statement.kind
      WHEN dom$ddl.gc_create THEN created(p_statement, p_intent)
      WHEN dom$ddl.gc_create_partition THEN created(p_statement, p_intent)
      WHEN dom$ddl.gc_drop THEN dropped(p_statement, p_intent)
      WHEN dom$ddl.gc_drop_partition THEN dropped(p_statement, p_intent)
      WHEN dom$ddl.gc_rename THEN renamed(p_statement, p_intent)
      WHEN dom$ddl.gc_exchange THEN exchanged(p_statement, p_intent)
      WHEN dom$ddl.gc_nameless THEN constrained(p_statement, p_intent)
      WHEN dom$ddl.gc_repeatable THEN gc_again
      ELSE gc_doubt
    END;
  END by_facts;

  FUNCTION resolve (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2, p_done_when IN VARCHAR2)
    RETURN VARCHAR2
  IS
    v_answer VARCHAR2(10) := by_facts(p_statement, p_intent);
  BEGIN
    IF v_answer = gc_doubt THEN
      v_answer := probed(p_done_when);
    END IF;
    IF v_answer = gc_doubt AND p_statement.kind = dom$ddl.gc_telling THEN
      -- Its own error will say whether the first execution took effect.
      RETURN gc_again;
    END IF;
    RETURN v_answer;
  END resolve;

  -- Cancelled or ended by somebody, out of its time, or the server breaks down; also where the error is
  -- wrapped in another, as one in recursive SQL or of a parallel server is.
  FUNCTION is_interruption (p_errors IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN REGEXP_LIKE(p_errors,
      'ORA-(00028|00040|00600|00603|01012|01013|01089|01090|01092|02396|02399|03113|03114|03135|07445)');
  END is_interruption;

  FUNCTION is_without_effect (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    IF NOT is_interruption(dbms_utility.format_error_stack) THEN
      RETURN TRUE;
    END IF;
    RETURN p_statement.kind = dom$ddl.gc_repeatable
      OR (p_intent IS NOT NULL AND by_facts(p_statement, p_intent) = gc_again);
  EXCEPTION
    WHEN OTHERS THEN
      -- Interrupted while it looked: it is not known, and the error of the statement is the one to tell.
      RETURN FALSE;
  END is_without_effect;

  -- Codes that say: this name is there already. Not ORA-01408, which says it of columns: the index on them
  -- has another name, so another statement made it.
  FUNCTION says_created (p_code IN NUMBER) RETURN BOOLEAN IS
  BEGIN
    RETURN p_code IN (-955, -1543, -1920, -1921, -2011, -2024, -4081, -12000, -12006, -14013);
  END says_created;

  -- Codes that say: nothing by this name is there any more.
  FUNCTION says_dropped (p_code IN NUMBER) RETURN BOOLEAN IS
  BEGIN
    RETURN p_code IN (-942, -959, -1418, -1432, -1434, -1918, -1919, -2024, -2149, -2289, -4043, -4080,
      -12002, -12003);
  END says_dropped;

  -- Codes by which the other kinds tell that they are done: columns, constraints, partitions, grants.
  FUNCTION says_changed (p_code IN NUMBER) RETURN BOOLEAN IS
  BEGIN
    RETURN p_code IN (-904, -957, -1430, -1442, -1451, -1644, -1646, -1927, -1951, -1952, -2149, -2260, -2261,
      -2264, -2275, -2441, -2442, -2443, -14011, -14012, -14013, -14080, -14081, -14082, -14139, -14140,
      -14312, -14313, -14622, -23292, -32588, -32589, -38302, -38307);
  END says_changed;

  FUNCTION is_already_done (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2, p_code IN NUMBER)
    RETURN BOOLEAN
  IS
  BEGIN
    IF p_statement.kind IN (dom$ddl.gc_create, dom$ddl.gc_create_partition) THEN
      -- What was there before the first execution is not its work.
      RETURN NVL(fact(p_intent, 'existed'), '0') = '0' AND says_created(p_code);
    ELSIF p_statement.kind IN (dom$ddl.gc_drop, dom$ddl.gc_drop_partition) THEN
      RETURN says_dropped(p_code);
    END IF;
    RETURN p_statement.kind = dom$ddl.gc_telling AND says_changed(p_code);
  END is_already_done;

  PROCEDURE settle (p_unit_id IN NUMBER) IS
    v_answer    VARCHAR2(10);
    v_message   VARCHAR2(1000);
    v_statement dom$ddl.t_statement;
  BEGIN
    FOR r IN (
      SELECT s.ROWID AS row_address, s.sql_text, s.intent FROM dom$statement s
      WHERE s.unit_id = p_unit_id AND s.status = 'started')
    LOOP
      v_statement := dom$ddl.read(r.sql_text);
      v_answer := resolve(v_statement, r.intent, NULL);
      IF v_answer = gc_again THEN
        DELETE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ FROM dom$statement s WHERE s.ROWID = r.row_address;
      ELSE
        v_message := CASE v_answer WHEN gc_done THEN gc_found || dom$ddl.described(v_statement)
          ELSE 'Its end was not seen; the unit has been completed since without it' END;
        UPDATE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ dom$statement s
        SET s.status = 'done', s.row_count = 0, s.intent = NULL, s.message = v_message
        WHERE s.ROWID = r.row_address;
      END IF;
    END LOOP;
  END settle;
END dom$doubt;
/
