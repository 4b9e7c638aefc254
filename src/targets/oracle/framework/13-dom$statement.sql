CREATE TABLE dom$statement (
  unit_id        NUMBER(18)     NOT NULL,
  stream_attempt NUMBER(18)     NOT NULL,
  try_no         NUMBER(10)     NOT NULL,
  seq            NUMBER(10)     NOT NULL,
  status         VARCHAR2(10)   NOT NULL,
  sql_text       CLOB           NOT NULL,
  started_ms     NUMBER(17,3)   NOT NULL,
  elapsed_ms     NUMBER(17,3),
  row_count      NUMBER(18),
  workers        NUMBER(6),
  redo_bytes     NUMBER(18),
  undo_bytes     NUMBER(18),
  message        VARCHAR2(4000),
  intent         VARCHAR2(4000),
  CONSTRAINT dom$statement_pk PRIMARY KEY (unit_id, stream_attempt, try_no, seq),
  CONSTRAINT dom$statement_status_ck CHECK (status IN ('started', 'done'))
)
/
-- A table of an older version of the framework lacks these; else they are there, which is no error.
ALTER TABLE dom$statement ADD (redo_bytes NUMBER(18), undo_bytes NUMBER(18))
/
COMMENT ON TABLE dom$statement IS
  'Statements of units which the repository has not acknowledged yet; then they are deleted'
/
COMMENT ON COLUMN dom$statement.unit_id IS 'The unit'
/
COMMENT ON COLUMN dom$statement.stream_attempt IS 'The stream''s attempt that executed it'
/
COMMENT ON COLUMN dom$statement.try_no IS 'The try within that attempt'
/
COMMENT ON COLUMN dom$statement.seq IS 'Their order within the try, from 1; numbers may be missing'
/
COMMENT ON COLUMN dom$statement.status IS
  'done; started: a statement that commits by itself was begun, and its end has not been seen'
/
COMMENT ON COLUMN dom$statement.sql_text IS 'The statement in full'
/
COMMENT ON COLUMN dom$statement.started_ms IS 'When it began'
/
COMMENT ON COLUMN dom$statement.elapsed_ms IS 'How long it took'
/
COMMENT ON COLUMN dom$statement.row_count IS 'Rows that it processed; null for a message'
/
COMMENT ON COLUMN dom$statement.workers IS 'Parallel servers that it used, where the session may ask'
/
COMMENT ON COLUMN dom$statement.redo_bytes IS 'Redo that it wrote, where the session may ask'
/
COMMENT ON COLUMN dom$statement.undo_bytes IS 'Undo that it wrote, where the session may ask'
/
COMMENT ON COLUMN dom$statement.message IS 'What the framework has to say about it'
/
COMMENT ON COLUMN dom$statement.intent IS
  'Catalogue facts from before it began, by which a doubt about it is resolved'
/
