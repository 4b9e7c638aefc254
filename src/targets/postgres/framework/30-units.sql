-- One unit is one round trip: claim the row, do the work, commit both together.

CREATE OR REPLACE FUNCTION dom.claim_unit(
  p_handle text, p_stream_attempt bigint, p_try integer, p_kind text, p_object text, p_iteration integer,
  p_task text, p_chunk integer, p_attempt bigint, p_status text, p_message text, p_intent jsonb, p_label text,
  OUT unit_id bigint, OUT claimed boolean, OUT status text, OUT message text, OUT intent jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  v_settings text;
BEGIN
  -- One statement compares the attempt, claims the row and sets what package code is asked by. Another
  -- session that has claimed this unit holds us here until it commits or rolls back.
  INSERT INTO dom.dom$unit AS u (handle, object, iteration, task, chunk, attempt, unit_id, kind,
    stream_attempt, try, status, started_at, message, intent)
  SELECT p_handle, p_object, p_iteration, p_task, p_chunk, p_attempt, pg_catalog.nextval('dom.dom$seq'),
    p_kind, p_stream_attempt, p_try, p_status, pg_catalog.clock_timestamp(), p_message, p_intent
  FROM dom.dom$stream s WHERE s.handle = p_handle AND s.attempt = p_stream_attempt
  ON CONFLICT DO NOTHING
  RETURNING u.unit_id, u.status, pg_catalog.set_config('dom.unit',
      u.unit_id || E'\t' || u.iteration || E'\t' || u.chunk || E'\t' || u.task || E'\t' || u.object, true)
    || pg_catalog.set_config('dom.log', '0 0 0', true)
    || pg_catalog.set_config('application_name', p_label, true)
  INTO unit_id, status, v_settings;
  claimed := FOUND;
  IF NOT claimed THEN
    PERFORM dom.check_attempt(p_handle, p_stream_attempt);
    SELECT u.unit_id, u.status, u.message, u.intent
    INTO unit_id, status, message, intent
    FROM dom.dom$unit u
    WHERE u.handle = p_handle AND u.object = p_object AND u.iteration = p_iteration AND u.task = p_task
      AND u.chunk = p_chunk AND u.attempt = p_attempt;
  END IF;
END $$;
COMMENT ON FUNCTION dom.claim_unit(text, bigint, integer, text, text, integer, text, integer, bigint, text,
  text, jsonb, text) IS 'Inserts a unit''s row with its final status, or reads the one that is there';

-- The claim is written out here once more, and the answer is one array: a call within this call and a row of
-- seven columns cost as much as the insert itself.
CREATE OR REPLACE FUNCTION dom.run_unit(
  p_handle text, p_stream_attempt bigint, p_try integer, p_kind text, p_object text, p_iteration integer,
  p_task text, p_chunk integer, p_attempt bigint, p_label text, p_work text, p_schema text, p_name text,
  p_arguments text[])
RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  v_unit bigint;
  v_settings text;
  v_log text[];
  v_elapsed_ms double precision;
BEGIN
  INSERT INTO dom.dom$unit AS u (handle, object, iteration, task, chunk, attempt, unit_id, kind,
    stream_attempt, try, status, started_at)
  SELECT p_handle, p_object, p_iteration, p_task, p_chunk, p_attempt, pg_catalog.nextval('dom.dom$seq'),
    p_kind, p_stream_attempt, p_try, 'done', pg_catalog.clock_timestamp()
  FROM dom.dom$stream s WHERE s.handle = p_handle AND s.attempt = p_stream_attempt
  ON CONFLICT DO NOTHING
  RETURNING u.unit_id, pg_catalog.set_config('dom.unit',
      u.unit_id || E'\t' || u.iteration || E'\t' || u.chunk || E'\t' || u.task || E'\t' || u.object, true)
    || pg_catalog.set_config('dom.log', '0 0 0', true)
    || pg_catalog.set_config('application_name', p_label, true)
  INTO v_unit, v_settings;
  IF NOT FOUND THEN
    PERFORM dom.check_attempt(p_handle, p_stream_attempt);
    RETURN (
      SELECT ARRAY[u.unit_id::text, 'recorded', u.status, u.message, NULL, NULL, (
        SELECT pg_catalog.count(*) FROM dom.dom$statement s WHERE s.unit_id = u.unit_id)::text]
      FROM dom.dom$unit u
      WHERE u.handle = p_handle AND u.object = p_object AND u.iteration = p_iteration AND u.task = p_task
        AND u.chunk = p_chunk AND u.attempt = p_attempt);
  END IF;
  CASE p_work
    WHEN 'task' THEN
      EXECUTE pg_catalog.format('CALL %I.%I($1)', p_schema, p_name) USING p_handle;
    WHEN 'iterator' THEN
      EXECUTE pg_catalog.format('CALL %I.%I($1, $2, $3)', p_schema, p_name)
        USING p_handle, p_arguments[1], p_arguments[2];
    WHEN 'final' THEN
      EXECUTE pg_catalog.format('CALL %I.%I($1, $2)', p_schema, p_name) USING p_handle, p_arguments[1];
    WHEN 'sql' THEN
      PERFORM dom.execute(p_handle, p_arguments[1]);
    WHEN 'split by key' THEN
      PERFORM dom.split_by_key(p_handle, p_arguments[1], p_arguments[2], p_arguments[3], p_arguments[4]);
    WHEN 'split by sql' THEN
      PERFORM dom.split_by_sql(p_handle, p_arguments[1]);
  END CASE;
  v_log := pg_catalog.string_to_array(pg_catalog.current_setting('dom.log'), ' ');
  v_elapsed_ms :=
    EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()) * 1000;
  IF v_elapsed_ms >= 50 THEN
    UPDATE dom.dom$unit u SET elapsed_ms = v_elapsed_ms
    WHERE u.handle = p_handle AND u.object = p_object AND u.iteration = p_iteration AND u.task = p_task
      AND u.chunk = p_chunk AND u.attempt = p_attempt;
  END IF;
  RETURN ARRAY[v_unit::text, 'done', 'done', NULL, v_elapsed_ms::text, v_log[2], v_log[1]];
