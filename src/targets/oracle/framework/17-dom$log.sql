CREATE TABLE dom$log (
  session_no NUMBER(18)    NOT NULL,
  event_no   NUMBER(18)    NOT NULL,
  unit_id    NUMBER(18)    NOT NULL,
  event      CHAR(1)       NOT NULL,
  seq        NUMBER(10)    NOT NULL,
  depth      NUMBER(6)     NOT NULL,
  at_ms      NUMBER(17,3)  NOT NULL,
  elapsed_ms NUMBER(17,3),
  row_count  NUMBER(18),
  workers    NUMBER(6),
  redo_bytes NUMBER(18),
  undo_bytes NUMBER(18),
  code       NUMBER(10),
  sql_text   CLOB,
  CONSTRAINT dom$log_pk PRIMARY KEY (session_no, event_no),
  CONSTRAINT dom$log_event_ck CHECK (event IN ('B', 'E', 'F', 'M'))
)
/
-- A table of an older version of the framework lacks these; else they are there, which is no error.
ALTER TABLE dom$log ADD (redo_bytes NUMBER(18), undo_bytes NUMBER(18))
/
COMMENT ON TABLE dom$log IS
  'The live log: written outside of the units'' transactions, read and deleted by the monitor session'
/
COMMENT ON COLUMN dom$log.session_no IS 'The session, see dom$session'
/
COMMENT ON COLUMN dom$log.event_no IS 'The order of events within the session, from 1'
/
COMMENT ON COLUMN dom$log.unit_id IS 'The unit'
/
COMMENT ON COLUMN dom$log.event IS 'B: a statement began, E: it ended, F: it failed, M: a message'
/
COMMENT ON COLUMN dom$log.seq IS 'The statement within the unit''s try'
/
COMMENT ON COLUMN dom$log.depth IS '0; from 1 for a statement that a statement has executed'
/
COMMENT ON COLUMN dom$log.at_ms IS 'When it happened'
/
COMMENT ON COLUMN dom$log.elapsed_ms IS 'How long the statement took; null for B and M'
/
COMMENT ON COLUMN dom$log.row_count IS 'Rows that it processed'
/
COMMENT ON COLUMN dom$log.workers IS 'Parallel servers that it used'
/
COMMENT ON COLUMN dom$log.redo_bytes IS 'Redo that it wrote'
/
COMMENT ON COLUMN dom$log.undo_bytes IS 'Undo that it wrote'
/
COMMENT ON COLUMN dom$log.code IS 'The number of the error, for F'
/
COMMENT ON COLUMN dom$log.sql_text IS
  'B: the statement; E: what the framework has to say; M: the message; F: the error with its stack and lines'
/
