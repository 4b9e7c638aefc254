CREATE OR REPLACE PACKAGE BODY drop_partition AS
  -- The partition that the stream works on.
  g_owner     VARCHAR2(64);
  g_table     VARCHAR2(64);
  g_partition VARCHAR2(64);
  g_exchange  VARCHAR2(64);

  FUNCTION quoted (p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN '"' || p_name || '"';
  END quoted;

  FUNCTION literal (p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN '''' || p_text || '''';
  END literal;

  PROCEDURE read_work (p_handle IN VARCHAR2) IS
  BEGIN
    SELECT MAX(s.table_owner), MAX(s.table_name), MAX(s.partition_name), MAX(s.exchange_table)
    INTO g_owner, g_table, g_partition, g_exchange
    FROM drop_partition_state s WHERE s.handle = p_handle AND s.status = 'working';
    IF g_partition IS NULL THEN
      raise_application_error(-20300, 'There is no partition in work for ' || p_handle);
    END IF;
  END read_work;

  FUNCTION table_of (p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN quoted(g_owner) || '.' || quoted(p_name);
  END table_of;

  -- 0: no such table, 1: one without partitions, 2: a partitioned one
  FUNCTION kind_of (p_owner IN VARCHAR2, p_table IN VARCHAR2) RETURN NUMBER IS
    v_partitions NUMBER(10);
    v_rows       NUMBER(10);
  BEGIN
    SELECT COUNT(*), COUNT(p.partition_name) INTO v_rows, v_partitions
    FROM information_schema.partitions p WHERE p.table_schema = p_owner AND p.table_name = p_table;
    IF v_partitions > 0 THEN
      RETURN 2;
    ELSIF v_rows > 0 THEN
      RETURN 1;
    END IF;
    RETURN 0;
  END kind_of;

  FUNCTION partition_count (p_owner IN VARCHAR2, p_table IN VARCHAR2, p_partition IN VARCHAR2)
    RETURN NUMBER IS
    v_found NUMBER(10);
  BEGIN
    SELECT COUNT(*) INTO v_found FROM information_schema.partitions p
    WHERE p.table_schema = p_owner AND p.table_name = p_table AND p.partition_name = p_partition;
    RETURN v_found;
  END partition_count;

  FUNCTION reference_date (p_handle IN VARCHAR2) RETURN DATE IS
  BEGIN
    RETURN DOM.get_date_param(p_handle, 'reference_date');
  EXCEPTION
    WHEN others THEN
      RETURN SYSDATE;
  END reference_date;

  FUNCTION keep_where (p_handle IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN DOM.get_string_param(p_handle, 'keep_where');
  EXCEPTION
    WHEN others THEN
      RETURN '1 = 0';
  END keep_where;

  -- The oldest partition, if it is past retention. The youngest one is never taken: rows that stay need one.
  PROCEDURE find_next (p_owner IN VARCHAR2, p_table IN VARCHAR2, p_before IN DATE, p_partition OUT VARCHAR2,
    p_high OUT DATE)
  IS
    v_first NUMBER(10);
    v_last  NUMBER(10);
    v_limit VARCHAR2(64);
    v_high  DATE;
    v_name  VARCHAR2(64);
  BEGIN
    p_partition := NULL;
    SELECT MIN(p.partition_ordinal_position), MAX(p.partition_ordinal_position) INTO v_first, v_last
    FROM information_schema.partitions p WHERE p.table_schema = p_owner AND p.table_name = p_table;
    IF v_first < v_last THEN
      SELECT MAX(p.partition_name), MAX(p.partition_description) INTO v_name, v_limit
      FROM information_schema.partitions p
      WHERE p.table_schema = p_owner AND p.table_name = p_table AND p.partition_ordinal_position = v_first;
      v_high := TO_DATE(SUBSTR(v_limit, 2, 10), 'YYYY-MM-DD');
      IF v_high <= p_before THEN
        p_partition := v_name;
        p_high := v_high;
      END IF;
    END IF;
  END find_next;

  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2) IS
    v_before    DATE;
    v_high      DATE;
    v_left      NUMBER(10);
    v_months    NUMBER(10);
    v_partition VARCHAR2(64);
    v_exchange  VARCHAR2(64);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'iterator');

    -- A run that was cancelled may have left a partition half-way: it is taken over and ended first.
    SELECT COUNT(*) INTO v_left FROM drop_partition_state s
    WHERE s.table_owner = p_owner AND s.table_name = p_object_name AND s.status = 'working';
    IF v_left > 0 THEN
      DOM.execute_immediate(p_handle, 'UPDATE drop_partition_state SET handle = ' || literal(p_handle)
        || ' WHERE status = ''working'' AND table_owner = ' || literal(p_owner)
        || ' AND table_name = ' || literal(p_object_name), NULL, NULL);
    ELSE
      v_months := DOM.get_num_param(p_handle, 'months_kept');
      v_before := ADD_MONTHS(TRUNC(reference_date(p_handle), 'MM'), -1 * v_months);
      find_next(p_owner, p_object_name, v_before, v_partition, v_high);
      IF v_partition IS NULL THEN
        raise_application_error(-20100, 'No partition of ' || p_owner || '.' || p_object_name || ' before '
          || TO_CHAR(v_before, 'YYYY-MM-DD') || ' is left.');
      END IF;
      v_exchange := SUBSTR(p_object_name, 1, 40) || '_x_' || TO_CHAR(v_high, 'YYYYMMDD');
      DOM.execute_immediate(p_handle, 'INSERT INTO drop_partition_state (handle, table_owner, table_name,'
        || ' partition_name, exchange_table, high_value) VALUES (' || literal(p_handle) || ', '
        || literal(p_owner) || ', ' || literal(p_object_name) || ', ' || literal(v_partition) || ', '
        || literal(v_exchange) || ', DATE ' || literal(TO_CHAR(v_high, 'YYYY-MM-DD')) || ')', NULL, NULL);
    END IF;
  END iterator;

  -- While a partition is on its way out, whoever feeds the table keeps new rows back.
  PROCEDURE set_feed (p_handle IN VARCHAR2, p_enabled IN CHAR) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'UPDATE app.feed SET enabled = ' || literal(p_enabled)
      || ' WHERE name = ''orders''', NULL, NULL);
  END set_feed;

  PROCEDURE initial (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'initial');
    set_feed(p_handle, 'N');
  END initial;

  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'final');
    set_feed(p_handle, 'Y');
  END final;

  -- Task 10: an empty table of the same shape, without partitions.
  PROCEDURE create_exchange (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'create_exchange');
    read_work(p_handle);
    IF kind_of(g_owner, g_exchange) = 0 THEN
      DOM.execute_immediate(p_handle, 'CREATE TABLE ' || table_of(g_exchange) || ' LIKE '
        || table_of(g_table), NULL, NULL);
    END IF;
    IF kind_of(g_owner, g_exchange) = 2 THEN
      DOM.execute_immediate(p_handle, 'ALTER TABLE ' || table_of(g_exchange) || ' REMOVE PARTITIONING',
        NULL, NULL);
    END IF;
  END create_exchange;

  -- Task 20: from now on nobody sees the rows in the partitioned table. Done twice it would bring them back:
  -- the rows in the new table tell whether it was done.
  PROCEDURE exchange_partition (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'exchange_partition');
    read_work(p_handle);
    DOM.execute_immediate(p_handle, 'ALTER TABLE ' || table_of(g_table) || ' EXCHANGE PARTITION '
      || quoted(g_partition) || ' WITH TABLE ' || table_of(g_exchange), NULL,
      'SELECT COUNT(*) FROM (SELECT 1 FROM ' || table_of(g_exchange) || ' LIMIT 1) q');
  END exchange_partition;

  -- Task 30: the partition, now empty, goes.
  PROCEDURE drop_partition (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'drop_partition');
    read_work(p_handle);
    IF partition_count(g_owner, g_table, g_partition) > 0 THEN
      DOM.execute_immediate(p_handle, 'ALTER TABLE ' || table_of(g_table) || ' DROP PARTITION '
        || quoted(g_partition), NULL, NULL);
    END IF;
  END drop_partition;

  -- Task 40: rows that must stay go back; the next younger partition takes them.
  PROCEDURE reinsert_kept (p_handle IN VARCHAR2) IS
    v_kept NUMBER(18);
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'reinsert_kept');
    read_work(p_handle);
    DOM.execute_immediate(p_handle, 'INSERT INTO ' || table_of(g_table) || ' SELECT r.* FROM '
      || table_of(g_exchange) || ' r WHERE ' || keep_where(p_handle), NULL, NULL);
    v_kept := DOM.last_row_count(p_handle);
    DOM.execute_immediate(p_handle, 'UPDATE drop_partition_state SET rows_kept = ' || v_kept
      || ' WHERE status = ''working'' AND handle = ' || literal(p_handle), NULL, NULL);
  END reinsert_kept;

  -- Task 50: what is left of the partition goes.
  PROCEDURE drop_table (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'drop_table');
    read_work(p_handle);
    IF kind_of(g_owner, g_exchange) > 0 THEN
      DOM.execute_immediate(p_handle, 'DROP TABLE ' || table_of(g_exchange), NULL, NULL);
    END IF;
  END drop_table;

  -- Task 60: there are no tablespaces here that a partition could leave empty.
  PROCEDURE drop_tablespace (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'drop_tablespace');
    DOM.nothing_to_perform('MariaDB has no tablespace to drop.');
  END drop_tablespace;

  -- Task 70: the partition is done, and the iterator looks for the next.
  PROCEDURE close_account (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'drop_partition', 'close_account');
    DOM.execute_immediate(p_handle, 'UPDATE drop_partition_state SET status = ''done'''
      || ' WHERE status = ''working'' AND handle = ' || literal(p_handle), NULL, NULL);
  END close_account;
END drop_partition;
/
