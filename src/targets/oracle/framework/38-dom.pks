CREATE OR REPLACE PACKAGE dom AS
  -- What package code calls. The handle is the run's handle, as package code received it.

  -- Names the session in v$session: module "odtm <operation>/<action or module>", action
  -- "run <run> <module>", client identifier the handle.
  PROCEDURE initialise (p_handle IN VARCHAR2, p_module IN VARCHAR2 DEFAULT NULL,
    p_action IN VARCHAR2 DEFAULT NULL);

  -- Runs and logs one statement. p_alter_session: settings for this statement alone, separated by semicolons.
  -- p_done_when: a query of one column that answers 1 (or Y, TRUE) when the statement has taken effect and 0
  -- (or N, FALSE, or no row) when it has not; it decides after a crash where the catalogue cannot.
  PROCEDURE execute_immediate (p_handle IN VARCHAR2, p_sql_str IN CLOB,
    p_alter_session IN VARCHAR2 DEFAULT NULL, p_done_when IN VARCHAR2 DEFAULT NULL);

  -- Rows that the last statement of execute_immediate processed.
  FUNCTION last_row_count (p_handle IN VARCHAR2) RETURN NUMBER;

  -- Puts a line of text into the statement log.
  PROCEDURE log_message (p_handle IN VARCHAR2, p_message IN CLOB);

  -- One value from a query, which is not logged; ORA-01403 where it has no row.
  PROCEDURE select_number (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT NUMBER);
  PROCEDURE select_string (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT VARCHAR2);
  PROCEDURE select_date (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT DATE);

  -- Parameters; that of the object comes before that of all. Missing: ORA-20115. p_object_name: of another
  -- object than the current one, as owner.name or just name.
  FUNCTION get_string_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION get_string_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN VARCHAR2;
  FUNCTION get_num_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER;
  FUNCTION get_num_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER;
  FUNCTION get_date_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN DATE;
  FUNCTION get_date_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2) RETURN DATE;

  -- The iterator says that nothing is left (ORA-20100); what it wrote in this call is rolled back.
  PROCEDURE operation_complete (p_message IN VARCHAR2 DEFAULT 'nothing left to do');

  -- A task has nothing to do and counts as done (ORA-20007); what it wrote in this call is rolled back.
  PROCEDURE nothing_to_perform (p_message IN VARCHAR2 DEFAULT 'nothing to perform');

  -- The limits of the chunk that this call works on; of a range of a key, low is part and high is not.
  -- ORA-20121 where the call is no chunk.
  FUNCTION chunk_low (p_handle IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION chunk_high (p_handle IN VARCHAR2) RETURN VARCHAR2;

  -- Waits, by dbms_session or, where that has none, by dbms_lock.
  PROCEDURE sleep (p_seconds IN NUMBER);
END dom;
/
