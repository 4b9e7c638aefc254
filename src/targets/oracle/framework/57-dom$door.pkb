CREATE OR REPLACE PACKAGE BODY dom$door AS

  TYPE t_call IS RECORD (
    sql_text   CLOB,
    seq        NUMBER(10),
    depth      NUMBER(6),
    started_ms NUMBER(17,3),
    statement  dom$ddl.t_statement,
    undo       dom$setting.t_undo,
    usage      dom$usage.t_usage
  );

  FUNCTION run (p_call IN OUT NOCOPY t_call) RETURN NUMBER IS
    v_rows NUMBER;
  BEGIN
    dom$usage.begin_statement(p_call.usage);
    BEGIN
      EXECUTE IMMEDIATE p_call.sql_text;
    EXCEPTION
      WHEN dom$setting.e_within_transaction THEN
        IF p_call.statement.is_block OR NOT dom$current.g_active THEN
          RAISE;
        END IF;
        -- ALTER SESSION ENABLE PARALLEL DML as a statement of its own: as with settings of a statement, the
        -- unit's row is made durable as started. It lasts for the session, as the package wants it.
        COMMIT;
        EXECUTE IMMEDIATE p_call.sql_text;
    END;
    v_rows := CASE WHEN p_call.statement.is_block THEN 0 ELSE NVL(SQL%ROWCOUNT, 0) END;
    dom$usage.end_statement(p_call.usage);
    RETURN v_rows;
  END run;

  -- Called by hand, outside of any unit: nobody listens and there is no record to write.
  PROCEDURE execute_outside (p_call IN OUT NOCOPY t_call, p_alter_session IN VARCHAR2) IS
  BEGIN
    dom$setting.apply(p_alter_session, p_call.undo);
    dom$current.g_last_rows := run(p_call);
    dom$setting.restore(p_call.undo);
  EXCEPTION
    WHEN OTHERS THEN
      dom$setting.restore(p_call.undo);
      RAISE;
  END execute_outside;

  PROCEDURE begin_call (p_call IN OUT NOCOPY t_call) IS
  BEGIN
    dom$current.g_seq := dom$current.g_seq + 1;
    p_call.seq := dom$current.g_seq;
    p_call.depth := dom$current.g_depth;
    p_call.started_ms := dom$current.now_ms;
    dom$journal.began(p_call.seq, p_call.sql_text);
    dom$current.g_depth := p_call.depth + 1;
  END begin_call;

  PROCEDURE insert_row (p_call IN t_call, p_status IN VARCHAR2, p_elapsed_ms IN NUMBER, p_rows IN NUMBER,
    p_message IN VARCHAR2, p_intent IN VARCHAR2)
  IS
  BEGIN
    INSERT INTO dom$statement (unit_id, stream_attempt, try_no, seq, status, sql_text, started_ms, elapsed_ms,
      row_count, workers, redo_bytes, undo_bytes, message, intent)
    VALUES (dom$current.g_unit.unit_id, dom$current.g_unit.stream_attempt, dom$current.g_unit.try_no,
      p_call.seq, p_status, p_call.sql_text, p_call.started_ms, p_elapsed_ms, p_rows, p_call.usage.workers,
      p_call.usage.redo_bytes, p_call.usage.undo_bytes, p_message, p_intent);
  END insert_row;

  PROCEDURE update_row (p_call IN t_call, p_elapsed_ms IN NUMBER, p_rows IN NUMBER, p_message IN VARCHAR2) IS
  BEGIN
    UPDATE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ dom$statement s
    SET s.status = 'done', s.elapsed_ms = p_elapsed_ms, s.row_count = p_rows,
      s.workers = p_call.usage.workers, s.redo_bytes = p_call.usage.redo_bytes,
      s.undo_bytes = p_call.usage.undo_bytes, s.message = p_message, s.intent = NULL
    WHERE s.unit_id = dom$current.g_unit.unit_id AND s.stream_attempt = dom$current.g_unit.stream_attempt
      AND s.try_no = dom$current.g_unit.try_no AND s.seq = p_call.seq;
  END update_row;

  PROCEDURE delete_row (p_call IN t_call) IS
  BEGIN
    DELETE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ FROM dom$statement s
    WHERE s.unit_id = dom$current.g_unit.unit_id AND s.stream_attempt = dom$current.g_unit.stream_attempt
      AND s.try_no = dom$current.g_unit.try_no AND s.seq = p_call.seq;
  END delete_row;

  -- What the log says of a statement that is not executed again, and then of the whole unit.
  FUNCTION found (p_because IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    dom$current.g_found := SUBSTRB(dom$doubt.gc_found || p_because, 1, 4000);
    RETURN dom$current.g_found;
  END found;

  PROCEDURE end_call (p_call IN t_call, p_elapsed_ms IN NUMBER, p_rows IN NUMBER) IS
  BEGIN
    dom$current.g_depth := p_call.depth;
    dom$current.g_last_rows := p_rows;
    IF p_call.depth = 0 THEN
      dom$current.g_rows := dom$current.g_rows + p_rows;
    END IF;
    dom$journal.ended(p_call.seq, p_elapsed_ms, p_rows, p_call.usage);
  END end_call;

  PROCEDURE execute_in_transaction (p_call IN OUT NOCOPY t_call, p_alter_session IN VARCHAR2) IS
    v_rows       NUMBER;
    v_elapsed_ms NUMBER;
  BEGIN
    dom$setting.apply(p_alter_session, p_call.undo);
    dom$current.hold;
    v_rows := run(p_call);
    v_elapsed_ms := dom$current.now_ms - p_call.started_ms;
    dom$setting.restore(p_call.undo);
    -- A block may have committed; its row may only be written by whom the unit belongs to.
    dom$current.hold;
    insert_row(p_call, 'done', v_elapsed_ms, v_rows, p_call.usage.remark, NULL);
    end_call(p_call, v_elapsed_ms, v_rows);
  END execute_in_transaction;

  -- Whether the engine's commit has come between: then the transaction is another one, or none.
  FUNCTION has_committed (p_transaction IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN NVL(dbms_transaction.local_transaction_id, '-') <> p_transaction;
  END has_committed;

  -- The statement has failed. Its row goes, and that is made durable where the row has become so; it stays
  -- as begun where the statement may be in effect all the same, by p_facts from before it.
  -- Returns true where the error says that an earlier execution took effect.
  FUNCTION was_done_before (p_call IN t_call, p_transaction IN VARCHAR2, p_facts IN VARCHAR2,
    p_doubt IN BOOLEAN, p_intent IN VARCHAR2, p_code IN NUMBER, p_message IN VARCHAR2) RETURN BOOLEAN
  IS
    v_committed BOOLEAN := has_committed(p_transaction);
    -- Where only its own error tells of the first execution, another error leaves the doubt as it was.
    v_keeps     BOOLEAN := p_doubt AND p_call.statement.kind = dom$ddl.gc_telling;
    v_done      BOOLEAN := p_doubt AND dom$doubt.is_already_done(p_call.statement, p_intent, p_code);
    v_found     VARCHAR2(4000);
  BEGIN
    IF v_done THEN
      v_found := found(p_message);
      update_row(p_call, dom$current.now_ms - p_call.started_ms, 0, v_found);
    ELSIF NOT v_committed OR (NOT v_keeps AND dom$doubt.is_without_effect(p_call.statement, p_facts)) THEN
      -- Without the engine's commit the statement was not even begun.
      delete_row(p_call);
    END IF;
    IF v_committed THEN
      COMMIT;
    END IF;
    RETURN v_done;
  END was_done_before;

  -- p_doubt: an earlier try began this statement, and its facts p_intent do not show its effect.
  PROCEDURE execute_journalled (p_call IN OUT NOCOPY t_call, p_alter_session IN VARCHAR2, p_doubt IN BOOLEAN,
    p_intent IN VARCHAR2)
  IS
    v_rows        NUMBER;
    v_elapsed_ms  NUMBER;
    v_transaction VARCHAR2(200);
    v_facts       VARCHAR2(4000) := dom$doubt.facts(p_call.statement);
    v_is_found    BOOLEAN := FALSE;
  BEGIN
    dom$setting.apply(p_alter_session, p_call.undo);
    dom$current.hold;
    -- The statement's own commit makes this row durable before the statement takes effect.
    insert_row(p_call, 'started', NULL, NULL, NULL, v_facts);
    v_transaction := dbms_transaction.local_transaction_id;
    BEGIN
      v_rows := run(p_call);
    EXCEPTION
      WHEN OTHERS THEN
        IF NOT was_done_before(p_call, v_transaction, v_facts, p_doubt, p_intent, SQLCODE, SQLERRM) THEN
          RAISE;
        END IF;
        v_is_found := TRUE;
    END;
    v_elapsed_ms := dom$current.now_ms - p_call.started_ms;
    IF v_is_found THEN
      v_rows := 0;
    ELSE
      -- Not within the handler above: whatever fails here, the statement is in effect, and its row stays.
      update_row(p_call, v_elapsed_ms, v_rows, p_call.usage.remark);
      COMMIT;
    END IF;
    dom$setting.restore(p_call.undo);
    end_call(p_call, v_elapsed_ms, v_rows);
  END execute_journalled;

  PROCEDURE raise_doubt (p_call IN t_call) IS
  BEGIN
    raise_application_error(dom$error.gc_in_doubt,
      'It cannot be told whether an earlier try of this statement took effect: '
      || dbms_lob.substr(p_call.sql_text, 200, 1));
  END raise_doubt;

  PROCEDURE execute_committing (p_call IN OUT NOCOPY t_call, p_alter_session IN VARCHAR2,
    p_done_when IN VARCHAR2)
  IS
    v_row    ROWID;
    v_intent VARCHAR2(4000);
    v_answer VARCHAR2(10);
    v_found  VARCHAR2(4000);
  BEGIN
    IF dom$current.g_has_doubts THEN
      dom$doubt.find(dom$current.g_unit.unit_id, p_call.sql_text, v_row, v_intent);
    END IF;
    IF v_row IS NOT NULL THEN
      v_answer := dom$doubt.resolve(p_call.statement, v_intent, p_done_when);
      IF v_answer = dom$doubt.gc_doubt THEN
        raise_doubt(p_call);
      END IF;
      DELETE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ FROM dom$statement s WHERE s.ROWID = v_row;
    END IF;
    IF v_answer = dom$doubt.gc_done THEN
      v_found := found(dom$ddl.described(p_call.statement));
      insert_row(p_call, 'done', dom$current.now_ms - p_call.started_ms, 0, v_found, NULL);
      end_call(p_call, dom$current.now_ms - p_call.started_ms, 0);
    ELSE
      execute_journalled(p_call, p_alter_session, v_row IS NOT NULL, v_intent);
    END IF;
  END execute_committing;

  PROCEDURE execute (p_sql IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2) IS
    v_call t_call;
  BEGIN
    v_call.sql_text := p_sql;
    v_call.statement := dom$ddl.read(p_sql);
    IF NOT dom$current.g_active THEN
      execute_outside(v_call, p_alter_session);
      RETURN;
    END IF;
    dom$current.hold;
    begin_call(v_call);
    IF v_call.statement.kind IS NULL THEN
      execute_in_transaction(v_call, p_alter_session);
    ELSE
      execute_committing(v_call, p_alter_session, p_done_when);
    END IF;
  EXCEPTION
    WHEN OTHERS THEN
      IF v_call.seq IS NOT NULL THEN
        dom$current.g_depth := v_call.depth;
        dom$journal.failed(v_call.seq, dom$current.now_ms - v_call.started_ms);
        dom$setting.restore(v_call.undo);
      END IF;
      RAISE;
  END execute;

  PROCEDURE say (p_message IN CLOB) IS
    v_call t_call;
  BEGIN
    IF NOT dom$current.g_active THEN
      RETURN;
    END IF;
    dom$current.hold;
    dom$current.g_seq := dom$current.g_seq + 1;
    v_call.seq := dom$current.g_seq;
    v_call.sql_text := '-- ' || p_message;
    v_call.started_ms := dom$current.now_ms;
    insert_row(v_call, 'done', 0, NULL, NULL, NULL);
    dom$journal.said(v_call.seq, v_call.sql_text);
  END say;
END dom$door;
/
