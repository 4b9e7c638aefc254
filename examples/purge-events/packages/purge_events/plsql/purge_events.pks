CREATE OR REPLACE PACKAGE purge_events AS
  -- What every package has.
  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2);
  PROCEDURE initial (p_handle IN VARCHAR2);
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N');

  -- The tasks, in the order in which they run. Each may be called again.
  PROCEDURE archive_month (p_handle IN VARCHAR2);
  PROCEDURE build_rollup (p_handle IN VARCHAR2);
  PROCEDURE purge_month (p_handle IN VARCHAR2);
END purge_events;
/
