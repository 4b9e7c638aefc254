-- The target's own record, in the schema of the instance. Each table is created where it is missing and never
-- dropped while it is needed. An empty text is NULL in this sql_mode, as on Oracle: "no object" is '-'.
-- Times are milliseconds since 1970 in UTC with a fraction, so that no session's time zone has a say in them.

CREATE TABLE IF NOT EXISTS dom$stream (
  handle VARCHAR(64) NOT NULL COMMENT 'The stream''s handle, which package code receives as p_handle',
  attempt BIGINT NOT NULL COMMENT 'The newest attempt; sessions of older ones are fenced',
  run_id VARCHAR(40) NOT NULL COMMENT 'The run, as the repository counts them',
  operation_id INTEGER NOT NULL COMMENT 'The operation''s number',
  operation_name VARCHAR(64) NOT NULL COMMENT 'The operation''s name',
  package_name VARCHAR(64) NOT NULL COMMENT 'The package of its procedures',
  attached_ms DECIMAL(17, 3) NOT NULL COMMENT 'When the newest attempt began on this database',
  PRIMARY KEY (handle)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
  COMMENT = 'Streams that are not over: a run of an operation on this database'
/
CREATE TABLE IF NOT EXISTS dom$unit (
  handle VARCHAR(64) NOT NULL COMMENT 'The stream',
  object_key VARCHAR(260) NOT NULL COMMENT 'owner.name of the object, or -',
  iteration INTEGER NOT NULL COMMENT 'The iteration, from 1',
  task VARCHAR(64) NOT NULL COMMENT 'The task, or iterator, initial, final (completed), final_error',
  chunk INTEGER NOT NULL COMMENT 'The chunk from 1; 0: the whole task, or its cutting into chunks',
  attempt BIGINT NOT NULL COMMENT 'The stream''s attempt for initial and the finals, else 0',
  unit_id BIGINT NOT NULL COMMENT 'Short key for the statements',
  kind VARCHAR(10) NOT NULL COMMENT 'iterator, initial, split, task or final',
  stream_attempt BIGINT NOT NULL COMMENT 'The attempt that did the work',
  try_no INTEGER NOT NULL COMMENT 'The try within that attempt, from 1',
  status VARCHAR(10) NOT NULL COMMENT
    'done; complete: the iterator found nothing left; skipped: by a person; started: commits by itself',
  started_ms DECIMAL(17, 3) NOT NULL COMMENT 'When its work began, ms since 1970',
  elapsed_ms DECIMAL(17, 3) COMMENT 'How long it took',
  message VARCHAR(4000) COMMENT 'What the package or a person said',
  PRIMARY KEY (handle, object_key, iteration, task, chunk, attempt)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin COMMENT =
  'The record of units, written in the transaction of their work: the key is the exactly-once guarantee'
/
CREATE TABLE IF NOT EXISTS dom$statement (
  unit_id BIGINT NOT NULL COMMENT 'The unit',
  stream_attempt BIGINT NOT NULL COMMENT 'The attempt that executed it',
  try_no INTEGER NOT NULL COMMENT 'The try within that attempt',
  seq INTEGER NOT NULL COMMENT 'Their order within the try, from 1; numbers may be missing',
  status VARCHAR(10) NOT NULL COMMENT 'done; started: commits by itself, and its end has not been seen yet',
  sql_text LONGTEXT NOT NULL COMMENT 'The statement in full',
  started_ms DECIMAL(17, 3) NOT NULL COMMENT 'When it began, ms since 1970',
  elapsed_ms DECIMAL(17, 3) COMMENT 'How long it took',
  row_count BIGINT COMMENT 'Rows that it processed; null for a message',
  workers INTEGER COMMENT 'Parallel workers; null: this engine has none',
  redo_bytes BIGINT COMMENT 'Redo that it wrote; null: this engine does not say',
  undo_bytes BIGINT COMMENT 'Undo that it wrote; null: this engine does not say',
  message VARCHAR(4000) COMMENT 'How a doubt about it was resolved',
  intent VARCHAR(4000) COMMENT 'Catalogue facts from before it began, by which a doubt is resolved',
  PRIMARY KEY (unit_id, stream_attempt, try_no, seq)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin COMMENT =
  'Statements of units which the repository has not acknowledged yet; then they are deleted'
/
CREATE TABLE IF NOT EXISTS dom$parameter (
  handle VARCHAR(64) NOT NULL COMMENT 'The stream',
  object_key VARCHAR(260) NOT NULL COMMENT 'owner.name for a value of one object, or -',
  param_name VARCHAR(64) NOT NULL COMMENT 'The parameter''s name',
  param_type VARCHAR(10) NOT NULL COMMENT 'string, number or date',
  param_value VARCHAR(4000) COMMENT 'The value as text; a date as YYYY-MM-DD [HH:MM:SS]',
  PRIMARY KEY (handle, object_key, param_name),
  CONSTRAINT dom$parameter_type CHECK (param_type IN ('string', 'number', 'date'))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
  COMMENT = 'Parameters of a stream, written at each start and restart'
/
CREATE TABLE IF NOT EXISTS dom$chunk (
  handle VARCHAR(64) NOT NULL COMMENT 'The stream',
  object_key VARCHAR(260) NOT NULL COMMENT 'owner.name of the object, or -',
  iteration INTEGER NOT NULL COMMENT 'The iteration',
  task VARCHAR(64) NOT NULL COMMENT 'The task',
  chunk INTEGER NOT NULL COMMENT 'The chunk, from 1',
  low_value VARCHAR(4000) NOT NULL COMMENT 'Where it begins; for ranges of a key this value belongs to it',
  high_value VARCHAR(4000) NOT NULL COMMENT 'Where it ends; for ranges of a key it belongs to the next',
  PRIMARY KEY (handle, object_key, iteration, task, chunk)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
  COMMENT = 'The chunks of a task, recorded once by the unit that cut it'
/
CREATE TABLE IF NOT EXISTS dom$session (
  session_no BIGINT NOT NULL COMMENT 'Number of the session; its named lock is made of it',
  handle VARCHAR(64) NOT NULL COMMENT 'The stream that it works for',
  stream_attempt BIGINT NOT NULL COMMENT 'The attempt that it belongs to',
  server_session VARCHAR(128) NOT NULL COMMENT 'Its connection id on the server',
  entered_ms DECIMAL(17, 3) NOT NULL COMMENT 'When it began to work for the stream, ms since 1970',
  PRIMARY KEY (session_no),
  INDEX dom$session_handle (handle)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
  COMMENT = 'Sessions of streams: who takes a stream over ends those of its earlier attempts'
/
CREATE TABLE IF NOT EXISTS dom$log (
  session_no BIGINT NOT NULL COMMENT 'The session',
  event_no BIGINT NOT NULL COMMENT 'Counts the events of the session',
  unit_id BIGINT NOT NULL COMMENT 'The unit',
  event CHAR(1) NOT NULL COMMENT 'B: a statement began, E: it ended, F: it failed, M: a message',
  seq INTEGER NOT NULL COMMENT 'The statement within the try',
  depth INTEGER NOT NULL COMMENT 'How many statements stand around it',
  at_ms DECIMAL(17, 3) NOT NULL COMMENT 'When, ms since 1970',
  elapsed_ms DECIMAL(17, 3) COMMENT 'How long the statement took',
  row_count BIGINT COMMENT 'Rows that it processed',
  workers INTEGER COMMENT 'Parallel workers',
  redo_bytes BIGINT COMMENT 'Redo that it wrote',
  undo_bytes BIGINT COMMENT 'Undo that it wrote',
  code INTEGER COMMENT 'The error''s number',
  sql_text LONGTEXT COMMENT 'The statement, the message, or the error''s text',
  PRIMARY KEY (session_no, event_no)
) ENGINE = Aria TRANSACTIONAL = 0 CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
  COMMENT = 'The live log: outside of transactions, so that others see it at once and a rollback leaves it'
/
CREATE TABLE IF NOT EXISTS dom$installed (
  name VARCHAR(64) NOT NULL COMMENT 'The package, or dom for the framework',
  sha256 VARCHAR(64) NOT NULL COMMENT 'Hash of its files',
  state_sha256 VARCHAR(64) NOT NULL COMMENT 'Hash of those of its files that create state tables',
  installed_ms DECIMAL(17, 3) NOT NULL COMMENT 'When these files were installed, ms since 1970',
  server_version VARCHAR(80) NOT NULL COMMENT 'Version of the server then',
  objects LONGTEXT NOT NULL COMMENT 'What its files created, as JSON',
  fingerprint LONGTEXT NOT NULL COMMENT 'Hash of each definition, to notice changes by hand, as JSON',
  line_map LONGTEXT NOT NULL COMMENT 'Routine and the file and line of its body, as JSON',
  PRIMARY KEY (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
  COMMENT = 'What ODTM has installed here: the framework (dom) and the packages'
/
CREATE SEQUENCE IF NOT EXISTS dom$seq CACHE 1000
/
-- What tables of older versions of the framework lack.
ALTER TABLE dom$statement
  ADD COLUMN IF NOT EXISTS redo_bytes BIGINT COMMENT 'Redo that it wrote; null: this engine does not say',
  ADD COLUMN IF NOT EXISTS undo_bytes BIGINT COMMENT 'Undo that it wrote; null: this engine does not say'
/
ALTER TABLE dom$log
  ADD COLUMN IF NOT EXISTS redo_bytes BIGINT COMMENT 'Redo that it wrote',
  ADD COLUMN IF NOT EXISTS undo_bytes BIGINT COMMENT 'Undo that it wrote'
/
