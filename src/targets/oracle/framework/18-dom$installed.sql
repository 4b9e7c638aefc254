CREATE TABLE dom$installed (
  name           VARCHAR2(64)  NOT NULL,
  sha256         VARCHAR2(64)  NOT NULL,
  state_sha256   VARCHAR2(64)  NOT NULL,
  installed_ms   NUMBER(17,3)  NOT NULL,
  server_version VARCHAR2(80)  NOT NULL,
  objects        CLOB          NOT NULL,
  fingerprint    CLOB          NOT NULL,
  line_map       CLOB          NOT NULL,
  CONSTRAINT dom$installed_pk PRIMARY KEY (name)
)
/
COMMENT ON TABLE dom$installed IS 'What ODTM has installed here: the framework (dom) and the packages'
/
COMMENT ON COLUMN dom$installed.name IS 'The package, or dom for the framework'
/
COMMENT ON COLUMN dom$installed.sha256 IS 'Hash of its files'
/
COMMENT ON COLUMN dom$installed.state_sha256 IS 'Hash of those of its files that create state tables'
/
COMMENT ON COLUMN dom$installed.installed_ms IS 'When these files were installed'
/
COMMENT ON COLUMN dom$installed.server_version IS 'Version of the server then'
/
COMMENT ON COLUMN dom$installed.objects IS 'Objects that its code files created, as JSON'
/
COMMENT ON COLUMN dom$installed.fingerprint IS
  'Hash of each object''s source, as JSON, to notice changes by hand'
/
COMMENT ON COLUMN dom$installed.line_map IS
  'Object, file, and the line in it where its source begins, as JSON'
/
