CREATE OR REPLACE PACKAGE BODY dom$run AS
  gc_started CONSTANT VARCHAR2(10) := 'started';

  gc_recorded CONSTANT VARCHAR2(10) := 'recorded';

  gc_tab CONSTANT VARCHAR2(1) := CHR(9);

  -- The status that this call has recorded, or that it was recorded before.
  g_outcome VARCHAR2(10);

  FUNCTION serial_number RETURN VARCHAR2 IS
    v_serial NUMBER;
  BEGIN
    EXECUTE IMMEDIATE 'SELECT MAX(s.serial#) FROM v$session s WHERE s.sid = SYS_CONTEXT(''USERENV'', ''SID'')'
      INTO v_serial;
    RETURN v_serial;
  EXCEPTION
    WHEN OTHERS THEN
      BEGIN
        EXECUTE IMMEDIATE 'BEGIN :serial := dbms_debug_jdwp.current_session_serial; END;' USING OUT v_serial;
        RETURN v_serial;
      EXCEPTION
        WHEN OTHERS THEN
          -- Without it the session can be asked for its life, but not be ended by its number.
          RETURN '?';
      END;
  END serial_number;

  FUNCTION server_session RETURN VARCHAR2 IS
  BEGIN
    RETURN dbms_session.unique_session_id || ' ' || SYS_CONTEXT('USERENV', 'SID') || ',' || serial_number
      || ',@' || SYS_CONTEXT('USERENV', 'INSTANCE');
  END server_session;

  PROCEDURE enter (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, o_session_no OUT NUMBER) IS
    v_session_no NUMBER(18) := dom$seq.NEXTVAL;
    v_session    VARCHAR2(128) := server_session;
    v_now_ms     NUMBER(17,3) := dom$current.now_ms;
  BEGIN
    dom$current.leave;
    -- The row comes before the look: who takes the stream over writes first, and then ends all who have one.
    INSERT INTO dom$session (session_no, handle, stream_attempt, server_session, entered_ms)
    VALUES (v_session_no, p_handle, p_stream_attempt, v_session, v_now_ms);
    COMMIT;
    dom$current.check_attempt(p_handle, p_stream_attempt);
    dbms_session.set_identifier(SUBSTRB(p_handle, 1, 64));
    dom$current.g_session_no := v_session_no;
    dom$current.g_event_no := 0;
    o_session_no := v_session_no;
  END enter;

  PROCEDURE name_session (p_handle IN VARCHAR2, p_task IN VARCHAR2) IS
    v_stream dom$stream%ROWTYPE;
  BEGIN
    SELECT s.* INTO v_stream FROM dom$stream s WHERE s.handle = p_handle;
    dbms_application_info.set_module(
      SUBSTRB('odtm ' || v_stream.operation_id || '/' || p_task, 1, 48),
      SUBSTRB('run ' || v_stream.run_id, 1, 32));
  END name_session;

  -- The row that is there. A started one is locked, for whoever holds it may just be ending.
  FUNCTION recorded (p_unit IN dom$unit%ROWTYPE) RETURN dom$unit%ROWTYPE IS
    v_unit dom$unit%ROWTYPE;
    v_none dom$unit%ROWTYPE;
  BEGIN
    SELECT u.* INTO v_unit FROM dom$unit u
    WHERE u.handle = p_unit.handle AND u.object_key = p_unit.object_key AND u.iteration = p_unit.iteration
      AND u.task = p_unit.task AND u.chunk = p_unit.chunk AND u.attempt = p_unit.attempt;
    IF v_unit.status = gc_started THEN
      SELECT u.* INTO v_unit FROM dom$unit u WHERE u.unit_id = v_unit.unit_id FOR UPDATE;
    END IF;
    RETURN v_unit;
  EXCEPTION
    WHEN NO_DATA_FOUND THEN
      -- It has gone in between: the caller inserts it again.
      RETURN v_none;
  END recorded;

  -- An earlier try has committed a part of the unit by itself: this try goes on with it.
  PROCEDURE take_over (p_there IN dom$unit%ROWTYPE, p_unit IN OUT NOCOPY dom$unit%ROWTYPE,
    o_has_doubts OUT BOOLEAN)
  IS
    v_doubts NUMBER;
  BEGIN
    p_unit.unit_id := p_there.unit_id;
    UPDATE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ dom$unit u
    SET u.stream_attempt = p_unit.stream_attempt, u.try_no = p_unit.try_no, u.started_ms = p_unit.started_ms
    WHERE u.unit_id = p_there.unit_id;
    SELECT COUNT(*) INTO v_doubts FROM dom$statement s
    WHERE s.unit_id = p_there.unit_id AND s.status = gc_started AND ROWNUM = 1;
    o_has_doubts := v_doubts > 0;
  END take_over;

  -- Inserts the unit's row, or takes over or reads the one that is there.
  PROCEDURE claim_row (p_unit IN OUT NOCOPY dom$unit%ROWTYPE, o_has_doubts OUT BOOLEAN) IS
    v_there dom$unit%ROWTYPE;
  BEGIN
    o_has_doubts := FALSE;
    LOOP
      BEGIN
        -- A second session waits here until the first commits or rolls back.
        INSERT INTO dom$unit VALUES p_unit;
        RETURN;
      EXCEPTION
        WHEN DUP_VAL_ON_INDEX THEN
          v_there := recorded(p_unit);
          IF v_there.status IS NULL THEN
            -- Nothing by this key: it has gone, or the id is taken where the sequence was put back.
            p_unit.unit_id := dom$seq.NEXTVAL;
          END IF;
      END;
      IF v_there.status = gc_started THEN
        take_over(v_there, p_unit, o_has_doubts);
        RETURN;
      ELSIF v_there.status IS NOT NULL THEN
        p_unit := v_there;
        RETURN;
      END IF;
    END LOOP;
  END claim_row;

  PROCEDURE claim (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    o_go OUT NUMBER)
  IS
    v_unit       dom$unit%ROWTYPE;
    v_has_doubts BOOLEAN;
  BEGIN
    dom$current.leave;
    dom$setting.catch_up;
    v_unit.handle := p_handle;
    v_unit.object_key := NVL(p_object, '-');
    v_unit.iteration := p_iteration;
    v_unit.task := p_task;
    v_unit.chunk := p_chunk;
    v_unit.attempt := p_attempt;
    v_unit.unit_id := dom$seq.NEXTVAL;
    v_unit.kind := p_kind;
    v_unit.stream_attempt := p_stream_attempt;
    v_unit.try_no := p_try;
    v_unit.status := gc_started;
    v_unit.started_ms := dom$current.now_ms;
    claim_row(v_unit, v_has_doubts);
    -- After the row, for waiting for it may have taken long.
    dom$current.check_attempt(p_handle, p_stream_attempt);
    dom$current.take(v_unit, v_has_doubts);
    name_session(p_handle, p_task);
    g_outcome := gc_recorded;
    o_go := CASE v_unit.status WHEN gc_started THEN 1 ELSE 0 END;
  END claim;

  PROCEDURE record_end (p_status IN VARCHAR2, p_message IN VARCHAR2, p_elapsed_ms IN NUMBER) IS
  BEGIN
    dom$current.hold;
    -- The row says which try has done it, whatever package code has rolled back meanwhile.
    UPDATE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ dom$unit u
    SET u.status = p_status, u.message = p_message, u.elapsed_ms = p_elapsed_ms,
      u.stream_attempt = dom$current.g_unit.stream_attempt, u.try_no = dom$current.g_unit.try_no,
      u.started_ms = dom$current.g_unit.started_ms
    WHERE u.unit_id = dom$current.g_unit.unit_id;
    IF dom$current.g_has_doubts THEN
      dom$doubt.settle(dom$current.g_unit.unit_id);
    END IF;
    COMMIT;
    dom$current.g_unit.status := p_status;
    dom$current.g_unit.message := p_message;
    dom$current.g_unit.elapsed_ms := p_elapsed_ms;
    g_outcome := p_status;
  END record_end;

  PROCEDURE done IS
  BEGIN
    record_end('done', dom$current.g_found, dom$current.now_ms - dom$current.g_unit.started_ms);
  END done;

  PROCEDURE say_unit (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_status IN VARCHAR2, p_message IN VARCHAR2)
  IS
    v_go NUMBER;
  BEGIN
    claim(p_handle, p_stream_attempt, p_try, p_kind, p_object, p_iteration, p_task, p_chunk, p_attempt, v_go);
    IF v_go = 1 THEN
      record_end(p_status, SUBSTRB(p_message, 1, 4000), NULL);
    END IF;
  END say_unit;

  PROCEDURE answer (o_unit_id OUT NUMBER, o_outcome OUT VARCHAR2, o_status OUT VARCHAR2,
    o_message OUT VARCHAR2, o_elapsed_ms OUT NUMBER, o_rows OUT NUMBER, o_statements OUT NUMBER)
  IS
    v_rows NUMBER(18);
  BEGIN
    o_unit_id := dom$current.g_unit.unit_id;
    o_outcome := g_outcome;
    o_status := dom$current.g_unit.status;
    o_message := dom$current.g_unit.message;
    o_elapsed_ms := dom$current.g_unit.elapsed_ms;
    -- Of what was recorded before, everything counts; else this try, as the live log has told it.
    SELECT COUNT(*), SUM(s.row_count) INTO o_statements, v_rows FROM dom$statement s
    WHERE s.unit_id = dom$current.g_unit.unit_id
      AND (g_outcome = gc_recorded
        OR (s.stream_attempt = dom$current.g_unit.stream_attempt AND s.try_no = dom$current.g_unit.try_no));
    o_rows := CASE g_outcome WHEN gc_recorded THEN v_rows ELSE dom$current.g_rows END;
    dom$current.leave;
  END answer;

  FUNCTION text_of (p_number IN NUMBER) RETURN VARCHAR2 IS
  BEGIN
    RETURN TO_CHAR(p_number, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''');
  END text_of;

  FUNCTION one_line (p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN REPLACE(REPLACE(REPLACE(p_text, '\', '\\'), CHR(10), '\n'), CHR(9), '\t');
  END one_line;

  PROCEDURE answer_events (p_after IN NUMBER, o_events OUT VARCHAR2) IS
    v_text   VARCHAR2(32767);
    v_events VARCHAR2(32767);
  BEGIN
    IF dom$current.g_session_no IS NULL OR dom$current.g_event_no <= p_after THEN
      RETURN;
    END IF;
    FOR r IN (
      SELECT l.event_no, l.event, l.seq, l.depth, l.at_ms, l.elapsed_ms, l.row_count, l.workers,
        l.redo_bytes, l.undo_bytes, l.code, l.sql_text
      FROM dom$log l WHERE l.session_no = dom$current.g_session_no AND l.event_no > p_after
      ORDER BY l.event_no)
    LOOP
      v_text := r.sql_text;
      v_events := v_events || r.event_no || gc_tab || r.event || gc_tab || r.seq || gc_tab || r.depth
        || gc_tab || text_of(r.at_ms) || gc_tab || text_of(r.elapsed_ms) || gc_tab || r.row_count
        || gc_tab || r.workers || gc_tab || r.redo_bytes || gc_tab || r.undo_bytes || gc_tab || r.code
        || gc_tab || one_line(v_text) || CHR(10);
    END LOOP;
    o_events := v_events;
  EXCEPTION
    WHEN VALUE_ERROR THEN
      o_events := '+';
  END answer_events;
END dom$run;
/
