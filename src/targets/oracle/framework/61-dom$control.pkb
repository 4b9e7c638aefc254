CREATE OR REPLACE PACKAGE BODY dom$control AS
  gc_idle_seconds CONSTANT NUMBER(4) := 3;

  FUNCTION update_stream (p_stream IN dom$stream%ROWTYPE) RETURN BOOLEAN IS
  BEGIN
    UPDATE dom$stream s
    SET s.attempt = p_stream.attempt, s.run_id = p_stream.run_id, s.operation_id = p_stream.operation_id,
      s.operation_name = p_stream.operation_name, s.package_name = p_stream.package_name,
      s.attached_ms = p_stream.attached_ms
    WHERE s.handle = p_stream.handle AND s.attempt <= p_stream.attempt AND s.run_id = p_stream.run_id
      AND s.operation_id = p_stream.operation_id;
    RETURN SQL%ROWCOUNT > 0;
  END update_stream;

  PROCEDURE insert_stream (p_stream IN dom$stream%ROWTYPE) IS
  BEGIN
    INSERT INTO dom$stream VALUES p_stream;
  EXCEPTION
    WHEN DUP_VAL_ON_INDEX THEN
      -- A newer attempt is there, or another one has just come: the newer of the two has it.
      IF NOT update_stream(p_stream) THEN
        dom$current.check_attempt(p_stream.handle, p_stream.attempt);
      END IF;
  END insert_stream;

  -- Another repository may have given the same handle: its stream is left alone.
  PROCEDURE check_own (p_stream IN dom$stream%ROWTYPE) IS
    v_foreign NUMBER(1);
  BEGIN
    SELECT COUNT(*) INTO v_foreign FROM dom$stream s
    WHERE s.handle = p_stream.handle
      AND (s.run_id <> p_stream.run_id OR s.operation_id <> p_stream.operation_id);
    IF v_foreign > 0 THEN
      raise_application_error(dom$error.gc_foreign, 'Handle ' || p_stream.handle || ' is that of a run of '
        || 'another repository here: cancel this run and start it again, it gets another handle');
    END IF;
  END check_own;

  PROCEDURE attach (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_run_id IN VARCHAR2,
    p_operation_id IN NUMBER, p_operation_name IN VARCHAR2, p_package IN VARCHAR2)
  IS
    v_stream dom$stream%ROWTYPE;
  BEGIN
    v_stream.handle := p_handle;
    v_stream.attempt := p_stream_attempt;
    v_stream.run_id := p_run_id;
    v_stream.operation_id := p_operation_id;
    v_stream.operation_name := p_operation_name;
    v_stream.package_name := p_package;
    v_stream.attached_ms := dom$current.now_ms;
    IF NOT update_stream(v_stream) THEN
      insert_stream(v_stream);
    END IF;
    check_own(v_stream);
    DELETE FROM dom$parameter p WHERE p.handle = p_handle;
  END attach;

  PROCEDURE insert_decision (p_unit IN dom$unit%ROWTYPE) IS
  BEGIN
    INSERT INTO dom$unit VALUES p_unit;
  EXCEPTION
    WHEN DUP_VAL_ON_INDEX THEN
      -- It has been finished in between, and stays as it is.
      NULL;
  END insert_decision;

  -- Writes the outcome into the row that was begun, or as a row of its own.
  PROCEDURE write_outcome (p_unit IN dom$unit%ROWTYPE) IS
    v_unit_id NUMBER(18);
  BEGIN
    UPDATE dom$unit u SET u.status = p_unit.status, u.message = p_unit.message
    WHERE u.handle = p_unit.handle AND u.object_key = p_unit.object_key AND u.iteration = p_unit.iteration
      AND u.task = p_unit.task AND u.chunk = p_unit.chunk AND u.attempt = p_unit.attempt
      AND u.status = 'started'
    RETURNING u.unit_id INTO v_unit_id;
    IF SQL%ROWCOUNT = 0 THEN
      insert_decision(p_unit);
    ELSE
      DELETE FROM dom$statement s WHERE s.unit_id = v_unit_id AND s.status = 'started';
    END IF;
  END write_outcome;

  -- The unit will run again: what is in doubt counts as not done.
  PROCEDURE clear_doubts (p_unit IN dom$unit%ROWTYPE) IS
  BEGIN
    FOR r IN (
      SELECT u.unit_id FROM dom$unit u
      WHERE u.handle = p_unit.handle AND u.object_key = p_unit.object_key AND u.iteration = p_unit.iteration
        AND u.task = p_unit.task AND u.chunk = p_unit.chunk AND u.attempt = p_unit.attempt
        AND u.status = 'started'
      FOR UPDATE)
    LOOP
      DELETE FROM dom$statement s WHERE s.unit_id = r.unit_id AND s.status = 'started';
      DELETE FROM dom$unit u
      WHERE u.unit_id = r.unit_id
        AND NOT EXISTS (SELECT 1 FROM dom$statement s WHERE s.unit_id = r.unit_id);
    END LOOP;
  END clear_doubts;

  PROCEDURE decide (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_outcome IN VARCHAR2, p_reason IN VARCHAR2)
  IS
    v_unit dom$unit%ROWTYPE;
  BEGIN
    dom$current.check_attempt(p_handle, p_stream_attempt);
    v_unit.handle := p_handle;
    v_unit.object_key := NVL(p_object, '-');
    v_unit.iteration := p_iteration;
    v_unit.task := p_task;
    v_unit.chunk := p_chunk;
    v_unit.attempt := p_attempt;
    v_unit.unit_id := dom$seq.NEXTVAL;
    v_unit.kind := p_kind;
    v_unit.stream_attempt := p_stream_attempt;
    v_unit.try_no := 1;
    v_unit.status := p_outcome;
    v_unit.started_ms := dom$current.now_ms;
    v_unit.message := SUBSTRB(p_reason, 1, 4000);
    IF p_outcome = 'again' THEN
      clear_doubts(v_unit);
    ELSE
      write_outcome(v_unit);
    END IF;
    COMMIT;
  END decide;

  PROCEDURE fold (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_object IN VARCHAR2,
    p_iteration IN NUMBER)
  IS
    v_object VARCHAR2(260) := NVL(p_object, '-');
  BEGIN
    dom$current.check_attempt(p_handle, p_stream_attempt);
    DELETE FROM dom$unit u
    WHERE u.handle = p_handle AND u.object_key = v_object AND u.iteration < p_iteration AND u.attempt = 0
      AND NOT EXISTS (SELECT 1 FROM dom$statement s WHERE s.unit_id = u.unit_id);
    DELETE FROM dom$chunk c
    WHERE c.handle = p_handle AND c.object_key = v_object AND c.iteration < p_iteration;
    COMMIT;
  END fold;

  PROCEDURE forget (p_handle IN VARCHAR2) IS
  BEGIN
    DELETE FROM dom$statement s
    WHERE s.unit_id IN (SELECT u.unit_id FROM dom$unit u WHERE u.handle = p_handle);
    DELETE FROM dom$log l
    WHERE l.session_no IN (SELECT n.session_no FROM dom$session n WHERE n.handle = p_handle);
    DELETE FROM dom$session n WHERE n.handle = p_handle;
    DELETE FROM dom$chunk c WHERE c.handle = p_handle;
    DELETE FROM dom$parameter p WHERE p.handle = p_handle;
    DELETE FROM dom$unit u WHERE u.handle = p_handle;
    DELETE FROM dom$stream t WHERE t.handle = p_handle;
    COMMIT;
  END forget;

  PROCEDURE live_sessions (p_handle IN VARCHAR2, o_sessions OUT VARCHAR2) IS
    v_own      VARCHAR2(64) := dbms_session.unique_session_id;
    v_unique   VARCHAR2(128);
    v_sessions VARCHAR2(32767);
  BEGIN
    FOR r IN (
      SELECT s.session_no, s.server_session FROM dom$session s WHERE s.handle = p_handle
      ORDER BY s.session_no)
    LOOP
      v_unique := SUBSTR(r.server_session, 1, INSTR(r.server_session, ' ') - 1);
      IF v_unique = v_own THEN
        CONTINUE;
      ELSIF dbms_session.is_session_alive(v_unique) THEN
        v_sessions := v_sessions || CASE WHEN v_sessions IS NOT NULL THEN ';' END || r.session_no || ':'
          || r.server_session;
      ELSE
        DELETE FROM dom$log l WHERE l.session_no = r.session_no;
        DELETE FROM dom$session s WHERE s.session_no = r.session_no;
      END IF;
    END LOOP;
    COMMIT;
    o_sessions := v_sessions;
  END live_sessions;

  -- A session that is idle while its client waits for an answer has sent that answer into nothing. Where
  -- nobody may look, or another instance has the session, it counts as working.
  FUNCTION is_idle (p_session IN VARCHAR2) RETURN BOOLEAN IS
    v_sid      VARCHAR2(40) := REGEXP_SUBSTR(p_session, ' (\d+),', 1, 1, NULL, 1);
    v_serial   VARCHAR2(40) := REGEXP_SUBSTR(p_session, ',(\d+),', 1, 1, NULL, 1);
    v_instance VARCHAR2(40) := REGEXP_SUBSTR(p_session, '@(\d+)$', 1, 1, NULL, 1);
    v_count    NUMBER(4);
  BEGIN
    IF v_instance <> SYS_CONTEXT('USERENV', 'INSTANCE') THEN
      RETURN FALSE;
    END IF;
    EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM v$session s WHERE s.sid = :1 AND s.serial# = :2'
      || ' AND s.status = ''INACTIVE'' AND s.last_call_et >= :3'
      INTO v_count USING v_sid, v_serial, gc_idle_seconds;
    RETURN v_count > 0;
  EXCEPTION
    WHEN OTHERS THEN
      RETURN FALSE;
  END is_idle;

  PROCEDURE alive (p_sessions IN VARCHAR2, p_working IN VARCHAR2, o_alive OUT VARCHAR2) IS
    v_session VARCHAR2(200);
    v_alive   VARCHAR2(32767);
  BEGIN
    FOR i IN 1 .. NVL(REGEXP_COUNT(p_sessions, '[^;]+'), 0) LOOP
      v_session := REGEXP_SUBSTR(p_sessions, '[^;]+', 1, i);
      IF dbms_session.is_session_alive(SUBSTR(v_session, 1, INSTR(v_session, ' ') - 1))
        AND NOT (p_working = 'Y' AND is_idle(v_session))
      THEN
        v_alive := v_alive || CASE WHEN v_alive IS NOT NULL THEN ';' END || v_session;
      END IF;
    END LOOP;
    o_alive := v_alive;
  END alive;
END dom$control;
/
