CREATE TABLE dom$parameter (
  handle      VARCHAR2(64)   NOT NULL,
  object_key  VARCHAR2(260)  NOT NULL,
  param_name  VARCHAR2(64)   NOT NULL,
  param_type  VARCHAR2(10)   NOT NULL,
  param_value VARCHAR2(4000),
  CONSTRAINT dom$parameter_pk PRIMARY KEY (handle, object_key, param_name),
  CONSTRAINT dom$parameter_type_ck CHECK (param_type IN ('string', 'number', 'date'))
)
/
COMMENT ON TABLE dom$parameter IS 'Parameters of a stream, written at each start and restart'
/
COMMENT ON COLUMN dom$parameter.handle IS 'The stream'
/
COMMENT ON COLUMN dom$parameter.object_key IS 'owner.name for a value of one object, else -'
/
COMMENT ON COLUMN dom$parameter.param_name IS 'The parameter''s name'
/
COMMENT ON COLUMN dom$parameter.param_type IS 'string, number or date'
/
COMMENT ON COLUMN dom$parameter.param_value IS 'The value as text; a date as YYYY-MM-DD [HH:MM:SS]'
/
