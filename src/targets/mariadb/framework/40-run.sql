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
  -- makes sure that the unit's row is there as begun by this try, or raises -20409
  PROCEDURE hold;
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

  -- The row is there already: what is done stays so; what an earlier try has begun, for it has committed a
  -- part of its work by itself, is taken over.
  PROCEDURE claim_again (o_go OUT NUMBER) IS
  BEGIN
    SET @dom$taken_over = 1;
    SELECT MAX(u.unit_id), MAX(u.status), MAX(u.message) INTO @dom$unit_id, @dom$status, @dom$message
    FROM dom$unit u
    WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
      AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt
    FOR UPDATE;
    IF @dom$status = 'started' THEN
      o_go := 1;
      UPDATE dom$unit u SET u.stream_attempt = @dom$stream_attempt, u.try_no = @dom$try,
        u.started_ms = @dom$began_ms
      WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
        AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt;
    ELSE
      o_go := 0;
      SET @dom$outcome = 'recorded';
      -- The look has locked the row.
      IF @dom$preview IS NULL THEN
        COMMIT;
      END IF;
    END IF;
  END;

  -- Each statement of a procedure costs, and each call of another one more: so one SET for all, and one
  -- statement that compares the attempt and claims the row. `at` is the mark that package code leaves of
  -- where it is, see the translation.
  PROCEDURE claim (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    o_go OUT NUMBER) IS
  BEGIN
    SET @dom$handle = p_handle, @dom$stream_attempt = p_stream_attempt, @dom$try = p_try, @dom$kind = p_kind,
      @dom$object = p_object, @dom$iteration = p_iteration, @dom$task = p_task, @dom$chunk = p_chunk,
      @dom$attempt = p_attempt, @dom$began_ms = UNIX_TIMESTAMP(SYSDATE(6)) * 1000, @dom$elapsed_ms = NULL,
      @dom$unit_id = dom$seq.NEXTVAL, @dom$at = NULL, @dom$seq = 0, @dom$depth = 0, @dom$found = NULL,
      @dom$status = 'started', @dom$message = NULL, @dom$taken_over = 0, @dom$outcome = 'done',
      @dom$lost = 0, autocommit = 0;
    IF @dom$settings > 0 THEN
      dom$exec.restore_session(0);
    END IF;
    o_go := 1;
    BEGIN
      INSERT INTO dom$unit (handle, object_key, iteration, task, chunk, attempt, unit_id, kind,
        stream_attempt, try_no, status, started_ms)
      SELECT @dom$handle, @dom$object, @dom$iteration, @dom$task, @dom$chunk, @dom$attempt, @dom$unit_id,
        @dom$kind, @dom$stream_attempt, @dom$try, 'started', @dom$began_ms
      FROM dom$stream s WHERE s.handle = @dom$handle AND s.attempt = @dom$stream_attempt;
      IF SQL%ROWCOUNT = 0 THEN
        check_attempt(@dom$handle, @dom$stream_attempt);
      END IF;
    EXCEPTION
      WHEN DUP_VAL_ON_INDEX THEN
        claim_again(o_go);
    END;
  END;

  -- Where the package rolled back, or caught a deadlock, the row is gone: the key decides once more.
  PROCEDURE claim_gone (p_status IN VARCHAR2, p_message IN VARCHAR2) IS
  BEGIN
    check_attempt(@dom$handle, @dom$stream_attempt);
    INSERT INTO dom$unit (handle, object_key, iteration, task, chunk, attempt, unit_id, kind,
      stream_attempt, try_no, status, started_ms, elapsed_ms, message)
    VALUES (@dom$handle, @dom$object, @dom$iteration, @dom$task, @dom$chunk, @dom$attempt, @dom$unit_id,
      @dom$kind, @dom$stream_attempt, @dom$try, p_status, @dom$began_ms, @dom$elapsed_ms, p_message);
  EXCEPTION
    WHEN DUP_VAL_ON_INDEX THEN
      raise_application_error(-20409, 'Another session has taken the unit of task '||@dom$task);
  END;

  PROCEDURE hold IS
  BEGIN
    UPDATE dom$unit u SET u.stream_attempt = @dom$stream_attempt, u.try_no = @dom$try,
      u.started_ms = @dom$began_ms
    WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
      AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt AND u.status = 'started'
      AND u.unit_id = @dom$unit_id AND u.stream_attempt <= @dom$stream_attempt;
    IF SQL%ROWCOUNT = 0 THEN
      claim_gone('started', NULL);
    END IF;
  END;

  PROCEDURE end_row (p_status IN VARCHAR2, p_message IN VARCHAR2) IS
  BEGIN
    -- What the package rolled back may be that this try has taken the row over.
    UPDATE dom$unit u SET u.status = p_status, u.elapsed_ms = @dom$elapsed_ms, u.message = p_message,
      u.stream_attempt = @dom$stream_attempt, u.try_no = @dom$try, u.started_ms = @dom$began_ms
    WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
      AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt AND u.status = 'started'
      AND u.unit_id = @dom$unit_id AND u.stream_attempt <= @dom$stream_attempt;
    IF SQL%ROWCOUNT = 0 THEN
      claim_gone(p_status, p_message);
    END IF;
    IF @dom$taken_over = 1 THEN
      -- What an earlier try began and this one had no need to repeat is kept in the log as such.
      UPDATE dom$statement s SET s.status = 'done', s.intent = NULL,
        s.message = 'Begun by an earlier try, which did not see its end; a later one did not repeat it.'
      WHERE s.unit_id = @dom$unit_id AND s.status = 'started';
    END IF;
    SET @dom$status = p_status, @dom$message = p_message;
    IF @dom$preview IS NULL THEN
      COMMIT;
    END IF;
  END;

  PROCEDURE done IS
  BEGIN
    IF @dom$lost = 1 THEN
      SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT =
        'A deadlock or a timeout has rolled back what the unit had done, and the package went on behind it';
    END IF;
    SET @dom$elapsed_ms = UNIX_TIMESTAMP(SYSDATE(6)) * 1000 - @dom$began_ms;
    end_row('done', @dom$found);
  END;

  -- Records what the package said by raising; the controller has rolled its call back. answer() follows.
  PROCEDURE say_unit (
    p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_status IN VARCHAR2, p_message IN VARCHAR2) IS
    v_go NUMBER(1);
  BEGIN
    claim(p_handle, p_stream_attempt, p_try, p_kind, p_object, p_iteration, p_task, p_chunk, p_attempt, v_go);
    IF v_go = 1 THEN
      SET @dom$outcome = p_status;
      end_row(p_status, p_message);
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
    v_reads BOOLEAN := @dom$seq > 0 OR @dom$taken_over = 1;
  BEGIN
    IF v_reads THEN
      answer(@dom$unit_id, @dom$outcome, @dom$status, @dom$message, @dom$elapsed_ms, v_rows, v_statements);
    END IF;
    SELECT @dom$unit_id AS unit_id, @dom$outcome AS outcome, @dom$status AS status, @dom$message AS message,
      @dom$elapsed_ms AS elapsed_ms, v_rows AS row_count, v_statements AS statements FROM dual;
    IF @dom$event_no > p_after_event THEN
      v_reads := TRUE;
      dom$exec.send_events(p_after_event);
    END IF;
    -- Reading has opened a transaction, and a session that waits for its next unit would hold up DDL on what
    -- it has read.
    IF v_reads AND @dom$preview IS NULL THEN
      COMMIT;
    END IF;
  END;
END;
/
