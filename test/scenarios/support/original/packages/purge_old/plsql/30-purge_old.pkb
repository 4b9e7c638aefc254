CREATE OR REPLACE PACKAGE BODY PURGE_OLD IS
  c_ARCH     CONSTANT VARCHAR2(5 CHAR) := '_arch';
  c_DAY      CONSTANT VARCHAR2(10 CHAR) := 'YYYY-MM-DD';
  g_table    VARCHAR2(130);
  g_start    state_purge_old.month_start%TYPE;
  g_end      DATE;
  sql_str    VARCHAR2(31000);

  FUNCTION label (p_date IN DATE) RETURN VARCHAR2 IS
  BEGIN
    RETURN 'DATE '''||TO_CHAR(p_date, c_DAY)||'''';
  END label;

  FUNCTION chunk_size (p_handle IN VARCHAR2, p_default IN PLS_INTEGER := 150) RETURN NUMBER IS
    no_parameter EXCEPTION;
    PRAGMA EXCEPTION_INIT(no_parameter, -20115);
  BEGIN
    RETURN DOM.get_num_param(p_handle, 'CHUNK SIZE');
  EXCEPTION
    WHEN no_parameter THEN RETURN p_default;
  END chunk_size;

  PROCEDURE get_state (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle);
    SELECT table_name, month_start, month_end INTO g_table, g_start, g_end   -- none: NO_DATA_FOUND goes out
    FROM state_purge_old WHERE run_id = TO_NUMBER(p_handle);
    sql_str := NULL;
  END get_state;

  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2) IS
    first_   DATE;
    cutoff_  DATE;
    dup_     EXCEPTION;
    PRAGMA EXCEPTION_INIT(dup_, -1);
  BEGIN
    DOM.initialise(p_handle, 'purge', 'iterator');
    g_table := p_owner||'.'||p_object_name;
    cutoff_ := ADD_MONTHS(TRUNC(DOM.get_date_param(p_handle, 'TODAY'), 'MONTH'),
      -1*DOM.get_num_param(p_handle, p_object_name, 'MONTHS TRAILING'));
    BEGIN
      EXECUTE IMMEDIATE 'SELECT event_date FROM (SELECT event_date FROM '||g_table
        ||' WHERE event_date < :c ORDER BY event_date) q WHERE ROWNUM < 2' INTO first_ USING cutoff_;
    EXCEPTION
      WHEN no_data_found THEN
        raise_application_error(-20100, q'[All months before ]'||TO_CHAR(cutoff_, 'YYYY-MM')||' purged');
    END;
    g_start := TRUNC(first_, 'MM');
    g_end := ADD_MONTHS(g_start, 1);
    BEGIN
      INSERT INTO state_purge_old (run_id, table_name, month_start, month_end)
      VALUES (TO_NUMBER(p_handle), g_table, g_start, g_end);
    EXCEPTION
      WHEN dup_ THEN
        UPDATE state_purge_old SET table_name = g_table, month_start = g_start, month_end = g_end
        WHERE run_id = TO_NUMBER(p_handle);
    END;
    COMMIT;
  END iterator;

  PROCEDURE initial (p_handle IN VARCHAR2) IS
  BEGIN
    get_state(p_handle);
    DOM.log_message(p_handle, 'from '||label(g_start)||' by '||chunk_size(p_handle));
  END initial;

  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N') IS
  BEGIN
    DOM.initialise(p_handle);
    IF p_after_error <> 'Y' THEN
      DELETE state_purge_old WHERE run_id = TO_NUMBER(p_handle);
      COMMIT;
    END IF;
  END final;

  PROCEDURE archive_month (p_handle IN VARCHAR2) IS
    archived_ PLS_INTEGER;
  BEGIN
    get_state(p_handle);
    DOM.execute_immediate(p_handle, 'DELETE FROM '||g_table||c_ARCH||' WHERE event_date >= '||label(g_start)
      ||' AND event_date < '||label(g_end));
    sql_str := 'INSERT INTO '||g_table||c_ARCH||' (id, account_id, event_date, amount, note)'
      ||' SELECT id, account_id, event_date, amount, note FROM '||g_table;
    DOM.execute_immediate(p_handle, sql_str||' WHERE event_date >= '||label(g_start)
      ||' AND event_date < '||label(g_end), 'ALTER SESSION ENABLE PARALLEL DML');
    EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM '||g_table||c_ARCH INTO archived_;
    IF archived_ = 0 THEN
      raise_application_error(-20300, 'nothing archived');
    END IF;
  END archive_month;

  PROCEDURE purge_month (p_handle IN VARCHAR2) IS
    chunk_ PLS_INTEGER := chunk_size(p_handle);
    rows_  PLS_INTEGER;
  BEGIN
    get_state(p_handle);
    LOOP
      EXECUTE IMMEDIATE 'DELETE FROM '||g_table||' WHERE event_date >= :1 AND event_date < :2'
        ||' AND ROWNUM <= :3' USING g_start, g_end, chunk_;
      rows_ := SQL%ROWCOUNT;
      COMMIT;
      EXIT WHEN rows_ = 0;
    END LOOP;
  END purge_month;
END PURGE_OLD;
/
