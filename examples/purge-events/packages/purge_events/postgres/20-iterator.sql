CREATE PROCEDURE iterator(p_handle text, p_owner text, p_object_name text) LANGUAGE plpgsql AS $$
DECLARE
  v_cutoff date;
  v_first date;
BEGIN
  v_cutoff := date_trunc('month', dom.get_date_param(p_handle, 'reference_date'))
    - make_interval(months => dom.get_num_param(p_handle, 'months_kept')::integer);
  EXECUTE format('SELECT min(event_date) FROM %I.%I', p_owner, p_object_name) INTO v_first;
  IF v_first IS NULL OR v_first >= v_cutoff THEN
    CALL dom.operation_complete(format('All months before %s are purged', to_char(v_cutoff, 'YYYY-MM')));
  END IF;
  v_first := date_trunc('month', v_first);
  DELETE FROM state WHERE handle = p_handle;
  INSERT INTO state VALUES (p_handle, p_owner, p_object_name, v_first, v_first + interval '1 month');
END $$;

CREATE PROCEDURE initial(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v_month state := current_month(p_handle);
BEGIN
  CALL dom.log_message(p_handle, format('Begins with %s of %s.%s',
    to_char(v_month.month_start, 'YYYY-MM'), v_month.owner, v_month.table_name));
END $$;

CREATE PROCEDURE final(p_handle text, p_after_error char DEFAULT 'N') LANGUAGE plpgsql AS $$
BEGIN
  IF p_after_error = 'N' THEN
    DELETE FROM state WHERE handle = p_handle;
  END IF;
END $$;
