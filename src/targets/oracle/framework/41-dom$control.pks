CREATE OR REPLACE PACKAGE dom$control AS
  -- What the controller does with a stream around its units. All but attach commit. Where an attempt is
  -- given, -20409 is raised unless it is the newest.

  -- Takes a stream over for an attempt and removes its parameters; the caller writes them anew, and commits.
  PROCEDURE attach (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_run_id IN VARCHAR2,
    p_operation_id IN NUMBER, p_operation_name IN VARCHAR2, p_package IN VARCHAR2);

  -- Writes a person's decision as the record of a unit. p_outcome: skipped, done or again.
  PROCEDURE decide (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_kind IN VARCHAR2,
    p_object IN VARCHAR2, p_iteration IN NUMBER, p_task IN VARCHAR2, p_chunk IN NUMBER, p_attempt IN NUMBER,
    p_outcome IN VARCHAR2, p_reason IN VARCHAR2);

  -- Deletes the rows of an object's older iterations; those of initial and the finals stay.
  PROCEDURE fold (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER, p_object IN VARCHAR2,
    p_iteration IN NUMBER);

  -- Removes every row of a stream that is over for good.
  PROCEDURE forget (p_handle IN VARCHAR2);

  -- session_no:server_session of each session of the stream that lives, separated by semicolons, without the
  -- caller's own. Rows of dead sessions are removed, with their events.
  PROCEDURE live_sessions (p_handle IN VARCHAR2, o_sessions OUT VARCHAR2);

  -- Of these server sessions (as dom$session names them, separated by semicolons) those that live.
  -- p_working Y: and that are not known to have been idle for some seconds.
  PROCEDURE alive (p_sessions IN VARCHAR2, p_working IN VARCHAR2, o_alive OUT VARCHAR2);
END dom$control;
/