END $$;
COMMENT ON FUNCTION dom.run_unit(text, bigint, integer, text, text, integer, text, integer, bigint, text,
  text, text, text, text[]) IS
  'Claims a unit, does its work and records it, or says what is recorded already. Returns the unit''s id, the
outcome, the recorded status, its message, elapsed ms, rows and statements';

CREATE OR REPLACE FUNCTION dom.record_unit(
  p_handle text, p_stream_attempt bigint, p_try integer, p_kind text, p_object text, p_iteration integer,
  p_task text, p_chunk integer, p_attempt bigint, p_label text, p_status text, p_message text,
  OUT outcome text, OUT recorded text, OUT message text)
LANGUAGE plpgsql AS $$
DECLARE
  v_claim record;
BEGIN
  v_claim := dom.claim_unit(p_handle, p_stream_attempt, p_try, p_kind, p_object, p_iteration, p_task,
    p_chunk, p_attempt, p_status, p_message, NULL, p_label);
  outcome := CASE WHEN v_claim.claimed THEN p_status ELSE 'recorded' END;
  recorded := v_claim.status;
  message := CASE WHEN v_claim.claimed THEN p_message ELSE v_claim.message END;
END $$;
COMMENT ON FUNCTION dom.record_unit(text, bigint, integer, text, text, integer, text, integer, bigint, text,
  text, text) IS
  'Records a unit whose call said operation_complete or nothing_to_perform, which rolled it back';

