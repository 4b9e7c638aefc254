CREATE TABLE dom$session (
  session_no     NUMBER(18)    NOT NULL,
  handle         VARCHAR2(64)  NOT NULL,
  stream_attempt NUMBER(18)    NOT NULL,
  server_session VARCHAR2(128) NOT NULL,
  entered_ms     NUMBER(17,3)  NOT NULL,
  CONSTRAINT dom$session_pk PRIMARY KEY (session_no)
)
/
COMMENT ON TABLE dom$session IS
  'Sessions of streams; whoever takes a stream over waits until the others are gone'
/
COMMENT ON COLUMN dom$session.session_no IS 'Its number, by which its rows of the live log are told apart'
/
COMMENT ON COLUMN dom$session.handle IS 'The stream'
/
COMMENT ON COLUMN dom$session.stream_attempt IS 'The attempt that it belongs to'
/
COMMENT ON COLUMN dom$session.server_session IS
  'The unique session id, by which its life is asked, a blank, sid,serial#,@instance as KILL SESSION wants'
/
COMMENT ON COLUMN dom$session.entered_ms IS 'When it joined the stream'
/
