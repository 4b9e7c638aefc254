-- Functions that the controller calls around units. Names of functions are qualified throughout and operators
-- are used on catalogue types only, so the caller's search_path has no say in them. SET search_path is not
-- used: it would hold for the package code that is called from here as well.

CREATE OR REPLACE FUNCTION dom.stream_lock(p_handle text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.hashtextextended('odtm stream ' || p_handle, 0) $$;
COMMENT ON FUNCTION dom.stream_lock(text) IS
  'Key of the shared advisory lock that every session of a stream holds';

CREATE OR REPLACE FUNCTION dom.check_attempt(p_handle text, p_stream_attempt bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_attempt bigint;
BEGIN
  SELECT s.attempt INTO v_attempt FROM dom.dom$stream s WHERE s.handle = p_handle;
  IF v_attempt IS DISTINCT FROM p_stream_attempt THEN
    RAISE EXCEPTION USING ERRCODE = 'OD409', MESSAGE = pg_catalog.format(
      'Attempt %s of stream %s is over: attempt %s has taken it', p_stream_attempt, p_handle, v_attempt);
  END IF;
END $$;
COMMENT ON FUNCTION dom.check_attempt(text, bigint) IS 'Raises OD409 unless the attempt is the newest';

CREATE OR REPLACE FUNCTION dom.attach(
  p_handle text, p_stream_attempt bigint, p_stream jsonb, p_parameters jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO dom.dom$stream AS s
    (handle, attempt, run_id, operation_id, operation_name, package, attached_at)
  VALUES (p_handle, p_stream_attempt, p_stream ->> 'run', (p_stream ->> 'operation')::integer,
    p_stream ->> 'name', p_stream ->> 'package', pg_catalog.clock_timestamp())
  ON CONFLICT (handle) DO UPDATE SET attempt = excluded.attempt, run_id = excluded.run_id,
    operation_id = excluded.operation_id, operation_name = excluded.operation_name,
    package = excluded.package, attached_at = excluded.attached_at
  WHERE s.attempt <= excluded.attempt AND s.run_id = excluded.run_id
    AND s.operation_id = excluded.operation_id;
  -- Another repository may have given the same handle: its stream is left alone.
  IF EXISTS (SELECT FROM dom.dom$stream s WHERE s.handle = p_handle
      AND (s.run_id <> p_stream ->> 'run' OR s.operation_id <> (p_stream ->> 'operation')::integer)) THEN
    RAISE EXCEPTION USING ERRCODE = 'OD411',
      MESSAGE = pg_catalog.format('Handle %s is that of a run of another repository here', p_handle),
      HINT = 'Cancel this run and start it again: it gets another handle.';
  END IF;
  PERFORM dom.check_attempt(p_handle, p_stream_attempt);
  DELETE FROM dom.dom$parameter p WHERE p.handle = p_handle;
  INSERT INTO dom.dom$parameter (handle, object, name, type, value)
  SELECT p_handle, r.object, r.name, r.type, r.value
  FROM pg_catalog.jsonb_to_recordset(p_parameters) AS r (object text, name text, type text, value text);
END $$;
COMMENT ON FUNCTION dom.attach(text, bigint, jsonb, jsonb) IS
  'Takes a stream over for an attempt and writes its parameters; OD409 where a newer one has been here';

CREATE OR REPLACE FUNCTION dom.enter_stream(p_handle text, p_stream_attempt bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- The lock comes before the look: who takes the stream over writes first and then ends all who hold it.
  PERFORM pg_catalog.pg_advisory_lock_shared(dom.stream_lock(p_handle));
  PERFORM dom.check_attempt(p_handle, p_stream_attempt);
END $$;
COMMENT ON FUNCTION dom.enter_stream(text, bigint) IS 'Makes this session one of the stream''s';

CREATE OR REPLACE FUNCTION dom.end_sessions(p_handle text) RETURNS SETOF integer
LANGUAGE plpgsql AS $$
DECLARE
  v_key bigint := dom.stream_lock(p_handle);
  v_pid integer;
BEGIN
  FOR v_pid IN
    SELECT DISTINCT l.pid FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database())
      AND l.classid = ((v_key >> 32) & 4294967295)::oid AND l.objid = (v_key & 4294967295)::oid
      AND l.pid <> pg_catalog.pg_backend_pid()
  LOOP
    PERFORM pg_catalog.pg_terminate_backend(v_pid);
    RETURN NEXT v_pid;
  END LOOP;
END $$;
COMMENT ON FUNCTION dom.end_sessions(text) IS
  'Asks every other session of a stream to end; returns those that were still there';

CREATE OR REPLACE FUNCTION dom.decide(
  p_handle text, p_stream_attempt bigint, p_kind text, p_object text, p_iteration integer, p_task text,
  p_chunk integer, p_attempt bigint, p_outcome text, p_reason text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dom.check_attempt(p_handle, p_stream_attempt);
  DELETE FROM dom.dom$unit u
  WHERE u.handle = p_handle AND u.object = p_object AND u.iteration = p_iteration AND u.task = p_task
    AND u.chunk = p_chunk AND u.attempt = p_attempt AND u.status = 'started';
  IF p_outcome <> 'again' THEN
    INSERT INTO dom.dom$unit (handle, object, iteration, task, chunk, attempt, unit_id, kind,
      stream_attempt, try, status, started_at, message)
    VALUES (p_handle, p_object, p_iteration, p_task, p_chunk, p_attempt,
      pg_catalog.nextval('dom.dom$seq'), p_kind, p_stream_attempt, 1, p_outcome,
      pg_catalog.clock_timestamp(), p_reason)
    ON CONFLICT DO NOTHING;
  END IF;
END $$;
COMMENT ON FUNCTION dom.decide(text, bigint, text, text, integer, text, integer, bigint, text, text) IS
  'Writes a person''s decision as the record of a unit';

CREATE OR REPLACE FUNCTION dom.record(p_handle text)
RETURNS TABLE (object text, completed boolean, iteration integer, iterator text, tasks_done text[],
  initial_attempt bigint, final_error_attempt bigint)
LANGUAGE sql STABLE AS $$
  WITH objects AS (
    SELECT u.object, pg_catalog.max(u.iteration) AS iteration,
      pg_catalog.bool_or(u.task = 'final' AND u.status <> 'started') AS completed,
      pg_catalog.max(u.attempt) FILTER (WHERE u.task = 'initial') AS initial_attempt,
      pg_catalog.max(u.attempt) FILTER (WHERE u.task = 'final_error') AS final_error_attempt
    FROM dom.dom$unit u WHERE u.handle = p_handle GROUP BY u.object
  )
  SELECT o.object, o.completed, o.iteration,
    COALESCE((
      SELECT CASE u.status WHEN 'complete' THEN 'complete' ELSE 'done' END FROM dom.dom$unit u
      WHERE u.handle = p_handle AND u.object = o.object AND u.iteration = o.iteration
        AND u.task = 'iterator' AND u.chunk = 0), 'none'),
    ARRAY(
      SELECT u.task FROM dom.dom$unit u
      WHERE u.handle = p_handle AND u.object = o.object AND u.iteration = o.iteration
        AND u.chunk = 0 AND u.attempt = 0 AND u.task <> 'iterator' AND u.status <> 'started'
        AND NOT EXISTS (
          SELECT 1 FROM dom.dom$chunk c
          LEFT JOIN dom.dom$unit k ON k.handle = c.handle AND k.object = c.object
            AND k.iteration = c.iteration AND k.task = c.task AND k.chunk = c.chunk AND k.attempt = 0
            AND k.status <> 'started'
          WHERE c.handle = u.handle AND c.object = u.object AND c.iteration = u.iteration
            AND c.task = u.task AND k.handle IS NULL)
      ORDER BY u.task),
    COALESCE(o.initial_attempt, 0), COALESCE(o.final_error_attempt, 0)
  FROM objects o
$$;
COMMENT ON FUNCTION dom.record(text) IS 'Where each object of a stream stands; the input of every restart';

CREATE OR REPLACE FUNCTION dom.fold(
  p_handle text, p_stream_attempt bigint, p_object text, p_iteration integer)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dom.check_attempt(p_handle, p_stream_attempt);
  DELETE FROM dom.dom$unit u
  WHERE u.handle = p_handle AND u.object = p_object AND u.iteration < p_iteration AND u.attempt = 0
    AND NOT EXISTS (SELECT 1 FROM dom.dom$statement s WHERE s.unit_id = u.unit_id);
  DELETE FROM dom.dom$chunk c
  WHERE c.handle = p_handle AND c.object = p_object AND c.iteration < p_iteration;
END $$;
COMMENT ON FUNCTION dom.fold(text, bigint, text, integer) IS
  'Deletes the rows of an object''s older iterations; those of initial and the finals stay';

CREATE OR REPLACE FUNCTION dom.forget(p_handle text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM dom.dom$statement s USING dom.dom$unit u WHERE u.handle = p_handle AND s.unit_id = u.unit_id;
  DELETE FROM dom.dom$chunk c WHERE c.handle = p_handle;
  DELETE FROM dom.dom$parameter p WHERE p.handle = p_handle;
  DELETE FROM dom.dom$unit u WHERE u.handle = p_handle;
  DELETE FROM dom.dom$stream s WHERE s.handle = p_handle;
END $$;
COMMENT ON FUNCTION dom.forget(text) IS 'Removes every row of a stream that is over for good';
