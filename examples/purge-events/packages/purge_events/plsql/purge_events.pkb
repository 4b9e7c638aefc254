CREATE OR REPLACE PACKAGE BODY purge_events AS
  c_module CONSTANT VARCHAR2(30) := 'purge_events';

  -- The state of the stream. Parallel chunks run in sessions of their own, so each call reads it anew.
  g_owner       purge_events_state.owner%TYPE;
  g_table       VARCHAR2(261);
  g_month_start DATE;
  g_month_end   DATE;

  FUNCTION literal (p_date IN DATE) RETURN VARCHAR2 IS
  BEGIN
    RETURN 'DATE '''||TO_CHAR(p_date, 'YYYY-MM-DD')||'''';
  END literal;

  -- The condition of the month, for statements on the table of events and on its archive.
  FUNCTION of_month RETURN VARCHAR2 IS
  BEGIN
    RETURN 'event_date >= '||literal(g_month_start)||' AND event_date < '||literal(g_month_end);
  END of_month;

  PROCEDURE read_state (p_handle IN VARCHAR2, p_action IN VARCHAR2) IS
    v_name purge_events_state.table_name%TYPE;
  BEGIN
    DOM.initialise(p_handle, c_module, p_action);
    SELECT s.owner, s.table_name, s.month_start, s.month_end
    INTO   g_owner, v_name, g_month_start, g_month_end
    FROM   purge_events_state s
    WHERE  s.handle = p_handle;
    g_table := g_owner||'.'||v_name;
  EXCEPTION
    WHEN NO_DATA_FOUND THEN
      raise_application_error(-20201, 'The iterator has left no state for '||p_handle);
  END read_state;

  PROCEDURE write_state (
    p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2, p_month IN DATE) IS
  BEGIN
    UPDATE purge_events_state s
    SET    s.owner = p_owner, s.table_name = p_object_name,
           s.month_start = p_month, s.month_end = ADD_MONTHS(p_month, 1)
    WHERE  s.handle = p_handle;
    IF SQL%ROWCOUNT = 0 THEN
      INSERT INTO purge_events_state (handle, owner, table_name, month_start, month_end)
      VALUES (p_handle, p_owner, p_object_name, p_month, ADD_MONTHS(p_month, 1));
    END IF;
  END write_state;

  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2) IS
    v_kept   NUMBER(4);
    v_cutoff DATE;
    v_first  DATE;
  BEGIN
    DOM.initialise(p_handle, c_module, 'iterator');
    v_kept := DOM.get_num_param(p_handle, p_owner||'.'||p_object_name, 'months_kept');
    v_cutoff := ADD_MONTHS(TRUNC(DOM.get_date_param(p_handle, 'reference_date'), 'MM'), -1 * v_kept);
    DOM.select_date(p_handle, 'SELECT MIN(event_date) FROM '||p_owner||'.'||p_object_name, v_first);
    IF v_first IS NULL OR v_first >= v_cutoff THEN
      raise_application_error(-20100, 'All months before '||TO_CHAR(v_cutoff, 'YYYY-MM')||' are purged');
    END IF;
    write_state(p_handle, p_owner, p_object_name, TRUNC(v_first, 'MM'));
  END iterator;

  PROCEDURE initial (p_handle IN VARCHAR2) IS
  BEGIN
    read_state(p_handle, 'initial');
    DOM.log_message(p_handle, 'Begins with '||TO_CHAR(g_month_start, 'YYYY-MM')||' of '||g_table);
  END initial;

  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N') IS
  BEGIN
    DOM.initialise(p_handle, c_module, 'final');
    IF p_after_error = 'N' THEN
      DELETE FROM purge_events_state WHERE handle = p_handle;
    END IF;
  END final;

  -- What an earlier call has archived of the month goes first.
  PROCEDURE archive_month (p_handle IN VARCHAR2) IS
  BEGIN
    read_state(p_handle, 'archive_month');
    DOM.execute_immediate(p_handle, 'DELETE FROM '||g_table||'_arch WHERE '||of_month());
    DOM.execute_immediate(p_handle,
      'INSERT INTO '||g_table||'_arch (id, account_id, event_date, amount, note)'
      ||' SELECT id, account_id, event_date, amount, note FROM '||g_table||' WHERE '||of_month());
  END archive_month;

  PROCEDURE build_rollup (p_handle IN VARCHAR2) IS
    v_rollup VARCHAR2(261);
  BEGIN
    read_state(p_handle, 'build_rollup');
    v_rollup := g_owner||'.event_rollup';
    DOM.execute_immediate(p_handle,
      'DELETE FROM '||v_rollup||' WHERE month_start = '||literal(g_month_start));
    DOM.execute_immediate(p_handle,
      'INSERT INTO '||v_rollup||' (month_start, account_id, events, amount)'
      ||' SELECT '||literal(g_month_start)||', account_id, COUNT(*), SUM(amount) FROM '||g_table||'_arch'
      ||' WHERE '||of_month()||' GROUP BY account_id');
  END build_rollup;

  PROCEDURE purge_month (p_handle IN VARCHAR2) IS
  BEGIN
    read_state(p_handle, 'purge_month');
    DOM.execute_immediate(p_handle,
      'DELETE FROM '||g_table||' WHERE id >= '||DOM.chunk_low(p_handle)
      ||' AND id < '||DOM.chunk_high(p_handle)||' AND '||of_month());
  END purge_month;
END purge_events;
/
