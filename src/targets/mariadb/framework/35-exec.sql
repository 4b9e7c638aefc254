-- Executes the statements of package code: each is logged as it begins and as it ends, outside of the
-- transaction, and recorded within it. One that commits by itself is journalled before it can have an effect.
-- What a session knows stands in variables of the session: those of a package begin anew whenever somebody
-- creates or drops a routine anywhere on the server.

CREATE OR REPLACE PACKAGE dom$exec AS
  FUNCTION now_ms RETURN NUMBER(17, 3);
  PROCEDURE set_session (p_session_no IN NUMBER, p_preview IN VARCHAR2);
  PROCEDURE restore_session (p_left IN NUMBER);
  PROCEDURE send_events (p_after_event IN NUMBER);
  PROCEDURE execute_sql (
    p_sql IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2, o_rows OUT NUMBER);
  PROCEDURE say (p_message IN CLOB);
  PROCEDURE current_unit (
    o_object OUT VARCHAR2, o_iteration OUT NUMBER, o_task OUT VARCHAR2, o_chunk OUT NUMBER);
END;
/
CREATE OR REPLACE PACKAGE BODY dom$exec AS

  FUNCTION now_ms RETURN NUMBER(17, 3) IS
  BEGIN
    RETURN UNIX_TIMESTAMP(SYSDATE(6)) * 1000;
  END;

  PROCEDURE set_session (p_session_no IN NUMBER, p_preview IN VARCHAR2) IS
  BEGIN
    SET @dom$session_no = p_session_no;
    SET @dom$preview = p_preview;
    SET @dom$event_no = 0;
  END;

  -- each call says everything: the caller's variables are worth more than a row that can be read back
  PROCEDURE log_event (
    p_event IN CHAR, p_seq IN NUMBER, p_at_ms IN NUMBER, p_elapsed_ms IN NUMBER, p_rows IN NUMBER,
    p_code IN NUMBER, p_text IN CLOB) IS
  BEGIN
    SET @dom$event_no = @dom$event_no + 1;
    INSERT INTO dom$log
      (session_no, event_no, unit_id, event, seq, depth, at_ms, elapsed_ms, row_count, code, sql_text)
    VALUES (@dom$session_no, @dom$event_no, @dom$unit_id, p_event, p_seq, @dom$depth, p_at_ms, p_elapsed_ms,
      p_rows, p_code, p_text);
  END;

  PROCEDURE send_events (p_after_event IN NUMBER) IS
  BEGIN
    SELECT l.event_no, l.event, l.seq, l.depth, l.at_ms, l.elapsed_ms, l.row_count, l.workers, l.redo_bytes,
      l.undo_bytes, l.code, l.sql_text
    FROM dom$log l WHERE l.session_no = @dom$session_no AND l.event_no > p_after_event ORDER BY l.event_no;
  END;

  -- Settings `name = value; …` for one statement; their values before are kept under numbered names. A
  -- statement that fails leaves them to the next one, or to the next unit.
  PROCEDURE alter_session (p_settings IN VARCHAR2) IS
    v_rest VARCHAR2(4000) := TRIM(p_settings);
    v_one VARCHAR2(4000);
    v_name VARCHAR2(64);
    v_number INTEGER;
  BEGIN
    -- What is meant for Oracle's session has no counterpart here; one source serves both engines.
    IF v_rest REGEXP '(?i)^alter session ' THEN
      RETURN;
    END IF;
    WHILE v_rest IS NOT NULL LOOP
      v_one := TRIM(SUBSTRING_INDEX(v_rest, ';', 1));
      v_rest := TRIM(SUBSTR(v_rest, LENGTH(SUBSTRING_INDEX(v_rest, ';', 1)) + 2));
      IF v_one IS NOT NULL THEN
        IF v_one NOT REGEXP '(?i)^(set )?(session )?[a-z_][a-z0-9_]*\\s*=\\s*([a-z0-9_.-]+|''[^'']*'')$' THEN
          raise_application_error(-20122, 'The session setting "'||v_one||'" cannot be read: write settings'
            ||' as name = value, separated by semicolons, for instance sort_buffer_size = 8388608');
        END IF;
        v_name := REGEXP_REPLACE(v_one, '(?i)^(?:set )?(?:session )?([a-z_][a-z0-9_]*).*$', '\\1');
        v_number := NVL(@dom$settings, 0) + 1;
        EXECUTE IMMEDIATE 'SET @dom$before'||v_number||' = @@SESSION.'||v_name||', @dom$name'||v_number
          ||' = '''||v_name||''', @dom$settings = '||v_number;
        EXECUTE IMMEDIATE 'SET SESSION '||v_name||SUBSTR(v_one, INSTR(v_one, '='));
      END IF;
    END LOOP;
  END;

  PROCEDURE restore_session (p_left IN NUMBER) IS
  BEGIN
    FOR i IN REVERSE p_left + 1 .. NVL(@dom$settings, 0) LOOP
      EXECUTE IMMEDIATE 'SET @dom$sql = CONCAT(''SET SESSION '', @dom$name'||i||', '' = @dom$before'||i
        ||''')';
      EXECUTE IMMEDIATE @dom$sql;
    END LOOP;
    SET @dom$settings = p_left;
  END;

  -- 1: by this error the server has rolled back the whole transaction, and not only the statement
  FUNCTION loses_all (p_code IN NUMBER) RETURN NUMBER IS
  BEGIN
    RETURN CASE WHEN p_code IN (1213, 1020) OR p_code = 1205 AND @@innodb_rollback_on_timeout = 1
      THEN 1 ELSE 0 END;
  END;

  -- executes a statement; an error is logged and raised again, a mere warning is none
  PROCEDURE perform (p_sql IN CLOB, p_seq IN NUMBER, o_rows OUT NUMBER) IS
    v_depth INTEGER := @dom$depth;
    v_began_ms NUMBER(17, 3) := now_ms();
    v_errors INTEGER;
    v_code INTEGER;
    v_text VARCHAR2(2000);
  BEGIN
    SET @dom$depth = v_depth + 1;
    BEGIN
      EXECUTE IMMEDIATE p_sql;
      o_rows := SQL%ROWCOUNT;
    EXCEPTION
      WHEN OTHERS THEN
        o_rows := SQL%ROWCOUNT;
        v_errors := @@error_count;
        v_code := SQLCODE;
        v_text := SUBSTR(SQLERRM, 1, 2000);
        SET @dom$depth = v_depth;
        IF v_errors > 0 THEN
          IF loses_all(v_code) = 1 THEN
            SET @dom$lost = 1;
          END IF;
          log_event('F', p_seq, now_ms(), now_ms() - v_began_ms, NULL, v_code, v_text);
          RAISE;
        END IF;
    END;
    SET @dom$depth = v_depth;
    IF @dom$lost = 1 AND p_sql REGEXP '(?i)^\\s*rollback( work)?\\s*$' THEN
      SET @dom$lost = 0;
    END IF;
  END;

  PROCEDURE ask_author (p_done_when IN VARCHAR2, o_verdict OUT VARCHAR2) IS
  BEGIN
    o_verdict := 'unknown';
    IF p_done_when IS NOT NULL THEN
      EXECUTE IMMEDIATE 'SET @dom$done = UPPER(('||p_done_when||'))';
      o_verdict := CASE WHEN @dom$done IN ('1', 'Y', 'YES', 'TRUE') THEN 'done'
        WHEN @dom$done IS NULL OR @dom$done IN ('0', 'N', 'NO', 'FALSE') THEN 'again' ELSE 'unknown' END;
    END IF;
  END;

  -- what is known of a statement that an earlier try has begun: none, done, again or try; and the facts
  -- from before it
  PROCEDURE resolve_doubt (
    p_sql IN CLOB, p_done_when IN VARCHAR2, o_verdict OUT VARCHAR2, o_because OUT VARCHAR2,
    o_intent OUT VARCHAR2) IS
    v_count INTEGER;
  BEGIN
    SELECT COUNT(*), MAX(s.intent) INTO v_count, o_intent FROM dom$statement s
    WHERE s.unit_id = @dom$unit_id AND s.status = 'started' AND s.sql_text = p_sql
      AND NOT (s.stream_attempt = @dom$stream_attempt AND s.try_no = @dom$try);
    IF v_count = 0 THEN
      o_verdict := 'none';
      RETURN;
    END IF;
    dom$ddl.resolve(p_sql, o_intent, o_verdict, o_because);
    IF o_verdict = 'unknown' THEN
      ask_author(p_done_when, o_verdict);
      o_because := 'done_when says so';
    END IF;
    IF o_verdict = 'unknown' THEN
      raise_application_error(-20410, 'Nothing tells whether this statement has taken effect: '
        ||SUBSTR(p_sql, 1, 200));
    END IF;
    DELETE FROM dom$statement WHERE unit_id = @dom$unit_id AND status = 'started' AND sql_text = p_sql
      AND NOT (stream_attempt = @dom$stream_attempt AND try_no = @dom$try);
  END;

  -- A statement's row never stands without its unit's: where package code has rolled that back, or the server
  -- has, it is written again first.
  PROCEDURE write_statement (
    p_seq IN NUMBER, p_status IN VARCHAR2, p_sql IN CLOB, p_began_ms IN NUMBER, p_elapsed_ms IN NUMBER,
    p_rows IN NUMBER, p_message IN VARCHAR2, p_intent IN VARCHAR2) IS
  BEGIN
    FOR i IN 1 .. 2 LOOP
      INSERT INTO dom$statement (unit_id, stream_attempt, try_no, seq, status, sql_text, started_ms,
        elapsed_ms, row_count, message, intent)
      SELECT u.unit_id, u.stream_attempt, u.try_no, p_seq, p_status, p_sql, p_began_ms, p_elapsed_ms, p_rows,
        p_message, p_intent
      FROM dom$unit u
      WHERE u.handle = @dom$handle AND u.object_key = @dom$object AND u.iteration = @dom$iteration
        AND u.task = @dom$task AND u.chunk = @dom$chunk AND u.attempt = @dom$attempt AND u.status = 'started'
        AND u.unit_id = @dom$unit_id AND u.stream_attempt = @dom$stream_attempt AND u.try_no = @dom$try;
      EXIT WHEN SQL%ROWCOUNT = 1;
      dom$run.hold();
    END LOOP;
  END;

  PROCEDURE end_ddl (p_seq IN NUMBER, p_elapsed_ms IN NUMBER, p_rows IN NUMBER, p_message IN VARCHAR2) IS
  BEGIN
    UPDATE dom$statement s SET s.status = 'done', s.elapsed_ms = p_elapsed_ms, s.row_count = p_rows,
      s.message = p_message, s.intent = NULL
    WHERE s.unit_id = @dom$unit_id AND s.stream_attempt = @dom$stream_attempt AND s.try_no = @dom$try
      AND s.seq = p_seq;
    COMMIT;
  END;

  -- what the log says of a statement that is not executed again, and then of the whole unit
  PROCEDURE found (p_because IN VARCHAR2, o_message OUT VARCHAR2) IS
  BEGIN
    o_message := 'Found in effect after an earlier try: '||p_because;
    SET @dom$found = o_message;
  END;

  -- 1: the statement that failed has had no effect, nor has an earlier try of it. An interruption may come
  -- when it has just taken effect.
  FUNCTION is_certain (p_sql IN CLOB, p_seq IN NUMBER, p_verdict IN VARCHAR2, p_code IN NUMBER)
    RETURN NUMBER IS
    v_intent VARCHAR2(4000);
    v_verdict VARCHAR2(10);
    v_because VARCHAR2(200);
  BEGIN
    IF p_verdict = 'try' THEN
      RETURN 0;
    END IF;
    IF p_code NOT IN (1317, 1969) THEN
      RETURN 1;
    END IF;
    SELECT MAX(s.intent) INTO v_intent FROM dom$statement s WHERE s.unit_id = @dom$unit_id
      AND s.stream_attempt = @dom$stream_attempt AND s.try_no = @dom$try AND s.seq = p_seq;
    dom$ddl.resolve(p_sql, v_intent, v_verdict, v_because);
    RETURN CASE v_verdict WHEN 'again' THEN 1 ELSE 0 END;
  END;

  -- the statement that the journal has as begun; where an error in it is certain its intent is taken back
  PROCEDURE perform_ddl (p_sql IN CLOB, p_seq IN NUMBER, p_verdict IN VARCHAR2, p_began_ms IN NUMBER) IS
    v_auto INTEGER := dom$ddl.needs_autocommit(p_sql);
    v_rows BIGINT;
    v_errors INTEGER;
    v_code INTEGER;
    v_text VARCHAR2(2000);
    v_message VARCHAR2(4000);
    v_elapsed_ms NUMBER(17, 3);
  BEGIN
    IF v_auto = 1 THEN
      SET autocommit = 1;
    END IF;
    BEGIN
      EXECUTE IMMEDIATE p_sql;
      v_rows := SQL%ROWCOUNT;
    EXCEPTION
      WHEN OTHERS THEN
        v_rows := SQL%ROWCOUNT;
        v_errors := @@error_count;
        v_code := SQLCODE;
        v_text := SUBSTR(SQLERRM, 1, 2000);
        SET autocommit = 0;
        IF v_errors > 0 AND p_verdict = 'try' AND dom$ddl.is_done_before(p_sql, v_code) = 1 THEN
          v_rows := 0;
          found(v_text, v_message);
        ELSIF v_errors > 0 THEN
          log_event('F', p_seq, now_ms(), now_ms() - p_began_ms, NULL, v_code, v_text);
          IF is_certain(p_sql, p_seq, p_verdict, v_code) = 1 THEN
            DELETE FROM dom$statement WHERE unit_id = @dom$unit_id AND stream_attempt = @dom$stream_attempt
              AND try_no = @dom$try AND seq = p_seq;
          END IF;
          COMMIT;
          RAISE;
        END IF;
    END;
    IF v_auto = 1 THEN
      SET autocommit = 0;
    END IF;
    v_elapsed_ms := now_ms() - p_began_ms;
    end_ddl(p_seq, v_elapsed_ms, v_rows, v_message);
    log_event('E', p_seq, now_ms(), v_elapsed_ms, v_rows, NULL, NULL);
  END;

  PROCEDURE execute_ddl (
    p_sql IN CLOB, p_seq IN NUMBER, p_began_ms IN NUMBER, p_done_when IN VARCHAR2, o_rows OUT NUMBER) IS
    v_verdict VARCHAR2(10);
    v_because VARCHAR2(200);
    v_intent VARCHAR2(4000);
    v_facts VARCHAR2(4000);
    v_message VARCHAR2(4000);
  BEGIN
    o_rows := 0;
    resolve_doubt(p_sql, p_done_when, v_verdict, v_because, v_intent);
    IF v_verdict = 'done' THEN
      found(v_because, v_message);
      write_statement(p_seq, 'done', p_sql, p_began_ms, 0, 0, v_message, NULL);
      log_event('E', p_seq, now_ms(), 0, 0, NULL, NULL);
    ELSE
      IF v_verdict = 'try' THEN
        -- The doubt is about the first try: its facts, from before all of them, stay until it is resolved.
        v_facts := v_intent;
      ELSE
        dom$ddl.facts(p_sql, v_facts);
      END IF;
      write_statement(p_seq, 'started', p_sql, p_began_ms, NULL, NULL, NULL, v_facts);
      -- The statement will commit what is open anyway; here it does so before it can have any effect.
      COMMIT;
      perform_ddl(p_sql, p_seq, v_verdict, p_began_ms);
    END IF;
  END;

  PROCEDURE execute_sql (
    p_sql IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2, o_rows OUT NUMBER) IS
    v_seq INTEGER;
    v_began_ms NUMBER(17, 3);
    v_elapsed_ms NUMBER(17, 3);
    v_settings INTEGER;
  BEGIN
    IF p_sql IS NULL THEN
      raise_application_error(-20123, 'DOM.execute_immediate was called without a statement');
    END IF;
    IF @dom$unit_id IS NULL THEN
      -- Called by hand, outside of any unit: nobody listens and there is no record to write.
      EXECUTE IMMEDIATE p_sql;
      o_rows := SQL%ROWCOUNT;
      RETURN;
    END IF;
    SET @dom$seq = @dom$seq + 1;
    v_seq := @dom$seq;
    v_began_ms := now_ms();
    log_event('B', v_seq, v_began_ms, NULL, NULL, NULL, p_sql);
    IF @dom$preview = 'statements' OR (@dom$preview IS NOT NULL AND dom$ddl.commits(p_sql) = 1) THEN
      log_event('E', v_seq, now_ms(), 0, NULL, NULL, NULL);
      o_rows := 0;
      RETURN;
    END IF;
    IF @dom$depth = 0 AND @dom$settings > 0 THEN
      restore_session(0);
    END IF;
    v_settings := NVL(@dom$settings, 0);
    IF p_alter_session IS NOT NULL THEN
      alter_session(p_alter_session);
    END IF;
    IF dom$ddl.commits(p_sql) = 1 THEN
      execute_ddl(p_sql, v_seq, v_began_ms, p_done_when, o_rows);
    ELSE
      perform(p_sql, v_seq, o_rows);
      v_elapsed_ms := now_ms() - v_began_ms;
      write_statement(v_seq, 'done', p_sql, v_began_ms, v_elapsed_ms, o_rows, NULL, NULL);
      log_event('E', v_seq, now_ms(), v_elapsed_ms, o_rows, NULL, NULL);
    END IF;
    IF @dom$settings > v_settings THEN
      restore_session(v_settings);
    END IF;
  END;

  PROCEDURE say (p_message IN CLOB) IS
    v_now NUMBER(17, 3) := now_ms();
  BEGIN
    IF @dom$unit_id IS NOT NULL THEN
      SET @dom$seq = @dom$seq + 1;
      write_statement(@dom$seq, 'done', '-- '||p_message, v_now, 0, NULL, NULL, NULL);
      log_event('M', @dom$seq, v_now, 0, NULL, NULL, '-- '||p_message);
    END IF;
  END;

  PROCEDURE current_unit (
    o_object OUT VARCHAR2, o_iteration OUT NUMBER, o_task OUT VARCHAR2, o_chunk OUT NUMBER) IS
  BEGIN
    o_object := @dom$object;
    o_iteration := @dom$iteration;
    o_task := @dom$task;
    o_chunk := @dom$chunk;
  END;
END;
/
