-- What the controller calls around units.

CREATE OR REPLACE PACKAGE dom$control AS
  FUNCTION session_lock (p_session_no IN NUMBER) RETURN VARCHAR2;
  PROCEDURE attach (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_run_id IN VARCHAR2, p_operation_id IN NUMBER,
    p_operation_name IN VARCHAR2, p_package IN VARCHAR2);
  PROCEDURE decide (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_kind IN VARCHAR2, p_object IN VARCHAR2,
    p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_outcome IN VARCHAR2, p_reason IN VARCHAR2);
  PROCEDURE fold (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_object IN VARCHAR2, p_iteration IN NUMBER);
  PROCEDURE forget (p_handle IN VARCHAR2);
END;
/
CREATE OR REPLACE PACKAGE BODY dom$control AS

  -- Named locks belong to the whole server, so the name of the schema is part of theirs.
  FUNCTION session_lock (p_session_no IN NUMBER) RETURN VARCHAR2 IS
  BEGIN
    RETURN 'odtm '||MD5(DATABASE()||' '||p_session_no);
  END;

  PROCEDURE attach (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_run_id IN VARCHAR2, p_operation_id IN NUMBER,
    p_operation_name IN VARCHAR2, p_package IN VARCHAR2) IS
    v_foreign INTEGER;
  BEGIN
    SELECT COUNT(*) INTO v_foreign FROM dom$stream s
    WHERE s.handle = p_handle AND (s.run_id <> p_run_id OR s.operation_id <> p_operation_id);
    IF v_foreign > 0 THEN
      raise_application_error(-20411, 'Handle '||p_handle||' is that of a run of another repository here: '
        ||'cancel this run and start it again, it gets another handle');
    END IF;
    INSERT INTO dom$stream
      (handle, attempt, run_id, operation_id, operation_name, package_name, attached_ms)
    VALUES (p_handle, p_stream_attempt, p_run_id, p_operation_id, p_operation_name, p_package,
      UNIX_TIMESTAMP(SYSDATE(6)) * 1000)
    ON DUPLICATE KEY UPDATE
      run_id = CASE WHEN attempt <= VALUE(attempt) THEN VALUE(run_id) ELSE run_id END,
      operation_id = CASE WHEN attempt <= VALUE(attempt) THEN VALUE(operation_id) ELSE operation_id END,
      operation_name = CASE WHEN attempt <= VALUE(attempt) THEN VALUE(operation_name) ELSE operation_name END,
      package_name = CASE WHEN attempt <= VALUE(attempt) THEN VALUE(package_name) ELSE package_name END,
      attached_ms = CASE WHEN attempt <= VALUE(attempt) THEN VALUE(attached_ms) ELSE attached_ms END,
      attempt = GREATEST(attempt, VALUE(attempt));
    dom$run.check_attempt(p_handle, p_stream_attempt);
    DELETE FROM dom$parameter WHERE handle = p_handle;
  END;

  PROCEDURE decide (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_kind IN VARCHAR2, p_object IN VARCHAR2,
    p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_outcome IN VARCHAR2, p_reason IN VARCHAR2) IS
    v_unit_id BIGINT;
    v_now NUMBER(17, 3) := UNIX_TIMESTAMP(SYSDATE(6)) * 1000;
  BEGIN
    -- The controller's session commits each statement by itself; this is one piece of work.
    START TRANSACTION;
    dom$run.check_attempt(p_handle, p_stream_attempt);
    SELECT MAX(u.unit_id) INTO v_unit_id FROM dom$unit u
    WHERE u.handle = p_handle AND u.object_key = p_object AND u.iteration = p_iteration AND u.task = p_task
      AND u.chunk = p_chunk AND u.attempt = p_attempt AND u.status = 'started'
    FOR UPDATE;
    DELETE FROM dom$statement WHERE unit_id = v_unit_id AND status = 'started';
    IF p_outcome = 'again' THEN
      -- What it has committed by itself stays in the record until the repository has it.
      DELETE FROM dom$unit WHERE handle = p_handle AND object_key = p_object AND iteration = p_iteration
        AND task = p_task AND chunk = p_chunk AND attempt = p_attempt AND unit_id = v_unit_id
        AND NOT EXISTS (SELECT 1 FROM dom$statement s WHERE s.unit_id = v_unit_id);
    ELSIF v_unit_id IS NOT NULL THEN
      UPDATE dom$unit u SET u.status = p_outcome, u.message = p_reason
      WHERE u.handle = p_handle AND u.object_key = p_object AND u.iteration = p_iteration
        AND u.task = p_task AND u.chunk = p_chunk AND u.attempt = p_attempt;
    ELSE
      INSERT INTO dom$unit (handle, object_key, iteration, task, chunk, attempt, unit_id, kind,
        stream_attempt, try_no, status, started_ms, message)
      SELECT p_handle, p_object, p_iteration, p_task, p_chunk, p_attempt, dom$seq.NEXTVAL, p_kind,
        p_stream_attempt, 1, p_outcome, v_now, p_reason FROM dual
      WHERE NOT EXISTS (SELECT 1 FROM dom$unit u
        WHERE u.handle = p_handle AND u.object_key = p_object AND u.iteration = p_iteration
          AND u.task = p_task AND u.chunk = p_chunk AND u.attempt = p_attempt);
    END IF;
    COMMIT;
  END;

  PROCEDURE fold (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_object IN VARCHAR2, p_iteration IN NUMBER) IS
  BEGIN
    START TRANSACTION;
    dom$run.check_attempt(p_handle, p_stream_attempt);
    DELETE u FROM dom$unit u LEFT JOIN dom$statement s ON s.unit_id = u.unit_id
    WHERE u.handle = p_handle AND u.object_key = p_object AND u.iteration < p_iteration AND u.attempt = 0
      AND s.unit_id IS NULL;
    DELETE FROM dom$chunk
    WHERE handle = p_handle AND object_key = p_object AND iteration < p_iteration;
    COMMIT;
  END;

  PROCEDURE forget (p_handle IN VARCHAR2) IS
  BEGIN
    START TRANSACTION;
    -- As joins: the server would look into a subquery of a DELETE once for each row.
    DELETE s FROM dom$statement s INNER JOIN dom$unit u ON u.unit_id = s.unit_id WHERE u.handle = p_handle;
    DELETE FROM dom$chunk WHERE handle = p_handle;
    DELETE FROM dom$parameter WHERE handle = p_handle;
    DELETE FROM dom$unit WHERE handle = p_handle;
    DELETE l FROM dom$log l INNER JOIN dom$session s ON s.session_no = l.session_no
    WHERE s.handle = p_handle;
    DELETE FROM dom$session WHERE handle = p_handle;
    DELETE FROM dom$stream WHERE handle = p_handle;
    COMMIT;
  END;
END;
/
