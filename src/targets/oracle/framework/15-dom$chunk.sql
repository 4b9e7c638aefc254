CREATE TABLE dom$chunk (
  handle     VARCHAR2(64)   NOT NULL,
  object_key VARCHAR2(260)  NOT NULL,
  iteration  NUMBER(10)     NOT NULL,
  task       VARCHAR2(64)   NOT NULL,
  chunk      NUMBER(10)     NOT NULL,
  low_value  VARCHAR2(4000),
  high_value VARCHAR2(4000),
  CONSTRAINT dom$chunk_pk PRIMARY KEY (handle, object_key, iteration, task, chunk),
  CONSTRAINT dom$chunk_chunk_ck CHECK (chunk > 0)
)
/
COMMENT ON TABLE dom$chunk IS 'The chunks of a task, recorded once by the unit that cut it'
/
COMMENT ON COLUMN dom$chunk.handle IS 'The stream'
/
COMMENT ON COLUMN dom$chunk.object_key IS 'owner.name of the object, or -'
/
COMMENT ON COLUMN dom$chunk.iteration IS 'The iteration'
/
COMMENT ON COLUMN dom$chunk.task IS 'The task'
/
COMMENT ON COLUMN dom$chunk.chunk IS 'The chunk, from 1'
/
COMMENT ON COLUMN dom$chunk.low_value IS 'Where it begins; for ranges of a key this value belongs to it'
/
COMMENT ON COLUMN dom$chunk.high_value IS 'Where it ends; for ranges of a key this value belongs to the next'
/
