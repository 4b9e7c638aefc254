CREATE OR REPLACE PACKAGE dom$run AS
  -- What the controller's blocks call: a unit is claimed, worked on, recorded and answered in one round trip.

  -- Makes this session one of the stream's; -20409 unless the attempt is the newest.
  PROCEDURE enter (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, o_session_no OUT NUMBER);

  -- o_go 1: the unit's row is this transaction's, go on; 0: it is recorded already.
  PROCEDURE claim (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    o_go OUT NUMBER);

  -- Records the unit as done, and commits.
  PROCEDURE done;

  -- Records what the package has said (complete, or nothing to perform), after the controller has rolled back
  -- what it had written. Commits; answer tells what became of it.
  PROCEDURE say_unit (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_try IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_status IN VARCHAR2, p_message IN VARCHAR2);

  -- What became of the claimed unit. o_outcome: done or complete, or recorded: it had its record before.
  PROCEDURE answer (o_unit_id OUT NUMBER, o_outcome OUT VARCHAR2, o_status OUT VARCHAR2,
    o_message OUT VARCHAR2, o_elapsed_ms OUT NUMBER, o_rows OUT NUMBER, o_statements OUT NUMBER);

  -- The events of this session behind one, so that they come with the answer: one a line, the fields between
  -- tabs, in the order of the columns of dom$log from event_no on without unit_id; in the text backslash n, t
  -- and backslash stand for line feed, tab and backslash. +: they are too many, and have to be selected.
  PROCEDURE answer_events (p_after IN NUMBER, o_events OUT VARCHAR2);
END dom$run;
/
