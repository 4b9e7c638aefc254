-- The round that is open: its object and number.
CREATE FUNCTION torture.here() RETURNS torture.round LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_here torture.round;
BEGIN
  SELECT r.* INTO STRICT v_here FROM torture.round r WHERE r.is_open;
  RETURN v_here;
END $$;

-- Where a test can hold a unit: it takes this lock exclusively. Else nobody waits.
CREATE FUNCTION torture.pass(p_gate text) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock_shared(hashtextextended('torture ' || p_gate, 0))
$$;

CREATE PROCEDURE torture.note(p_handle text, p_task text, p_remark text) LANGUAGE plpgsql AS $$
DECLARE
  v torture.round := torture.here();
BEGIN
  CALL dom.execute_immediate(p_handle, format(
    'INSERT INTO bank.ledger VALUES (%L, %s, %L, %L)', v.object, v.round, p_task, p_remark));
END $$;

CREATE PROCEDURE torture.iterator(p_handle text, p_owner text, p_object_name text) LANGUAGE plpgsql AS $$
DECLARE
  v_object text := p_owner || '.' || p_object_name;
  v_rounds integer := (SELECT count(*) FROM torture.round r WHERE r.object = v_object);
BEGIN
  IF EXISTS (SELECT FROM torture.round r WHERE r.is_open) THEN
    RETURN;
  END IF;
  IF v_rounds >= dom.get_num_param(p_handle, 'rounds') THEN
    CALL dom.operation_complete(format('%s rounds of %s', v_rounds, v_object));
  END IF;
  CALL dom.execute_immediate(p_handle, format(
    'INSERT INTO torture.round (object, round) VALUES (%L, %s)', v_object, v_rounds + 1));
END $$;

CREATE PROCEDURE torture.initial(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, 'UPDATE bank.switch SET is_on = false');
  PERFORM torture.pass('initial');
END $$;

CREATE PROCEDURE torture.final(p_handle text, p_after_error char DEFAULT 'N') LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, 'UPDATE bank.switch SET is_on = true');
  PERFORM torture.pass('final');
  IF p_after_error = 'N' THEN
    CALL dom.execute_immediate(p_handle, 'INSERT INTO bank.ledger (task) VALUES (''final'')');
  END IF;
END $$;
