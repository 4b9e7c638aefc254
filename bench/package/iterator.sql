-- Runs as many rounds as the parameter "rounds" says.
CREATE PROCEDURE bench.iterator(p_handle text, p_owner text, p_object_name text) LANGUAGE plpgsql AS $$
DECLARE
  v_rounds integer;
BEGIN
  INSERT INTO bench.round AS r (handle, rounds) VALUES (p_handle, 1)
  ON CONFLICT (handle) DO UPDATE SET rounds = r.rounds + 1 RETURNING r.rounds INTO v_rounds;
  IF v_rounds > dom.get_num_param(p_handle, 'rounds') THEN
    CALL dom.operation_complete();
  END IF;
END $$;

CREATE PROCEDURE bench.initial(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  NULL;
END $$;

CREATE PROCEDURE bench.final(p_handle text, p_after_error char DEFAULT 'N') LANGUAGE plpgsql AS $$
BEGIN
  NULL;
END $$;
