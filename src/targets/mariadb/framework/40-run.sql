-- Units: one block of the controller is one round trip. It claims the unit's row, calls the procedure,
-- records the outcome and commits; what the package commits on its own leaves the row as "started" meanwhile.
-- There is no WHEN OTHERS around package code: in this sql_mode mere warnings enter such a handler too.

CREATE OR REPLACE PACKAGE dom$run AS
  PROCEDURE enter (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, o_session_no OUT NUMBER);
  PROCEDURE preview (p_mode IN VARCHAR2);
  PROCEDURE check_attempt (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER);
  PROCEDURE claim (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    o_go OUT NUMBER);
  PROCEDURE done;
  PROCEDURE say_unit (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_status IN VARCHAR2, p_message IN VARCHAR2);
  PROCEDURE answer (
    o_unit_id OUT NUMBER, o_outcome OUT VARCHAR2, o_status OUT VARCHAR2, o_message OUT VARCHAR2,
    o_elapsed_ms OUT NUMBER, o_rows OUT NUMBER, o_statements OUT NUMBER);
  PROCEDURE send_answer (p_after_event IN NUMBER);
END;
/
CREATE OR REPLACE PACKAGE BODY dom$run AS

  PROCEDURE check_attempt (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER) IS
    v_newest BIGINT;
  BEGIN
    SELECT MAX(s.attempt) INTO v_newest FROM dom$stream s WHERE s.handle = p_handle;
    IF v_newest IS NULL OR v_newest <> p_stream_attempt THEN
      raise_application_error(-20409, 'Attempt '||p_stream_attempt||' of stream '||p_handle
        ||' is over: attempt '||v_newest||' has taken it');
    END IF;
  END;

  -- The row and the lock come before the look: who takes the stream over raises the attempt first and then
  -- ends all who are registered.
  PROCEDURE enter (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, o_session_no OUT NUMBER) IS
    v_locked INTEGER;
  BEGIN
    o_session_no := dom$seq.NEXTVAL;
    INSERT INTO dom$session (session_no, handle, stream_attempt, server_session, entered_ms)
    VALUES (o_session_no, p_handle, p_stream_attempt, CONNECTION_ID(), dom$exec.now_ms());
    COMMIT;
    v_locked := GET_LOCK(dom$control.session_lock(o_session_no), 0);
    check_attempt(p_handle, p_stream_attempt);
    dom$exec.set_session(o_session_no, NULL);
  END;

  PROCEDURE preview (p_mode IN VARCHAR2) IS
  BEGIN
    SET @dom$preview = p_mode;
    dom$exec.set_session(0, p_mode);
  END;

  -- inserts the unit's row; where it is there already, locks it and says so
  PROCEDURE take_row (p_status IN VARCHAR2, p_message IN VARCHAR2, o_taken OUT NUMBER) IS
  BEGIN
    SET @dom$unit_id = dom$seq.NEXTVAL, @dom$status = p_status, @dom$message = p_message, @dom$taken_over = 0;
    o_taken := 1;
    BEGIN
      -- One statement compares the attempt and claims the row.
      INSERT INTO dom$unit (handle, object_key, iteration, task, chunk, attempt, unit_id, kind,
        stream_attempt, try_no, status, started_ms, message)
      SELECT @dom$handle, @dom$object, @dom$iteration, @dom$task, @dom$chunk, @dom$attempt, @dom$unit_id,
        @dom$kind, @dom$stream_attempt, @dom$try, p_status, @dom$began_ms, p_message
      FROM dom$stream s WHERE s.handle = @dom$handle AND s.attempt = @dom$stream_attempt;
      IF SQL%ROWCOUNT = 0 THEN
        check_attempt(@dom$handle, @dom$stream_attempt);
      END IF;
    EXCEPTION
      WHEN DUP_VAL_ON_INDEX THEN
        o_taken := 0;
    END;
    IF o_taken = 0 THEN
      SELECT MAX(u.unit_id), MAX(u.status), MAX(u.message) INTO @dom$unit_id, @dom$status, @dom$message
      FROM dom$unit u
      WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
        AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt
      FOR UPDATE;
      SET @dom$taken_over = 1;
    END IF;
  END;

  PROCEDURE set_unit (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER,
    p_attempt IN NUMBER) IS
  BEGIN
    -- One SET for all: each statement of a procedure costs. `at` is the mark that package code leaves of
    -- where it is, see the translation.
    SET @dom$handle = p_handle, @dom$stream_attempt = p_stream_attempt, @dom$try = p_try, @dom$kind = p_kind,
      @dom$object = p_object, @dom$iteration = p_iteration, @dom$task = p_task, @dom$chunk = p_chunk,
      @dom$attempt = p_attempt, @dom$began_ms = UNIX_TIMESTAMP(SYSDATE(6)) * 1000, @dom$elapsed_ms = NULL,
      @dom$unit_id = NULL, @dom$at = NULL, @dom$seq = 0, @dom$depth = 0, @dom$found = NULL;
    IF @dom$settings > 0 THEN
      dom$exec.restore_session(0);
    END IF;
  END;

  PROCEDURE claim (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    o_go OUT NUMBER) IS
    v_taken INTEGER;
  BEGIN
    set_unit(p_handle, p_stream_attempt, p_try, p_kind, p_object, p_iteration, p_task, p_chunk, p_attempt);
    take_row('started', NULL, v_taken);
    SET @dom$outcome = 'done';
    o_go := 1;
    IF v_taken = 1 THEN
      NULL;
    ELSIF @dom$status = 'started' THEN
      -- An earlier try has committed a part of its work by itself: this one takes the row over.
      UPDATE dom$unit u SET u.stream_attempt = @dom$stream_attempt, u.try_no = @dom$try,
        u.started_ms = @dom$began_ms
      WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
        AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt;
    ELSE
      SET @dom$outcome = 'recorded';
      o_go := 0;
      -- The look has locked the row.
      IF @dom$preview IS NULL THEN
        COMMIT;
      END IF;
    END IF;
  END;

  -- the row is gone where the package rolled back, or caught a deadlock: then the key decides once more
  PROCEDURE end_row (p_status IN VARCHAR2, p_message IN VARCHAR2) IS
  BEGIN
    -- What the package rolled back may be that this try has taken the row over.
    UPDATE dom$unit u SET u.status = p_status, u.elapsed_ms = @dom$elapsed_ms, u.message = p_message,
      u.stream_attempt = @dom$stream_attempt, u.try_no = @dom$try, u.started_ms = @dom$began_ms
    WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
      AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt AND u.status = 'started';
    IF SQL%ROWCOUNT = 0 THEN
      check_attempt(@dom$handle, @dom$stream_attempt);
      INSERT INTO dom$unit (handle, object_key, iteration, task, chunk, attempt, unit_id, kind,
        stream_attempt, try_no, status, started_ms, elapsed_ms, message)
      VALUES (@dom$handle, @dom$object, @dom$iteration, @dom$task, @dom$chunk, @dom$attempt, @dom$unit_id,
        @dom$kind, @dom$stream_attempt, @dom$try, p_status, @dom$began_ms, @dom$elapsed_ms, p_message);
    END IF;
    IF @dom$taken_over = 1 THEN
      -- What an earlier try began and this one had no need to repeat is kept in the log as such.
      UPDATE dom$statement s SET s.status = 'done', s.intent = NULL,
        s.message = 'Begun by an earlier try, which did not see its end; a later one did not repeat it.'
      WHERE s.unit_id = @dom$unit_id AND s.status = 'started';
    END IF;
  END;

  PROCEDURE done IS
  BEGIN
    SET @dom$elapsed_ms = UNIX_TIMESTAMP(SYSDATE(6)) * 1000 - @dom$began_ms;
    end_row('done', @dom$found);
    SET @dom$status = 'done';
    SET @dom$message = @dom$found;
    IF @dom$preview IS NULL THEN
      COMMIT;
    END IF;
  END;

  -- Records what the package said by raising; the controller has rolled its call back. answer() follows.
  PROCEDURE say_unit (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_status IN VARCHAR2, p_message IN VARCHAR2) IS
    v_taken INTEGER;
  BEGIN
    set_unit(p_handle, p_stream_attempt, p_try, p_kind, p_object, p_iteration, p_task, p_chunk, p_attempt);
    take_row(p_status, p_message, v_taken);
    SET @dom$outcome = p_status;
    IF v_taken = 0 AND @dom$status = 'started' THEN
      end_row(p_status, p_message);
      SET @dom$status = p_status;
      SET @dom$message = p_message;
    ELSIF v_taken = 0 THEN
      SET @dom$outcome = 'recorded';
    END IF;
    IF @dom$preview IS NULL THEN
      COMMIT;
    END IF;
  END;

  PROCEDURE answer (
    o_unit_id OUT NUMBER, o_outcome OUT VARCHAR2, o_status OUT VARCHAR2, o_message OUT VARCHAR2,
    o_elapsed_ms OUT NUMBER, o_rows OUT NUMBER, o_statements OUT NUMBER) IS
  BEGIN
    SELECT SUM(s.row_count), COUNT(*) INTO o_rows, o_statements FROM dom$statement s
    WHERE s.unit_id = @dom$unit_id
      AND (@dom$outcome = 'recorded' OR (s.stream_attempt = @dom$stream_attempt AND s.try_no = @dom$try));
    o_unit_id := @dom$unit_id;
    o_outcome := @dom$outcome;
    o_status := @dom$status;
    o_message := @dom$message;
    o_elapsed_ms := @dom$elapsed_ms;
  END;

  -- The smallest unit executes nothing through DOM: what it cannot have is not looked for.
  PROCEDURE send_answer (p_after_event IN NUMBER) IS
    v_rows BIGINT;
    v_statements INTEGER := 0;
  BEGIN
    IF @dom$seq > 0 OR @dom$taken_over = 1 THEN
      answer(@dom$unit_id, @dom$outcome, @dom$status, @dom$message, @dom$elapsed_ms, v_rows, v_statements);
    END IF;
    SELECT @dom$unit_id AS unit_id, @dom$outcome AS outcome, @dom$status AS status, @dom$message AS message,
      @dom$elapsed_ms AS elapsed_ms, v_rows AS row_count, v_statements AS statements FROM dual;
    IF @dom$event_no > p_after_event THEN
      dom$exec.send_events(p_after_event);
    END IF;
  END;
END;
/
