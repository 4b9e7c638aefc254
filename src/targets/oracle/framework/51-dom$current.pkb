CREATE OR REPLACE PACKAGE BODY dom$current AS
  -- The transaction that holds the lock of the unit's row.
  g_transaction VARCHAR2(200);

  FUNCTION now_ms RETURN NUMBER IS
    v_since INTERVAL DAY(9) TO SECOND(6) :=
      SYS_EXTRACT_UTC(SYSTIMESTAMP) - TIMESTAMP '1970-01-01 00:00:00';
  BEGIN
    RETURN ROUND(EXTRACT(DAY FROM v_since) * 86400000 + EXTRACT(HOUR FROM v_since) * 3600000
      + EXTRACT(MINUTE FROM v_since) * 60000 + EXTRACT(SECOND FROM v_since) * 1000, 3);
  END now_ms;

  PROCEDURE fence (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_newest IN NUMBER) IS
  BEGIN
    raise_application_error(dom$error.gc_fenced, 'Attempt ' || p_stream_attempt || ' of stream ' || p_handle
      || ' is over: ' || CASE WHEN p_newest IS NULL THEN 'the stream is not known here'
        ELSE 'attempt ' || p_newest || ' has taken it' END);
  END fence;

  PROCEDURE check_attempt (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER) IS
    v_newest NUMBER(18);
  BEGIN
    SELECT MAX(s.attempt) INTO v_newest FROM dom$stream s WHERE s.handle = p_handle;
    IF v_newest IS NULL OR v_newest <> p_stream_attempt THEN
      fence(p_handle, p_stream_attempt, v_newest);
    END IF;
  END check_attempt;

  PROCEDURE take (p_unit IN dom$unit%ROWTYPE, p_has_doubts IN BOOLEAN) IS
  BEGIN
    g_unit := p_unit;
    g_has_doubts := p_has_doubts;
    g_seq := 0;
    g_depth := 0;
    g_rows := 0;
    g_last_rows := NULL;
    g_found := NULL;
    g_transaction := dbms_transaction.local_transaction_id;
    g_active := TRUE;
  END take;

  -- Where package code has rolled back, so may be that this try took the row over from an earlier one.
  FUNCTION is_of_earlier_try (p_unit IN dom$unit%ROWTYPE) RETURN BOOLEAN IS
  BEGIN
    RETURN p_unit.stream_attempt < g_unit.stream_attempt
      OR (p_unit.stream_attempt = g_unit.stream_attempt AND p_unit.try_no < g_unit.try_no);
  END is_of_earlier_try;

  -- A commit or a rollback inside of the unit has released the row: it is locked again, and taken over once
  -- more where need be, unless somebody else has it.
  FUNCTION lock_own_row RETURN BOOLEAN IS
    v_unit dom$unit%ROWTYPE;
  BEGIN
    SELECT u.* INTO v_unit FROM dom$unit u
    WHERE u.handle = g_unit.handle AND u.object_key = g_unit.object_key AND u.iteration = g_unit.iteration
      AND u.task = g_unit.task AND u.chunk = g_unit.chunk AND u.attempt = g_unit.attempt
    FOR UPDATE;
    IF v_unit.unit_id = g_unit.unit_id AND v_unit.status = 'started' AND is_of_earlier_try(v_unit) THEN
      UPDATE /*+ NO_PARALLEL DISABLE_PARALLEL_DML */ dom$unit u
      SET u.stream_attempt = g_unit.stream_attempt, u.try_no = g_unit.try_no, u.started_ms = g_unit.started_ms
      WHERE u.unit_id = g_unit.unit_id;
    ELSIF v_unit.unit_id <> g_unit.unit_id OR v_unit.stream_attempt <> g_unit.stream_attempt
      OR v_unit.try_no <> g_unit.try_no OR v_unit.status <> 'started'
    THEN
      fence(g_unit.handle, g_unit.stream_attempt, v_unit.stream_attempt);
    END IF;
    RETURN TRUE;
  EXCEPTION
    WHEN NO_DATA_FOUND THEN
      RETURN FALSE;
  END lock_own_row;

  PROCEDURE hold IS
    v_transaction VARCHAR2(200) := dbms_transaction.local_transaction_id;
  BEGIN
    IF v_transaction = g_transaction THEN
      RETURN;
    END IF;
    IF NOT lock_own_row THEN
      -- Package code has rolled back, and the row with it.
      INSERT INTO dom$unit VALUES g_unit;
    END IF;
    check_attempt(g_unit.handle, g_unit.stream_attempt);
    g_transaction := dbms_transaction.local_transaction_id;
  EXCEPTION
    WHEN DUP_VAL_ON_INDEX THEN
      fence(g_unit.handle, g_unit.stream_attempt, NULL);
  END hold;

  PROCEDURE leave IS
  BEGIN
    g_active := FALSE;
    g_transaction := NULL;
  END leave;
END dom$current;
/
