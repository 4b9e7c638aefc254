CREATE TABLE dom$unit (
  handle         VARCHAR2(64)   NOT NULL,
  object_key     VARCHAR2(260)  NOT NULL,
  iteration      NUMBER(10)     NOT NULL,
  task           VARCHAR2(64)   NOT NULL,
  chunk          NUMBER(10)     NOT NULL,
  attempt        NUMBER(18)     NOT NULL,
  unit_id        NUMBER(18)     NOT NULL,
  kind           VARCHAR2(10)   NOT NULL,
  stream_attempt NUMBER(18)     NOT NULL,
  try_no         NUMBER(10)     NOT NULL,
  status         VARCHAR2(10)   NOT NULL,
  started_ms     NUMBER(17,3)   NOT NULL,
  elapsed_ms     NUMBER(17,3),
  message        VARCHAR2(4000),
  CONSTRAINT dom$unit_pk PRIMARY KEY (handle, object_key, iteration, task, chunk, attempt),
  CONSTRAINT dom$unit_id_uk UNIQUE (unit_id),
  CONSTRAINT dom$unit_status_ck CHECK (status IN ('started', 'done', 'complete', 'skipped'))
)
/
COMMENT ON TABLE dom$unit IS
  'The record of units, written in the transaction of their work: the key is the exactly-once guarantee'
/
COMMENT ON COLUMN dom$unit.handle IS 'The stream'
/
COMMENT ON COLUMN dom$unit.object_key IS 'owner.name of the object, or - where the operation has none'
/
COMMENT ON COLUMN dom$unit.iteration IS 'The iteration, from 1'
/
COMMENT ON COLUMN dom$unit.task IS 'The task, or iterator, initial, final (completed), final_error'
/
COMMENT ON COLUMN dom$unit.chunk IS 'The chunk from 1; 0: the whole task, or its cutting into chunks'
/
COMMENT ON COLUMN dom$unit.attempt IS 'The stream''s attempt for initial and the finals, else 0'
/
COMMENT ON COLUMN dom$unit.unit_id IS 'Short key for the statements'
/
COMMENT ON COLUMN dom$unit.kind IS 'iterator, initial, split, task or final'
/
COMMENT ON COLUMN dom$unit.stream_attempt IS 'The attempt that did the work'
/
COMMENT ON COLUMN dom$unit.try_no IS 'The try within that attempt, from 1'
/
COMMENT ON COLUMN dom$unit.status IS
  'done; complete: the iterator found nothing left; skipped: by a person; started: a part has committed'
/
COMMENT ON COLUMN dom$unit.started_ms IS 'When its newest try began'
/
COMMENT ON COLUMN dom$unit.elapsed_ms IS 'How long that try took'
/
COMMENT ON COLUMN dom$unit.message IS 'What the package or a person said'
/
