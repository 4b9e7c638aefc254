-- The target's own record. Every table is created where it is missing and never dropped while it is needed.
-- Text keys compare bytewise (COLLATE "C"): quick, and indifferent to a changed collation of the server.

COMMENT ON SCHEMA dom IS 'ODTM: the framework that package code calls, and this database''s own record';

CREATE SEQUENCE IF NOT EXISTS dom.dom$seq CACHE 1000;
COMMENT ON SEQUENCE dom.dom$seq IS
  'Ids of units, and behind each the numbers of its statements: a sequence never goes back with a rollback';

CREATE TABLE IF NOT EXISTS dom.dom$stream (
  handle text COLLATE "C" PRIMARY KEY,
  attempt bigint NOT NULL CHECK (attempt > 0),
  run_id text NOT NULL,
  operation_id integer NOT NULL,
  operation_name text NOT NULL,
  package text NOT NULL,
  attached_at timestamptz NOT NULL
);
COMMENT ON TABLE dom.dom$stream IS 'Streams that are not over: a run of an operation on this database';
COMMENT ON COLUMN dom.dom$stream.handle IS 'The stream''s handle, which package code receives as p_handle';
COMMENT ON COLUMN dom.dom$stream.attempt IS 'The newest attempt; sessions of older ones are fenced';
COMMENT ON COLUMN dom.dom$stream.run_id IS 'The run, as the repository counts them';
COMMENT ON COLUMN dom.dom$stream.operation_id IS 'The operation''s number';
COMMENT ON COLUMN dom.dom$stream.operation_name IS 'The operation''s name';
COMMENT ON COLUMN dom.dom$stream.package IS 'The package, which is the schema of its procedures';
COMMENT ON COLUMN dom.dom$stream.attached_at IS 'When the newest attempt began on this database';

CREATE TABLE IF NOT EXISTS dom.dom$unit (
  handle text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  iteration integer NOT NULL,
  task text COLLATE "C" NOT NULL,
  chunk integer NOT NULL,
  attempt bigint NOT NULL,
  unit_id bigint NOT NULL,
  kind text NOT NULL,
  stream_attempt bigint NOT NULL,
  try integer NOT NULL,
  -- No CHECK: each insert would read and plan it anew, a tenth of what a small unit costs.
  status text NOT NULL,
  started_at timestamptz NOT NULL,
  elapsed_ms double precision,
  message text,
  intent jsonb,
  PRIMARY KEY (handle, object, iteration, task, chunk, attempt)
);
COMMENT ON TABLE dom.dom$unit IS
  'The record of units, written in the transaction of their work: the key is the exactly-once guarantee';
COMMENT ON COLUMN dom.dom$unit.handle IS 'The stream';
COMMENT ON COLUMN dom.dom$unit.object IS 'owner.name of the object, or empty';
COMMENT ON COLUMN dom.dom$unit.iteration IS 'The iteration, from 1';
COMMENT ON COLUMN dom.dom$unit.task IS 'The task, or iterator, initial, final (completed), final_error';
COMMENT ON COLUMN dom.dom$unit.chunk IS 'The chunk from 1; 0: the whole task, or its cutting into chunks';
COMMENT ON COLUMN dom.dom$unit.attempt IS 'The stream''s attempt for initial and the finals, else 0';
COMMENT ON COLUMN dom.dom$unit.unit_id IS 'Short key for the statements';
COMMENT ON COLUMN dom.dom$unit.kind IS 'iterator, initial, split, task or final';
COMMENT ON COLUMN dom.dom$unit.stream_attempt IS 'The attempt that did the work';
COMMENT ON COLUMN dom.dom$unit.try IS 'The try within that attempt, from 1';
COMMENT ON COLUMN dom.dom$unit.status IS
  'done; complete: the iterator found nothing left; skipped: by a person; started: commits by itself';
COMMENT ON COLUMN dom.dom$unit.started_at IS 'When its work began';
COMMENT ON COLUMN dom.dom$unit.elapsed_ms IS 'How long it took; null below 50 ms, to spare the update';
COMMENT ON COLUMN dom.dom$unit.message IS 'What the package or a person said';
COMMENT ON COLUMN dom.dom$unit.intent IS
  'For work that commits by itself: catalogue facts from before it began, by which a doubt is resolved';

