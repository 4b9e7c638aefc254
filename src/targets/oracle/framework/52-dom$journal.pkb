CREATE OR REPLACE PACKAGE BODY dom$journal AS

  -- Nobody waits for the redo of the live log: what must not be lost stands in dom$statement.
  PROCEDURE put (p_event IN dom$log%ROWTYPE) IS
    PRAGMA AUTONOMOUS_TRANSACTION;
  BEGIN
    INSERT INTO dom$log VALUES p_event;
    COMMIT WRITE BATCH NOWAIT;
  END put;

  FUNCTION event_of (p_event IN CHAR, p_seq IN NUMBER) RETURN dom$log%ROWTYPE IS
    v_event dom$log%ROWTYPE;
  BEGIN
    dom$current.g_event_no := dom$current.g_event_no + 1;
    v_event.session_no := dom$current.g_session_no;
    v_event.event_no := dom$current.g_event_no;
    v_event.unit_id := dom$current.g_unit.unit_id;
    v_event.event := p_event;
    v_event.seq := p_seq;
    v_event.depth := dom$current.g_depth;
    v_event.at_ms := dom$current.now_ms;
    RETURN v_event;
  END event_of;

  PROCEDURE began (p_seq IN NUMBER, p_sql IN CLOB) IS
    v_event dom$log%ROWTYPE;
  BEGIN
    IF dom$current.g_session_no IS NOT NULL THEN
      v_event := event_of('B', p_seq);
      v_event.sql_text := p_sql;
      put(v_event);
    END IF;
  END began;

  PROCEDURE ended (p_seq IN NUMBER, p_elapsed_ms IN NUMBER, p_rows IN NUMBER, p_usage IN dom$usage.t_usage) IS
    v_event dom$log%ROWTYPE;
  BEGIN
    IF dom$current.g_session_no IS NOT NULL THEN
      v_event := event_of('E', p_seq);
      v_event.elapsed_ms := p_elapsed_ms;
      v_event.row_count := p_rows;
      v_event.workers := p_usage.workers;
      v_event.redo_bytes := p_usage.redo_bytes;
      v_event.undo_bytes := p_usage.undo_bytes;
      v_event.sql_text := p_usage.remark;
      put(v_event);
    END IF;
  END ended;

  -- The lines of package code that are being executed, innermost first, as an error stack writes them.
  FUNCTION callers RETURN VARCHAR2 IS
    v_lines VARCHAR2(8000);
    v_name  VARCHAR2(1000);
  BEGIN
    FOR i IN 1 .. utl_call_stack.dynamic_depth LOOP
      v_name := utl_call_stack.subprogram(i)(1);
      IF v_name NOT LIKE 'DOM$%' AND v_name NOT IN ('DOM', '__anonymous_block') THEN
        v_lines := SUBSTR(v_lines || CHR(10) || 'ORA-06512: at "' || utl_call_stack.owner(i) || '.' || v_name
          || '", line ' || utl_call_stack.unit_line(i), 1, 4000);
      END IF;
    END LOOP;
    RETURN v_lines;
  EXCEPTION
    WHEN OTHERS THEN
      -- The stack is an addition to the error: without it the error stays as it is.
      RETURN v_lines;
  END callers;

  PROCEDURE failed (p_seq IN NUMBER, p_elapsed_ms IN NUMBER) IS
    v_event dom$log%ROWTYPE;
    -- As the client counts errors: without a sign, and two that PL/SQL numbers in its own way.
    v_code  PLS_INTEGER := CASE SQLCODE WHEN 100 THEN 1403 WHEN 1 THEN 6510 ELSE -SQLCODE END;
    v_text  CLOB := dbms_utility.format_error_stack || dbms_utility.format_error_backtrace;
  BEGIN
    IF dom$current.g_session_no IS NOT NULL THEN
      v_event := event_of('F', p_seq);
      v_event.elapsed_ms := p_elapsed_ms;
      v_event.code := v_code;
      v_event.sql_text := RTRIM(v_text, CHR(10)) || callers;
      put(v_event);
    END IF;
  EXCEPTION
    WHEN OTHERS THEN
      NULL;
  END failed;

  PROCEDURE said (p_seq IN NUMBER, p_message IN CLOB) IS
    v_event dom$log%ROWTYPE;
  BEGIN
    IF dom$current.g_session_no IS NOT NULL THEN
      v_event := event_of('M', p_seq);
      v_event.sql_text := p_message;
      put(v_event);
    END IF;
  END said;
END dom$journal;
/
