CREATE TABLE dom$stream (
  handle         VARCHAR2(64)  NOT NULL,
  attempt        NUMBER(18)    NOT NULL,
  run_id         VARCHAR2(40)  NOT NULL,
  operation_id   NUMBER(10)    NOT NULL,
  operation_name VARCHAR2(64)  NOT NULL,
  package_name   VARCHAR2(64)  NOT NULL,
  attached_ms    NUMBER(17,3)  NOT NULL,
  CONSTRAINT dom$stream_pk PRIMARY KEY (handle),
  CONSTRAINT dom$stream_attempt_ck CHECK (attempt > 0)
)
/
COMMENT ON TABLE dom$stream IS 'Streams that are not over: a run of an operation on this database'
/
COMMENT ON COLUMN dom$stream.handle IS 'The stream''s handle, which package code receives as p_handle'
/
COMMENT ON COLUMN dom$stream.attempt IS 'The newest attempt; sessions of older ones are fenced'
/
COMMENT ON COLUMN dom$stream.run_id IS 'The run, as the repository counts them'
/
COMMENT ON COLUMN dom$stream.operation_id IS 'The operation''s number'
/
COMMENT ON COLUMN dom$stream.operation_name IS 'The operation''s name'
/
COMMENT ON COLUMN dom$stream.package_name IS 'The package that has its procedures'
/
COMMENT ON COLUMN dom$stream.attached_ms IS 'When the newest attempt began on this database'
/