CREATE OR REPLACE FUNCTION dom.end_plain(
  p_handle text, p_stream_attempt bigint, p_unit_id bigint, p_seq integer, p_sql text,
  p_started timestamptz, p_elapsed_ms double precision, p_rows bigint, p_message text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dom.check_attempt(p_handle, p_stream_attempt);
  UPDATE dom.dom$unit u SET status = 'done', elapsed_ms = p_elapsed_ms, message = p_message, intent = NULL
  WHERE u.handle = p_handle AND u.unit_id = p_unit_id AND u.status = 'started';
  IF FOUND THEN
    INSERT INTO dom.dom$statement (unit_id, seq, text, started_at, elapsed_ms, row_count)
    VALUES (p_unit_id, p_seq, p_sql, p_started, p_elapsed_ms, p_rows);
  END IF;
END $$;
COMMENT ON FUNCTION dom.end_plain(text, bigint, bigint, integer, text, timestamptz, double precision, bigint,
  text) IS
  'Records the end of a statement that cannot run in a transaction';

CREATE OR REPLACE FUNCTION dom.drop_started(p_handle text, p_stream_attempt bigint, p_unit_id bigint)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dom.check_attempt(p_handle, p_stream_attempt);
  DELETE FROM dom.dom$unit u WHERE u.handle = p_handle AND u.unit_id = p_unit_id AND u.status = 'started';
END $$;
COMMENT ON FUNCTION dom.drop_started(text, bigint, bigint) IS
  'Takes back the intent of a statement that failed and left nothing behind';

CREATE OR REPLACE FUNCTION dom.split_by_key(
  p_handle text, p_owner text, p_table text, p_column text, p_size text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_table text := pg_catalog.format('%I.%I', p_owner, p_table);
  v_type text;
  v_step text;
BEGIN
  SELECT pg_catalog.format_type(a.atttypid, NULL) INTO v_type FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = v_table::regclass AND a.attname = p_column AND a.attnum > 0 AND NOT a.attisdropped;
  v_step := CASE
    WHEN v_type IN ('smallint', 'integer', 'bigint', 'numeric') THEN 'numeric'
    WHEN v_type IN ('date', 'timestamp without time zone') THEN 'timestamp'
    WHEN v_type = 'timestamp with time zone' THEN 'timestamptz'
  END;
  IF v_step IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'OD120', MESSAGE = pg_catalog.format(
      'Column %I of %s cannot be cut into ranges: it is %s', p_column, v_table, COALESCE(v_type, 'missing')),
      HINT = 'Name an integer, date or timestamp column, or give the chunks by a query of your own.';
  END IF;
  -- The limits of dates are dates: a part of a day would be a range without any.
  IF v_type = 'date' AND EXTRACT(epoch FROM p_size::interval)::bigint % 86400 <> 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'OD120', MESSAGE = pg_catalog.format(
      'The size "%s" of chunks is no whole number of days, and column %I of %s has dates', p_size, p_column,
      v_table),
      HINT = 'Give whole days, weeks, months or years.';
  END IF;
  PERFORM dom.split_by_sql(p_handle, pg_catalog.format(
    'SELECT g::%1$s, (g + %2$L::%3$s)::%1$s FROM (SELECT min(%4$I)::%5$s AS low, max(%4$I)::%5$s AS high'
    ' FROM %6$s) AS k CROSS JOIN LATERAL generate_series(k.low, k.high, %2$L::%3$s) AS g ORDER BY 1',
    CASE WHEN v_step = 'numeric' THEN 'numeric' ELSE v_type END, p_size,
    CASE WHEN v_step = 'numeric' THEN 'numeric' ELSE 'interval' END, p_column, v_step, v_table));
END $$;
COMMENT ON FUNCTION dom.split_by_key(text, text, text, text, text) IS
  'Cuts a task into ranges of equal width, low <= key < high, from the least to the greatest key';

CREATE OR REPLACE FUNCTION dom.split_by_sql(p_handle text, p_sql text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_unit text[] := dom.current_unit();
BEGIN
  -- The row number follows the order in which the author's query returns its rows.
  PERFORM dom.execute(p_handle, pg_catalog.format(
    E'INSERT INTO dom.dom$chunk (handle, object, iteration, task, chunk, low, high)\n'
    'SELECT %L, %L, %L::integer, %L, row_number() OVER (), q.low::text, q.high::text\n'
    'FROM (\n%s\n) AS q (low, high)',
    p_handle, v_unit[5], v_unit[2], v_unit[4], p_sql));
END $$;
COMMENT ON FUNCTION dom.split_by_sql(text, text) IS
  'Cuts a task into the chunks that a query returns: low and high, one row a chunk, in order';
