CREATE OR REPLACE PACKAGE BODY drop_partition AS
  e_parameter_missing EXCEPTION;
  PRAGMA EXCEPTION_INIT(e_parameter_missing, -20115);

  -- What the tasks have in common

  FUNCTION string_or (p_handle IN VARCHAR2, p_name IN VARCHAR2, p_default IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN DOM.get_string_param(p_handle, p_name);
  EXCEPTION
    WHEN e_parameter_missing THEN
      RETURN p_default;
  END string_or;

  FUNCTION reference_date (p_handle IN VARCHAR2) RETURN DATE IS
  BEGIN
    RETURN DOM.get_date_param(p_handle, 'reference_date');
  EXCEPTION
    WHEN e_parameter_missing THEN
      RETURN SYSDATE;
  END reference_date;

  FUNCTION quoted (p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN dbms_assert.enquote_name(p_name, FALSE);
  END quoted;

  FUNCTION literal (p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN '''' || REPLACE(p_text, '''', '''''') || '''';
  END literal;

  -- The partition that the stream works on: there is one, for the iterator has chosen it.
  FUNCTION work_of (p_handle IN VARCHAR2) RETURN drop_partition_state%ROWTYPE IS
    v_work drop_partition_state%ROWTYPE;
  BEGIN
    SELECT s.* INTO v_work FROM drop_partition_state s WHERE s.handle = p_handle AND s.status = 'working';
    RETURN v_work;
  END work_of;

  FUNCTION table_of (p_work IN drop_partition_state%ROWTYPE) RETURN VARCHAR2 IS
  BEGIN
    RETURN quoted(p_work.table_owner) || '.' || quoted(p_work.table_name);
  END table_of;

  FUNCTION exchange_of (p_work IN drop_partition_state%ROWTYPE) RETURN VARCHAR2 IS
  BEGIN
    RETURN quoted(p_work.table_owner) || '.' || quoted(p_work.exchange_table);
  END exchange_of;

  FUNCTION is_table (p_owner IN VARCHAR2, p_table IN VARCHAR2) RETURN BOOLEAN IS
    v_found NUMBER;
  BEGIN
    SELECT COUNT(*) INTO v_found FROM all_tables t WHERE t.owner = p_owner AND t.table_name = p_table;
    RETURN v_found > 0;
  END is_table;

  FUNCTION is_partition (p_work IN drop_partition_state%ROWTYPE) RETURN BOOLEAN IS
    v_found NUMBER;
  BEGIN
    SELECT COUNT(*) INTO v_found FROM all_tab_partitions p
    WHERE p.table_owner = p_work.table_owner AND p.table_name = p_work.table_name
      AND p.partition_name = p_work.partition_name;
    RETURN v_found > 0;
  END is_partition;

  -- The three that every package has

  -- The catalogue keeps the limit as an expression. It is null for MAXVALUE, which is never past retention.
  FUNCTION date_of (p_high_value IN VARCHAR2) RETURN DATE IS
    v_date DATE;
  BEGIN
    IF p_high_value <> 'MAXVALUE' THEN
      EXECUTE IMMEDIATE 'SELECT ' || p_high_value || ' FROM dual' INTO v_date;
    END IF;
    RETURN v_date;
  END date_of;

  -- The oldest partition, if it is past retention. The youngest one is never taken: rows that stay need one.
  PROCEDURE find_next (p_owner IN VARCHAR2, p_table IN VARCHAR2, p_before IN DATE,
    p_work IN OUT drop_partition_state%ROWTYPE)
  IS
    v_high_value VARCHAR2(4000);
    v_high       DATE;
  BEGIN
    FOR r IN (
      SELECT p.partition_name, p.tablespace_name, p.high_value FROM all_tab_partitions p
      WHERE p.table_owner = p_owner AND p.table_name = p_table
        AND p.partition_position < (
          SELECT MAX(y.partition_position) FROM all_tab_partitions y
          WHERE y.table_owner = p_owner AND y.table_name = p_table)
      ORDER BY p.partition_position)
    LOOP
      v_high_value := r.high_value;
      v_high := date_of(v_high_value);
      IF v_high <= p_before THEN
        p_work.partition_name := r.partition_name;
        p_work.tablespace_name := r.tablespace_name;
        p_work.high_value := v_high;
      END IF;
      EXIT;
    END LOOP;
  END find_next;

  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2) IS
    v_owner  VARCHAR2(128) := UPPER(p_owner);
    v_table  VARCHAR2(128) := UPPER(p_object_name);
    v_before DATE;
    v_left   NUMBER;
    v_work   drop_partition_state%ROWTYPE;
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'iterator');

    -- A run that was cancelled may have left a partition half-way: it is taken over and ended first.
    SELECT COUNT(*) INTO v_left FROM drop_partition_state s
    WHERE s.table_owner = v_owner AND s.table_name = v_table AND s.status = 'working';
    IF v_left > 0 THEN
      DOM.execute_immediate(p_handle, 'UPDATE drop_partition_state SET handle = ' || literal(p_handle)
        || ' WHERE status = ''working'' AND table_owner = ' || literal(v_owner)
        || ' AND table_name = ' || literal(v_table));
      RETURN;
    END IF;

    v_before := ADD_MONTHS(
      TRUNC(reference_date(p_handle), 'MM'), -DOM.get_num_param(p_handle, 'months_kept'));
    find_next(v_owner, v_table, v_before, v_work);
    IF v_work.partition_name IS NULL THEN
      raise_application_error(-20100, 'No partition of ' || v_owner || '.' || v_table || ' before '
        || TO_CHAR(v_before, 'YYYY-MM-DD') || ' is left.');
    END IF;
    DOM.execute_immediate(p_handle, 'INSERT INTO drop_partition_state (handle, table_owner, table_name,'
      || ' partition_name, exchange_table, tablespace_name, high_value) VALUES (' || literal(p_handle) || ', '
      || literal(v_owner) || ', ' || literal(v_table) || ', ' || literal(v_work.partition_name) || ', '
      || literal(SUBSTR(v_table, 1, 90) || '_X_' || TO_CHAR(v_work.high_value, 'YYYYMMDD')) || ', '
      || literal(v_work.tablespace_name)
      || ', DATE ' || literal(TO_CHAR(v_work.high_value, 'YYYY-MM-DD')) || ')');
  END iterator;

  PROCEDURE initial (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'initial');
    -- What is to be switched on again is written down before it is switched off.
    DOM.execute_immediate(p_handle, 'INSERT INTO drop_partition_key (table_owner, table_name, child_owner,'
      || ' child_table, child_constraint)'
      || ' SELECT p.owner, p.table_name, c.owner, c.table_name, c.constraint_name'
      || ' FROM all_constraints p JOIN all_constraints c'
      || ' ON c.r_owner = p.owner AND c.r_constraint_name = p.constraint_name'
      || ' WHERE p.owner = ' || literal(v_work.table_owner)
      || ' AND p.table_name = ' || literal(v_work.table_name)
      || ' AND p.constraint_type IN (''P'', ''U'') AND c.constraint_type = ''R'' AND c.status = ''ENABLED'''
      || ' AND NOT EXISTS (SELECT 1 FROM drop_partition_key k'
      || ' WHERE k.child_owner = c.owner AND k.child_constraint = c.constraint_name)');
    FOR r IN (
      SELECT k.child_owner, k.child_table, k.child_constraint FROM drop_partition_key k
      WHERE k.table_owner = v_work.table_owner AND k.table_name = v_work.table_name)
    LOOP
      DOM.execute_immediate(p_handle, 'ALTER TABLE ' || quoted(r.child_owner) || '.' || quoted(r.child_table)
        || ' DISABLE CONSTRAINT ' || quoted(r.child_constraint));
    END LOOP;
  END initial;

  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N') IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'final');
    -- Rows that are there already are not looked through: the children of what went are for their own purge.
    FOR r IN (SELECT k.child_owner, k.child_table, k.child_constraint FROM drop_partition_key k) LOOP
      DOM.execute_immediate(p_handle, 'ALTER TABLE ' || quoted(r.child_owner) || '.' || quoted(r.child_table)
        || ' ENABLE NOVALIDATE CONSTRAINT ' || quoted(r.child_constraint));
    END LOOP;
    DOM.execute_immediate(p_handle, 'DELETE FROM drop_partition_key');
  END final;

  -- The tasks, in their order; each does nothing that has been done

  -- An exchange wants the same unique keys on both sides, and FOR EXCHANGE leaves them out.
  PROCEDURE add_keys (p_handle IN VARCHAR2, p_work IN drop_partition_state%ROWTYPE) IS
  BEGIN
    FOR r IN (
      SELECT c.constraint_type, SUBSTR(c.constraint_name, 1, 120) || '_X' AS key_name,
        LISTAGG('"' || l.column_name || '"', ', ') WITHIN GROUP (ORDER BY l.position) AS key_columns
      FROM all_constraints c
      JOIN all_cons_columns l ON l.owner = c.owner AND l.constraint_name = c.constraint_name
      WHERE c.owner = p_work.table_owner AND c.table_name = p_work.table_name
        AND c.constraint_type IN ('P', 'U') AND c.status = 'ENABLED'
        AND NOT EXISTS (
          SELECT 1 FROM all_constraints x
          WHERE x.owner = c.owner AND x.table_name = p_work.exchange_table
            AND x.constraint_name = SUBSTR(c.constraint_name, 1, 120) || '_X')
      GROUP BY c.constraint_type, c.constraint_name)
    LOOP
      DOM.execute_immediate(p_handle, 'ALTER TABLE ' || exchange_of(p_work) || ' ADD CONSTRAINT '
        || quoted(r.key_name) || CASE r.constraint_type WHEN 'P' THEN ' PRIMARY KEY (' ELSE ' UNIQUE (' END
        || r.key_columns || ')');
    END LOOP;
  END add_keys;

  -- Task 10: an empty table of the same shape, in the tablespace of the partition.
  PROCEDURE create_exchange (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'create_exchange');
    IF NOT is_table(v_work.table_owner, v_work.exchange_table) THEN
      DOM.execute_immediate(p_handle, 'CREATE TABLE ' || exchange_of(v_work)
        || CASE WHEN v_work.tablespace_name IS NOT NULL THEN
          ' TABLESPACE ' || quoted(v_work.tablespace_name) END
        || ' FOR EXCHANGE WITH TABLE ' || table_of(v_work));
    END IF;
    add_keys(p_handle, v_work);
  END create_exchange;

  -- Task 20: from now on nobody sees the rows in the partitioned table. Done twice it would bring them back:
  -- after a crash the ids of the two segments tell whether it was done, or else the rows in the new table.
  PROCEDURE exchange_partition (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'exchange_partition');
    DOM.execute_immediate(p_handle, 'ALTER TABLE ' || table_of(v_work) || ' EXCHANGE PARTITION '
      || quoted(v_work.partition_name) || ' WITH TABLE ' || exchange_of(v_work)
      || ' EXCLUDING INDEXES WITHOUT VALIDATION UPDATE GLOBAL INDEXES', NULL,
      'SELECT COUNT(*) FROM ' || exchange_of(v_work) || ' WHERE ROWNUM = 1');
  END exchange_partition;

  -- Task 30: the partition, now empty, goes.
  PROCEDURE drop_partition (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'drop_partition');
    IF is_partition(v_work) THEN
      DOM.execute_immediate(p_handle, 'ALTER TABLE ' || table_of(v_work) || ' DROP PARTITION '
        || quoted(v_work.partition_name) || ' UPDATE INDEXES');
    END IF;
  END drop_partition;

  -- Task 40: rows that must stay go back; the next younger partition takes them. One transaction, so that
  -- they are there once whatever happens.
  PROCEDURE reinsert_kept (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'reinsert_kept');
    DOM.execute_immediate(p_handle, 'INSERT INTO ' || table_of(v_work) || ' SELECT r.* FROM '
      || exchange_of(v_work) || ' r WHERE ' || string_or(p_handle, 'keep_where', '1 = 0'));
    DOM.execute_immediate(p_handle, 'UPDATE drop_partition_state SET rows_kept = '
      || DOM.last_row_count(p_handle) || ' WHERE status = ''working'' AND handle = ' || literal(p_handle));
  END reinsert_kept;

  -- Task 50: what is left of the partition goes.
  PROCEDURE drop_table (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'drop_table');
    IF is_table(v_work.table_owner, v_work.exchange_table) THEN
      DOM.execute_immediate(p_handle, 'DROP TABLE ' || exchange_of(v_work) || ' PURGE');
    END IF;
  END drop_table;

  -- Nothing lies in it, nothing is going to by default, and no other partitioned table counts on it.
  FUNCTION is_out_of_use (p_tablespace IN VARCHAR2) RETURN BOOLEAN IS
    v_uses NUMBER;
  BEGIN
    EXECUTE IMMEDIATE 'SELECT (SELECT COUNT(*) FROM dba_segments WHERE tablespace_name = :1)'
      || ' + (SELECT COUNT(*) FROM dba_users WHERE default_tablespace = :2)'
      || ' + (SELECT COUNT(*) FROM dba_part_tables WHERE def_tablespace_name = :3)'
      || ' + (SELECT COUNT(*) FROM dba_tab_partitions WHERE tablespace_name = :4) FROM dual'
      INTO v_uses USING p_tablespace, p_tablespace, p_tablespace, p_tablespace;
    RETURN v_uses = 0;
  END is_out_of_use;

  FUNCTION is_tablespace (p_name IN VARCHAR2) RETURN BOOLEAN IS
    v_found NUMBER;
  BEGIN
    EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM dba_tablespaces WHERE tablespace_name = :1'
      INTO v_found USING p_name;
    RETURN v_found > 0;
  END is_tablespace;

  -- Task 60: a tablespace of the partition's own goes with it.
  PROCEDURE drop_tablespace (p_handle IN VARCHAR2) IS
    v_work drop_partition_state%ROWTYPE := work_of(p_handle);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'drop_tablespace');
    IF v_work.tablespace_name IS NULL OR string_or(p_handle, 'drop_empty_tablespace', 'N') <> 'Y' THEN
      DOM.nothing_to_perform('Tablespaces stay.');
    ELSIF NOT is_tablespace(v_work.tablespace_name) THEN
      DOM.nothing_to_perform('Tablespace ' || v_work.tablespace_name || ' has gone already.');
    ELSIF NOT is_out_of_use(v_work.tablespace_name) THEN
      DOM.nothing_to_perform('Tablespace ' || v_work.tablespace_name || ' is still in use.');
    END IF;
    DOM.execute_immediate(p_handle, 'DROP TABLESPACE ' || quoted(v_work.tablespace_name)
      || ' INCLUDING CONTENTS AND DATAFILES');
  END drop_tablespace;

  -- Task 70: the partition is done, and the iterator looks for the next.
  PROCEDURE close_account (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'close_account');
    DOM.execute_immediate(p_handle, 'UPDATE drop_partition_state SET status = ''done'', finished_on = SYSDATE'
      || ' WHERE status = ''working'' AND handle = ' || literal(p_handle));
  END close_account;
END drop_partition;
/
