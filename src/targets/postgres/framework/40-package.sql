-- What package code calls. Actions are procedures (CALL dom.…), values are functions.

CREATE OR REPLACE FUNCTION dom.current_unit() RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.string_to_array(NULLIF(pg_catalog.current_setting('dom.unit', true), ''), E'\t')
$$;
COMMENT ON FUNCTION dom.current_unit() IS
  'The unit that this transaction is: its id, iteration, chunk, task, object; null outside of one';

CREATE OR REPLACE FUNCTION dom.execute(p_handle text, p_sql text, p_alter_session text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_unit bigint := NULLIF(
    pg_catalog.split_part(pg_catalog.current_setting('dom.unit', true), E'\t', 1), '');
  v_log text[];
  v_seq integer;
  v_depth integer;
  v_started timestamptz;
  v_elapsed_ms double precision;
  v_rows bigint;
  v_before text[];
  v_setting text;
BEGIN
  IF p_sql IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'dom.execute_immediate was called without a statement';
  END IF;
  IF v_unit IS NULL THEN
    -- Called by hand, outside of any unit: nobody listens and there is no record to write.
    EXECUTE p_sql;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
  END IF;
  -- Numbers come from a sequence and so are never given twice, also when the package catches an error. The
  -- counts and the depth stand in a setting that a rollback takes back together with the rows.
  v_seq := pg_catalog.nextval('dom.dom$seq') - v_unit;
  v_log := pg_catalog.string_to_array(pg_catalog.current_setting('dom.log'), ' ');
  v_depth := v_log[3];
  v_started := pg_catalog.clock_timestamp();
  RAISE NOTICE USING ERRCODE = 'OD901', MESSAGE =
    v_seq || ' ' || v_depth || ' ' || EXTRACT(epoch FROM v_started) || ' ' || p_sql;
  IF pg_catalog.current_setting('dom.preview', true) = 'statements' THEN
    RAISE NOTICE USING ERRCODE = 'OD902', MESSAGE = v_seq || ' - 0';
    RETURN 0;
  END IF;
  -- An assignment calls the function at once, where PERFORM would execute a query.
  v_setting := pg_catalog.set_config('dom.log', v_log[1] || ' ' || v_log[2] || ' ' || v_depth + 1, true);
  IF p_alter_session IS NULL THEN
    EXECUTE p_sql;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
  ELSE
    v_before := dom.alter_session(p_alter_session);
    EXECUTE p_sql;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    PERFORM dom.restore_session(v_before);
  END IF;
  v_elapsed_ms := EXTRACT(epoch FROM pg_catalog.clock_timestamp() - v_started) * 1000;
  INSERT INTO dom.dom$statement (unit_id, seq, text, started_at, elapsed_ms, row_count)
  VALUES (v_unit, v_seq, p_sql, v_started, v_elapsed_ms, v_rows);
  v_log := pg_catalog.string_to_array(pg_catalog.current_setting('dom.log'), ' ');
  v_setting := pg_catalog.set_config('dom.log', v_log[1]::integer + 1 || ' '
    || CASE v_depth WHEN 0 THEN v_log[2]::bigint + v_rows ELSE v_log[2]::bigint END || ' ' || v_depth, true);
  RAISE NOTICE USING ERRCODE = 'OD902', MESSAGE = v_seq || ' ' || v_rows || ' ' || v_elapsed_ms;
  RETURN v_rows;
END $$;
COMMENT ON FUNCTION dom.execute(text, text, text) IS
  'Runs and logs one statement and returns the rows it processed; otherwise as execute_immediate';

CREATE OR REPLACE FUNCTION dom.alter_session(p_settings text) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  v_setting text;
  v_parts text[];
  v_before text[] := '{}';
BEGIN
  FOREACH v_setting IN ARRAY pg_catalog.string_to_array(p_settings, ';') LOOP
    CONTINUE WHEN pg_catalog.btrim(v_setting, E' \t\n\r') = '';
    v_parts := pg_catalog.regexp_match(v_setting,
      '^\s*(?:set\s+)?(?:local\s+)?([a-z_][a-z0-9_.]*)\s*(?:=|\sto\s)\s*(.*?)\s*$', 'i');
    IF v_parts IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = pg_catalog.format(
        'The session setting "%s" cannot be read', v_setting),
        HINT = 'Write settings as name = value, separated by semicolons, for instance work_mem = 256MB.';
    END IF;
    v_before := v_before || v_parts[1] || pg_catalog.current_setting(v_parts[1]);
    PERFORM pg_catalog.set_config(v_parts[1],
      pg_catalog.regexp_replace(v_parts[2], '^''(.*)''$', '\1'), true);
  END LOOP;
  RETURN v_before;
END $$;
COMMENT ON FUNCTION dom.alter_session(text) IS
  'Applies settings (name = value; …) until the end of the transaction; returns names and values before';

CREATE OR REPLACE FUNCTION dom.restore_session(p_before text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN REVERSE COALESCE(pg_catalog.array_length(p_before, 1), 0) / 2 .. 1 LOOP
    PERFORM pg_catalog.set_config(p_before[2 * i - 1], p_before[2 * i], true);
  END LOOP;
END $$;
COMMENT ON FUNCTION dom.restore_session(text[]) IS 'Puts back what dom.alter_session changed';

CREATE OR REPLACE PROCEDURE dom.execute_immediate(
  p_handle text, p_sql text, p_alter_session text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
  v_rows bigint;
BEGIN
  v_rows := dom.execute(p_handle, p_sql, p_alter_session);
END $$;
COMMENT ON PROCEDURE dom.execute_immediate(text, text, text) IS
  'Runs and logs one statement; p_alter_session: settings (name = value; …) for this statement alone';

CREATE OR REPLACE PROCEDURE dom.log_message(p_handle text, p_message text)
LANGUAGE plpgsql AS $$
DECLARE
  v_unit bigint := NULLIF(
    pg_catalog.split_part(pg_catalog.current_setting('dom.unit', true), E'\t', 1), '');
  v_text text := '-- ' || COALESCE(p_message, '');
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_log text[];
  v_seq integer;
BEGIN
  IF v_unit IS NULL THEN
    RAISE NOTICE '%', v_text;
    RETURN;
  END IF;
  v_seq := pg_catalog.nextval('dom.dom$seq') - v_unit;
  v_log := pg_catalog.string_to_array(pg_catalog.current_setting('dom.log'), ' ');
  INSERT INTO dom.dom$statement (unit_id, seq, text, started_at, elapsed_ms)
  VALUES (v_unit, v_seq, v_text, v_now, 0);
  PERFORM pg_catalog.set_config(
    'dom.log', v_log[1]::integer + 1 || ' ' || v_log[2] || ' ' || v_log[3], true);
  RAISE NOTICE USING ERRCODE = 'OD903', MESSAGE =
    v_seq || ' ' || v_log[3] || ' ' || EXTRACT(epoch FROM v_now) || ' ' || v_text;
END $$;
COMMENT ON PROCEDURE dom.log_message(text, text) IS 'Puts a line of text into the statement log';

CREATE OR REPLACE PROCEDURE dom.initialise(p_handle text, p_module text, p_action text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
  v_stream dom.dom$stream;
BEGIN
  SELECT s.* INTO v_stream FROM dom.dom$stream s WHERE s.handle = p_handle;
  PERFORM pg_catalog.set_config('application_name', pg_catalog.left(pg_catalog.format('odtm %s/%s run %s %s',
    v_stream.operation_id, COALESCE(p_action, p_module), v_stream.run_id, p_module), 63), true);
END $$;
COMMENT ON PROCEDURE dom.initialise(text, text, text) IS
  'Names the session in pg_stat_activity: odtm <operation>/<action> run <run> <module>, until the unit ends';

CREATE OR REPLACE FUNCTION dom.object_named(p_handle text, p_object text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_own text := (dom.current_unit())[5];
  v_objects text[];
BEGIN
  IF p_object IS NULL OR p_object IN (v_own, pg_catalog.split_part(v_own, '.', 2)) THEN
    RETURN v_own;
  END IF;
  SELECT pg_catalog.array_agg(DISTINCT p.object) INTO v_objects FROM dom.dom$parameter p
  WHERE p.handle = p_handle AND p_object IN (p.object, pg_catalog.split_part(p.object, '.', 2));
  IF p_object = ANY (v_objects) THEN
    RETURN p_object;
  END IF;
  IF pg_catalog.cardinality(v_objects) > 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'OD115',
      MESSAGE = pg_catalog.format('The name %s means %s', p_object,
        pg_catalog.array_to_string(v_objects, ' and ')),
      HINT = 'Give it with its owner.';
  END IF;
  RETURN COALESCE(v_objects[1], p_object);
END $$;
COMMENT ON FUNCTION dom.object_named(text, text) IS
  'The object that a name means: the unit''s own, the one of this id, or the only one of this name';

CREATE OR REPLACE FUNCTION dom.find_param(p_handle text, p_object text, p_name text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_object text := dom.object_named(p_handle, p_object);
  v_value text;
BEGIN
  SELECT p.value INTO v_value FROM dom.dom$parameter p
  WHERE p.handle = p_handle AND pg_catalog.lower(p.name) = pg_catalog.lower(p_name)
    AND p.object IN ('', v_object)
  ORDER BY p.object = '', p.name <> p_name LIMIT 1;
  IF v_value IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'OD115',
      MESSAGE = pg_catalog.format('Parameter %s has no value', p_name)
        || CASE WHEN v_object <> '' THEN pg_catalog.format(' for %s', v_object) ELSE '' END,
      HINT = 'Give it one in the definition of the operation, and apply.';
  END IF;
  RETURN v_value;
END $$;
COMMENT ON FUNCTION dom.find_param(text, text, text) IS
  'The value of a parameter, that of the object first; OD115 where there is none';

CREATE OR REPLACE FUNCTION dom.get_string_param(p_handle text, p_name text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT dom.find_param(p_handle, NULL, p_name) $$;
COMMENT ON FUNCTION dom.get_string_param(text, text) IS 'A parameter as text';

CREATE OR REPLACE FUNCTION dom.get_string_param(p_handle text, p_object_name text, p_name text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT dom.find_param(p_handle, p_object_name, p_name) $$;
COMMENT ON FUNCTION dom.get_string_param(text, text, text) IS 'A parameter of an object as text';

CREATE OR REPLACE FUNCTION dom.get_num_param(p_handle text, p_name text) RETURNS numeric
LANGUAGE sql STABLE AS $$ SELECT dom.find_param(p_handle, NULL, p_name)::numeric $$;
COMMENT ON FUNCTION dom.get_num_param(text, text) IS 'A parameter as a number';

CREATE OR REPLACE FUNCTION dom.get_num_param(p_handle text, p_object_name text, p_name text) RETURNS numeric
LANGUAGE sql STABLE AS $$ SELECT dom.find_param(p_handle, p_object_name, p_name)::numeric $$;
COMMENT ON FUNCTION dom.get_num_param(text, text, text) IS 'A parameter of an object as a number';

CREATE OR REPLACE FUNCTION dom.get_date_param(p_handle text, p_name text) RETURNS timestamp
LANGUAGE sql STABLE AS $$ SELECT dom.find_param(p_handle, NULL, p_name)::timestamp $$;
COMMENT ON FUNCTION dom.get_date_param(text, text) IS 'A parameter as a date with its time';

CREATE OR REPLACE FUNCTION dom.get_date_param(p_handle text, p_object_name text, p_name text)
RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT dom.find_param(p_handle, p_object_name, p_name)::timestamp
$$;
COMMENT ON FUNCTION dom.get_date_param(text, text, text) IS 'A parameter of an object as a date';

CREATE OR REPLACE PROCEDURE dom.operation_complete(p_message text DEFAULT 'nothing left to do')
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'OD100', MESSAGE = p_message;
END $$;
COMMENT ON PROCEDURE dom.operation_complete(text) IS
  'The iterator says that nothing is left; what it wrote in this call is rolled back';

CREATE OR REPLACE PROCEDURE dom.nothing_to_perform(p_message text DEFAULT 'nothing to perform')
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'OD007', MESSAGE = p_message;
END $$;
COMMENT ON PROCEDURE dom.nothing_to_perform(text) IS
  'A task has nothing to do and counts as done; what it wrote in this call is rolled back';

CREATE OR REPLACE FUNCTION dom.chunk_of(p_handle text) RETURNS dom.dom$chunk
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_unit text[] := dom.current_unit();
  v_chunk dom.dom$chunk;
BEGIN
  SELECT c.* INTO v_chunk FROM dom.dom$chunk c
  WHERE c.handle = p_handle AND c.object = v_unit[5] AND c.iteration = v_unit[2]::integer
    AND c.task = v_unit[4] AND c.chunk = v_unit[3]::integer;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'OD121', MESSAGE = 'This call is not a chunk of a task',
      HINT = 'Give the task chunks in the definition of the operation, or do not ask for their limits.';
  END IF;
  RETURN v_chunk;
END $$;
COMMENT ON FUNCTION dom.chunk_of(text) IS 'The chunk that this call works on; OD121 where it is none';

CREATE OR REPLACE FUNCTION dom.chunk_low(p_handle text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT (dom.chunk_of(p_handle)).low $$;
COMMENT ON FUNCTION dom.chunk_low(text) IS 'Where the chunk begins; of a range of a key it is part';

CREATE OR REPLACE FUNCTION dom.chunk_high(p_handle text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT (dom.chunk_of(p_handle)).high $$;
COMMENT ON FUNCTION dom.chunk_high(text) IS 'Where the chunk ends; of a range of a key it is not part';
