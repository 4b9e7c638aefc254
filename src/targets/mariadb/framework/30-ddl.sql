-- Statements that commit by themselves: what they are, the facts of the catalogue that are kept with the
-- intent to execute one, and what those facts tell after a crash.

CREATE OR REPLACE PACKAGE dom$ddl AS
  -- 1: the statement commits what is open, before and after it
  FUNCTION commits (p_sql IN CLOB) RETURN NUMBER;
  -- 1: it can only be executed while autocommit is on (it would wait for a lock of its own transaction)
  FUNCTION needs_autocommit (p_sql IN CLOB) RETURN NUMBER;
  -- facts from before the statement, as text: kind=…;existed=…;id=…
  PROCEDURE facts (p_sql IN CLOB, o_facts OUT VARCHAR2);
  -- what the facts tell now: done, again, try (an "already done" error counts as done) or unknown
  PROCEDURE resolve (p_sql IN CLOB, p_facts IN VARCHAR2, o_verdict OUT VARCHAR2, o_because OUT VARCHAR2);
  -- 1: by this error the server says that the statement has been done before
  FUNCTION is_done_before (p_sql IN CLOB, p_code IN NUMBER) RETURN NUMBER;
END;
/
CREATE OR REPLACE PACKAGE BODY dom$ddl AS

  -- the beginning of the statement without comments, blanks made single and quotes of names left out
  FUNCTION head (p_sql IN CLOB) RETURN VARCHAR2 IS
    v_head VARCHAR2(4000) := SUBSTR(p_sql, 1, 3000);
  BEGIN
    v_head := REGEXP_REPLACE(v_head, '(?s)/\\*.*?\\*/', ' ');
    v_head := REGEXP_REPLACE(v_head, '(?m)(--[ \\t][^\\n]*|#[^\\n]*)$', ' ');
    v_head := TRIM(REGEXP_REPLACE(REPLACE(REPLACE(v_head, '`', ''), '"', ''), '\\s+', ' '));
    -- Settings for the statement alone make no other statement of it.
    RETURN REGEXP_REPLACE(v_head, '(?i)^set statement .*? for ', '');
  END;

  FUNCTION part (p_head IN VARCHAR2, p_pattern IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    IF p_head NOT REGEXP p_pattern THEN
      RETURN NULL;
    END IF;
    RETURN REGEXP_REPLACE(p_head, CONCAT('^.*?', p_pattern, '.*$'), '\\1');
  END;

  FUNCTION commits (p_sql IN CLOB) RETURN NUMBER IS
    v_head VARCHAR2(4000) := head(p_sql);
  BEGIN
    IF v_head REGEXP '(?i)^(create( or replace)?|drop) temporary ' THEN
      RETURN 0;
    END IF;
    IF v_head REGEXP CONCAT('(?i)^(create|alter|drop|rename|truncate|analyze|optimize|repair|check|flush|',
        'grant|revoke|set password|lock tables?|unlock tables|cache index|load index|install|uninstall|',
        'start transaction|commit|xa)\\b') THEN
      RETURN 1;
    END IF;
    RETURN 0;
  END;

  FUNCTION needs_autocommit (p_sql IN CLOB) RETURN NUMBER IS
  BEGIN
    RETURN head(p_sql) REGEXP '(?i)^alter table .* exchange partition ';
  END;

  FUNCTION kind_of (p_head IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    IF p_head REGEXP '(?i)^alter table \\S+ exchange partition ' THEN
      RETURN 'exchange';
    END IF;
    IF p_head REGEXP '(?i)^rename table [^ ,]+ to [^ ,]+$'
        OR p_head REGEXP '(?i)^alter table \\S+ rename (to |as )?[^ ,]+$' THEN
      RETURN 'rename';
    END IF;
    IF p_head REGEXP '(?i)^create or replace |^create .*\\bif not exists |^drop .*\\bif exists '
        OR p_head REGEXP CONCAT('(?i)^(truncate|analyze|optimize|repair|check|flush|grant|revoke|commit|',
          'start transaction|lock tables?|unlock tables|cache index|load index|set password)\\b')
        OR p_head REGEXP '(?i)^alter table \\S+ truncate partition ' THEN
      RETURN 'repeatable';
    END IF;
    IF p_head REGEXP '(?i)^alter table \\S+ drop partition (?!if exists )[^()]+$' THEN
      RETURN 'drop partition';
    END IF;
    IF p_head REGEXP '(?i)^alter table \\S+ add partition \\( ?partition \\S+ ' THEN
      RETURN 'add partition';
    END IF;
    IF p_head REGEXP '(?i)^create (unique |fulltext |spatial )?index \\S+ on \\S+' THEN
      RETURN 'create index';
    END IF;
    IF p_head REGEXP '(?i)^drop index \\S+ on \\S+' THEN
      RETURN 'drop index';
    END IF;
    IF p_head REGEXP '(?i)^create (table|view|sequence) \\S+' THEN
      RETURN 'create table';
    END IF;
    IF p_head REGEXP '(?i)^drop (table|view|sequence) [^ ,]+( restrict| cascade)?$' THEN
      RETURN 'drop table';
    END IF;
    IF p_head REGEXP '(?i)^alter table \\S+ ' THEN
      RETURN 'alter table';
    END IF;
    RETURN 'other';
  END;

  FUNCTION owner_of (p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN CASE WHEN INSTR(p_name, '.') > 0 THEN SUBSTRING_INDEX(p_name, '.', 1) ELSE DATABASE() END;
  END;

  FUNCTION table_there (p_name IN VARCHAR2) RETURN NUMBER IS
    v_found NUMBER(10);
  BEGIN
    SELECT COUNT(*) INTO v_found FROM information_schema.tables t
    WHERE t.table_schema = owner_of(p_name) AND t.table_name = SUBSTRING_INDEX(p_name, '.', -1);
    RETURN LEAST(v_found, 1);
  END;

  FUNCTION index_there (p_index IN VARCHAR2, p_table IN VARCHAR2) RETURN NUMBER IS
    v_found NUMBER(10);
  BEGIN
    SELECT COUNT(*) INTO v_found FROM information_schema.statistics s
    WHERE s.table_schema = owner_of(p_table) AND s.table_name = SUBSTRING_INDEX(p_table, '.', -1)
      AND s.index_name = p_index;
    RETURN LEAST(v_found, 1);
  END;

  -- how many partitions of a list of names are there
  FUNCTION partitions_there (p_table IN VARCHAR2, p_names IN VARCHAR2) RETURN NUMBER IS
    v_found NUMBER(10);
  BEGIN
    SELECT COUNT(DISTINCT p.partition_name) INTO v_found FROM information_schema.partitions p
    WHERE p.table_schema = owner_of(p_table) AND p.table_name = SUBSTRING_INDEX(p_table, '.', -1)
      AND FIND_IN_SET(LOWER(p.partition_name), LOWER(REPLACE(p_names, ' ', ''))) > 0;
    RETURN v_found;
  END;

  -- 1: executed twice it would do twice what has no name to be noticed by
  FUNCTION adds_nameless (p_head IN VARCHAR2) RETURN NUMBER IS
  BEGIN
    RETURN p_head REGEXP '(?i)\\badd (unique|fulltext|spatial|index|key)( index| key)? ?\\('
      OR p_head REGEXP '(?i)\\badd (constraint )?(check|foreign key) ?\\('
      OR p_head REGEXP '(?i)\\b(add partition partitions|coalesce partition)\\b';
  END;

  -- 1: names that change places change back when it is executed twice
  FUNCTION renames_several (p_head IN VARCHAR2) RETURN NUMBER IS
  BEGIN
    RETURN p_head REGEXP CONCAT('(?i)\\b(rename (column|index|key)|change)\\b.*',
      '\\b(rename (column|index|key)|change)\\b');
  END;

  -- the definition of a table, as one hash: its columns, indexes, constraints, partitions and options
  FUNCTION shape (p_table IN VARCHAR2) RETURN VARCHAR2 IS
    v_owner VARCHAR2(64) := owner_of(p_table);
    v_table VARCHAR2(64) := SUBSTRING_INDEX(p_table, '.', -1);
    v_text CLOB;
  BEGIN
    SELECT CONCAT_WS('|',
      (SELECT CONCAT_WS(',', t.engine, t.row_format, t.table_collation, t.create_options, t.table_comment)
       FROM information_schema.tables t WHERE t.table_schema = v_owner AND t.table_name = v_table),
      (SELECT GROUP_CONCAT(CONCAT_WS(',', c.column_name, c.ordinal_position, c.column_type, c.is_nullable,
         c.column_default, c.extra, c.column_comment) ORDER BY c.ordinal_position)
       FROM information_schema.columns c WHERE c.table_schema = v_owner AND c.table_name = v_table),
      (SELECT GROUP_CONCAT(CONCAT_WS(',', s.index_name, s.seq_in_index, s.column_name, s.non_unique)
         ORDER BY s.index_name, s.seq_in_index)
       FROM information_schema.statistics s WHERE s.table_schema = v_owner AND s.table_name = v_table),
      (SELECT GROUP_CONCAT(CONCAT_WS(',', k.constraint_name, k.constraint_type) ORDER BY k.constraint_name)
       FROM information_schema.table_constraints k
       WHERE k.table_schema = v_owner AND k.table_name = v_table),
      (SELECT GROUP_CONCAT(CONCAT_WS(',', p.partition_name, p.partition_description)
         ORDER BY p.partition_ordinal_position)
       FROM information_schema.partitions p WHERE p.table_schema = v_owner AND p.table_name = v_table))
    INTO v_text FROM dual;
    RETURN MD5(v_text);
  END;

  -- the server's own id of a table or of a partition of it; null where the user may not look (PROCESS)
  PROCEDURE table_id (p_table IN VARCHAR2, p_partition IN VARCHAR2, o_id OUT NUMBER) IS
    v_name VARCHAR2(400) := owner_of(p_table)||'/'||SUBSTRING_INDEX(p_table, '.', -1)
      ||CASE WHEN p_partition IS NULL THEN '' ELSE '#P#'||p_partition END;
    v_id NUMBER(20);
    v_may NUMBER(10);
  BEGIN
    SELECT COUNT(*) INTO v_may FROM information_schema.user_privileges
    WHERE privilege_type IN ('PROCESS', 'SUPER');
    IF v_may > 0 THEN
      EXECUTE IMMEDIATE CONCAT('SELECT MAX(table_id) INTO @dom$id FROM information_schema.innodb_sys_tables ',
        'WHERE LOWER(name) = LOWER(?)') USING v_name;
      v_id := @dom$id;
    END IF;
    o_id := v_id;
  END;

  PROCEDURE facts_of (p_kind IN VARCHAR2, p_head IN VARCHAR2, o_facts OUT VARCHAR2) IS
    v_table VARCHAR2(260);
    v_other VARCHAR2(260);
    v_names VARCHAR2(4000);
    v_id NUMBER(20);
    v_other_id NUMBER(20);
  BEGIN
    CASE p_kind
      WHEN 'create table' THEN
        v_table := part(p_head, '(?i)^create (?:table|view|sequence) ([^ (]+)');
        o_facts := CONCAT('existed=', table_there(v_table), ';');
      WHEN 'drop table' THEN
        v_table := part(p_head, '(?i)^drop (?:table|view|sequence) ([^ ]+)');
        o_facts := CONCAT('existed=', table_there(v_table), ';');
      WHEN 'create index' THEN
        v_other := part(p_head, '(?i)^create (?:unique |fulltext |spatial )?index (\\S+) on ');
        v_table := part(p_head, '(?i)^create (?:unique |fulltext |spatial )?index \\S+ on ([^ (]+)');
        o_facts := CONCAT('existed=', index_there(v_other, v_table), ';');
      WHEN 'drop index' THEN
        v_other := part(p_head, '(?i)^drop index (\\S+) on ');
        v_table := part(p_head, '(?i)^drop index \\S+ on ([^ ]+)');
        o_facts := CONCAT('existed=', index_there(v_other, v_table), ';');
      WHEN 'rename' THEN
        v_table := part(p_head, '(?i)^(?:rename|alter) table (\\S+) ');
        v_other := part(p_head, '(?i)([^ ]+)$');
        o_facts := CONCAT('existed=', table_there(v_table), table_there(v_other), ';');
      WHEN 'exchange' THEN
        v_table := part(p_head, '(?i)^alter table (\\S+) exchange ');
        v_other := part(p_head, '(?i) with table ([^ ;]+)');
        table_id(v_table, part(p_head, '(?i) exchange partition (\\S+) with '), v_id);
        table_id(v_other, NULL, v_other_id);
        o_facts := CONCAT('ids=', NVL(v_id, '?'), '/', NVL(v_other_id, '?'), ';');
      WHEN 'drop partition' THEN
        v_table := part(p_head, '(?i)^alter table (\\S+) ');
        v_names := part(p_head, '(?i) drop partition (.+)');
        o_facts := CONCAT('existed=', partitions_there(v_table, v_names), ';');
      WHEN 'add partition' THEN
        v_table := part(p_head, '(?i)^alter table (\\S+) ');
        v_names := part(p_head, '(?i) add partition \\( ?partition (\\S+) ');
        o_facts := CONCAT('existed=', partitions_there(v_table, v_names), ';');
      WHEN 'alter table' THEN
        o_facts := CONCAT('shape=', NVL(shape(part(p_head, '(?i)^alter table (\\S+) ')), '?'), ';');
      ELSE
        o_facts := NULL;
    END CASE;
  END;

  PROCEDURE facts (p_sql IN CLOB, o_facts OUT VARCHAR2) IS
    v_head VARCHAR2(4000) := head(p_sql);
    v_kind VARCHAR2(20) := kind_of(v_head);
    v_facts VARCHAR2(4000);
  BEGIN
    facts_of(v_kind, v_head, v_facts);
    o_facts := CONCAT('kind=', v_kind, ';', NVL(v_facts, 'nothing;'));
  END;

  PROCEDURE resolve (p_sql IN CLOB, p_facts IN VARCHAR2, o_verdict OUT VARCHAR2, o_because OUT VARCHAR2) IS
    v_head VARCHAR2(4000) := head(p_sql);
    v_kind VARCHAR2(20) := kind_of(v_head);
    v_now VARCHAR2(4000);
    v_before VARCHAR2(4000) := SUBSTR(p_facts, INSTR(p_facts, ';') + 1);
  BEGIN
    facts_of(v_kind, v_head, v_now);
    o_verdict := CASE
      WHEN v_kind = 'repeatable' THEN 'again'
      WHEN v_kind = 'other' OR v_now IS NULL OR INSTR(v_before, '?') > 0 OR INSTR(v_now, '?') > 0
        THEN 'unknown'
      WHEN v_now = v_before THEN 'again'
      WHEN v_kind IN ('create table', 'create index', 'add partition') AND v_now = 'existed=1;' THEN 'done'
      WHEN v_kind IN ('drop table', 'drop index', 'drop partition') AND v_now = 'existed=0;' THEN 'done'
      WHEN v_kind = 'rename' AND v_before = 'existed=10;' AND v_now = 'existed=01;' THEN 'done'
      WHEN v_kind = 'exchange'
          AND v_now = REGEXP_REPLACE(v_before, '^ids=(.*)/(.*);$', 'ids=\\2/\\1;')
        THEN 'done'
      WHEN v_kind = 'alter table' AND adds_nameless(v_head) = 0 AND renames_several(v_head) = 0 THEN 'try'
      ELSE 'unknown' END;
    o_because := CASE v_kind
      WHEN 'exchange' THEN 'partition and table have changed places'
      WHEN 'rename' THEN 'only the new name is there'
      WHEN 'alter table' THEN 'the definition of the table has changed since'
      WHEN 'create table' THEN 'it is there and was not before'
      WHEN 'create index' THEN 'it is there and was not before'
      WHEN 'add partition' THEN 'it is there and was not before'
      ELSE 'it is gone and was there before' END;
  END;

  FUNCTION is_done_before (p_sql IN CLOB, p_code IN NUMBER) RETURN NUMBER IS
  BEGIN
    -- the old name of a column is not there any more
    IF p_code = 1054 THEN
      RETURN head(p_sql) REGEXP '(?i)\\b(rename column|change( column)?) ';
    END IF;
    -- exists: table, key, column, partition, constraint, primary key; gone: key or column, partition, table
    RETURN CASE WHEN p_code IN (1050, 1060, 1061, 1068, 1517, 1826, 1091, 1507, 1735, 1051, 4091, 4092)
      THEN 1 ELSE 0 END;
  END;
END;
/
-- Nothing: the controller has the bodies of packages parsed in its name before it creates them.
CREATE OR REPLACE PACKAGE dom$check AS
END;
/