CREATE TABLE IF NOT EXISTS dom.dom$statement (
  unit_id bigint NOT NULL,
  seq integer NOT NULL,
  text text NOT NULL,
  started_at timestamptz NOT NULL,
  elapsed_ms double precision NOT NULL,
  row_count bigint,
  PRIMARY KEY (unit_id, seq)
);
COMMENT ON TABLE dom.dom$statement IS
  'Statements of committed units which the repository has not acknowledged yet; then they are deleted';
COMMENT ON COLUMN dom.dom$statement.unit_id IS 'The unit';
COMMENT ON COLUMN dom.dom$statement.seq IS 'Their order within the unit, from 1; numbers may be missing';
COMMENT ON COLUMN dom.dom$statement.text IS 'The statement in full';
COMMENT ON COLUMN dom.dom$statement.started_at IS 'When it began';
COMMENT ON COLUMN dom.dom$statement.elapsed_ms IS 'How long it took';
COMMENT ON COLUMN dom.dom$statement.row_count IS 'Rows that it processed; null for a message';

CREATE TABLE IF NOT EXISTS dom.dom$parameter (
  handle text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  type text NOT NULL CHECK (type IN ('string', 'number', 'date')),
  value text NOT NULL,
  PRIMARY KEY (handle, object, name)
);
COMMENT ON TABLE dom.dom$parameter IS 'Parameters of a stream, written at each start and restart';
COMMENT ON COLUMN dom.dom$parameter.handle IS 'The stream';
COMMENT ON COLUMN dom.dom$parameter.object IS 'owner.name for a value of one object, or empty';
COMMENT ON COLUMN dom.dom$parameter.name IS 'The parameter''s name';
COMMENT ON COLUMN dom.dom$parameter.type IS 'string, number or date';
COMMENT ON COLUMN dom.dom$parameter.value IS 'The value as text; a date as YYYY-MM-DD [HH:MM:SS]';

CREATE TABLE IF NOT EXISTS dom.dom$chunk (
  handle text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  iteration integer NOT NULL,
  task text COLLATE "C" NOT NULL,
  chunk integer NOT NULL CHECK (chunk > 0),
  low text NOT NULL,
  high text NOT NULL,
  PRIMARY KEY (handle, object, iteration, task, chunk)
);
COMMENT ON TABLE dom.dom$chunk IS 'The chunks of a task, recorded once by the unit that cut it';
COMMENT ON COLUMN dom.dom$chunk.handle IS 'The stream';
COMMENT ON COLUMN dom.dom$chunk.object IS 'owner.name of the object, or empty';
COMMENT ON COLUMN dom.dom$chunk.iteration IS 'The iteration';
COMMENT ON COLUMN dom.dom$chunk.task IS 'The task';
COMMENT ON COLUMN dom.dom$chunk.chunk IS 'The chunk, from 1';
COMMENT ON COLUMN dom.dom$chunk.low IS 'Where it begins; for ranges of a key this value belongs to it';
COMMENT ON COLUMN dom.dom$chunk.high IS 'Where it ends; for ranges of a key this value belongs to the next';

CREATE TABLE IF NOT EXISTS dom.dom$installed (
  name text COLLATE "C" PRIMARY KEY,
  sha256 text NOT NULL,
  state_sha256 text NOT NULL,
  installed_at timestamptz NOT NULL,
  created_schema boolean NOT NULL,
  server_major integer NOT NULL,
  objects jsonb NOT NULL,
  fingerprint jsonb NOT NULL,
  lines jsonb NOT NULL
);
COMMENT ON TABLE dom.dom$installed IS 'What ODTM has installed here: the framework (dom) and the packages';
COMMENT ON COLUMN dom.dom$installed.name IS 'The package, or dom for the framework; also its schema';
COMMENT ON COLUMN dom.dom$installed.sha256 IS 'Hash of its files';
COMMENT ON COLUMN dom.dom$installed.state_sha256 IS 'Hash of those of its files that create state tables';
COMMENT ON COLUMN dom.dom$installed.installed_at IS 'When these files were installed';
COMMENT ON COLUMN dom.dom$installed.created_schema IS 'The schema was created by ODTM, not by a DBA';
COMMENT ON COLUMN dom.dom$installed.server_major IS 'Major version of the server then';
COMMENT ON COLUMN dom.dom$installed.objects IS 'Routines, views and types that its code files created';
COMMENT ON COLUMN dom.dom$installed.fingerprint IS 'Hash of each definition, to notice changes by hand';
COMMENT ON COLUMN dom.dom$installed.lines IS 'Routine → file, and the line in it where its body begins';
