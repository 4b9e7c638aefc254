CREATE OR REPLACE PACKAGE BODY dom AS

  PROCEDURE initialise (p_handle IN VARCHAR2, p_module IN VARCHAR2 DEFAULT NULL,
    p_action IN VARCHAR2 DEFAULT NULL)
  IS
    v_operation_id NUMBER(10);
    v_run_id       VARCHAR2(40);
  BEGIN
    SELECT MAX(s.operation_id), MAX(s.run_id) INTO v_operation_id, v_run_id
    FROM dom$stream s WHERE s.handle = p_handle;
    dbms_application_info.set_module(
      SUBSTRB('odtm ' || v_operation_id || '/'
        || COALESCE(p_action, p_module, dom$current.g_unit.task), 1, 48),
      SUBSTRB(RTRIM('run ' || v_run_id || ' ' || p_module), 1, 32));
    dbms_session.set_identifier(SUBSTRB(p_handle, 1, 64));
  END initialise;

  PROCEDURE execute_immediate (p_handle IN VARCHAR2, p_sql_str IN CLOB,
    p_alter_session IN VARCHAR2 DEFAULT NULL, p_done_when IN VARCHAR2 DEFAULT NULL) IS
  BEGIN
    IF NVL(dbms_lob.getlength(p_sql_str), 0) = 0 THEN
      raise_application_error(dom$error.gc_statement_missing,
        'DOM.execute_immediate was called without a statement');
    END IF;
    dom$door.execute(p_sql_str, p_alter_session, p_done_when);
  END execute_immediate;

  FUNCTION last_row_count (p_handle IN VARCHAR2) RETURN NUMBER IS
  BEGIN
    RETURN dom$current.g_last_rows;
  END last_row_count;

  PROCEDURE log_message (p_handle IN VARCHAR2, p_message IN CLOB) IS
  BEGIN
    dom$door.say(p_message);
  END log_message;

  PROCEDURE select_number (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT NUMBER) IS
  BEGIN
    EXECUTE IMMEDIATE p_sql_str INTO p_value;
  END select_number;

  PROCEDURE select_string (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT VARCHAR2) IS
    v_value VARCHAR2(32767);
  BEGIN
    EXECUTE IMMEDIATE p_sql_str INTO v_value;
    p_value := v_value;
  END select_string;

  PROCEDURE select_date (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT DATE) IS
  BEGIN
    EXECUTE IMMEDIATE p_sql_str INTO p_value;
  END select_date;

  -- Whether a name, with its owner or without, means this object. Names are compared without regard to case,
  -- as Oracle compares names that nobody has quoted.
  FUNCTION is_named (p_object_key IN VARCHAR2, p_object_name IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN UPPER(p_object_name) IN (
      UPPER(p_object_key), UPPER(SUBSTR(p_object_key, INSTR(p_object_key, '.') + 1)));
  END is_named;

  -- The object that a name means: the unit's own where it has this name, else the one of this id, else the
  -- only one of the stream that has this name without its owner.
  FUNCTION object_named (p_handle IN VARCHAR2, p_object_name IN VARCHAR2) RETURN VARCHAR2 IS
    v_own   VARCHAR2(260) := dom$current.g_unit.object_key;
    v_exact VARCHAR2(260);
    v_first VARCHAR2(260);
    v_last  VARCHAR2(260);
  BEGIN
    IF p_object_name IS NULL OR is_named(v_own, p_object_name) THEN
      RETURN v_own;
    END IF;
    SELECT MAX(CASE WHEN UPPER(p.object_key) = UPPER(p_object_name) THEN p.object_key END),
      MIN(p.object_key), MAX(p.object_key)
    INTO v_exact, v_first, v_last FROM dom$parameter p
    WHERE p.handle = p_handle AND p.object_key <> '-' AND (UPPER(p.object_key) = UPPER(p_object_name)
      OR UPPER(SUBSTR(p.object_key, INSTR(p.object_key, '.') + 1)) = UPPER(p_object_name));
    IF v_exact IS NULL AND v_first <> v_last THEN
      raise_application_error(dom$error.gc_parameter_missing, 'The name ' || p_object_name || ' means '
        || v_first || ' and ' || v_last || ': give it with its owner');
    END IF;
    RETURN COALESCE(v_exact, v_first, p_object_name);
  END object_named;

  FUNCTION find_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2 IS
    v_object VARCHAR2(260) := object_named(p_handle, p_object_name);
  BEGIN
    FOR r IN (
      SELECT p.param_value FROM dom$parameter p
      WHERE p.handle = p_handle AND UPPER(p.param_name) = UPPER(p_name) AND p.param_value IS NOT NULL
        AND p.object_key IN ('-', v_object)
      ORDER BY CASE p.object_key WHEN '-' THEN 1 ELSE 0 END, CASE p.param_name WHEN p_name THEN 0 ELSE 1 END)
    LOOP
      RETURN r.param_value;
    END LOOP;
    raise_application_error(dom$error.gc_parameter_missing, 'Parameter ' || p_name || ' has no value'
      || CASE WHEN v_object <> '-' THEN ' for ' || v_object END);
  END find_param;

  FUNCTION number_of (p_value IN VARCHAR2) RETURN NUMBER IS
  BEGIN
    -- The value has a point; what the session takes for one is its own affair.
    RETURN TO_NUMBER(REPLACE(p_value, '.', SUBSTR(TO_CHAR(1.5, 'FM9D9'), 2, 1)));
  END number_of;

  FUNCTION date_of (p_value IN VARCHAR2) RETURN DATE IS
  BEGIN
    RETURN CASE
      WHEN LENGTH(p_value) <= 10 THEN TO_DATE(p_value, 'YYYY-MM-DD')
      ELSE TO_DATE(REPLACE(p_value, 'T', ' '), 'YYYY-MM-DD HH24:MI:SS')
    END;
  END date_of;

  FUNCTION get_string_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN find_param(p_handle, NULL, p_name);
  END get_string_param;

  FUNCTION get_string_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN VARCHAR2 IS
  BEGIN
    RETURN find_param(p_handle, p_object_name, p_name);
  END get_string_param;

  FUNCTION get_num_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER IS
  BEGIN
    RETURN number_of(find_param(p_handle, NULL, p_name));
  END get_num_param;

  FUNCTION get_num_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN NUMBER IS
  BEGIN
    RETURN number_of(find_param(p_handle, p_object_name, p_name));
  END get_num_param;

  FUNCTION get_date_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN DATE IS
  BEGIN
    RETURN date_of(find_param(p_handle, NULL, p_name));
  END get_date_param;

  FUNCTION get_date_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN DATE IS
  BEGIN
    RETURN date_of(find_param(p_handle, p_object_name, p_name));
  END get_date_param;

  PROCEDURE operation_complete (p_message IN VARCHAR2 DEFAULT 'nothing left to do') IS
  BEGIN
    raise_application_error(dom$error.gc_complete, p_message);
  END operation_complete;

  PROCEDURE nothing_to_perform (p_message IN VARCHAR2 DEFAULT 'nothing to perform') IS
  BEGIN
    raise_application_error(dom$error.gc_nothing_to_perform, p_message);
  END nothing_to_perform;

  FUNCTION chunk_of (p_handle IN VARCHAR2) RETURN dom$chunk%ROWTYPE IS
    v_chunk dom$chunk%ROWTYPE;
  BEGIN
    SELECT c.* INTO v_chunk FROM dom$chunk c
    WHERE c.handle = p_handle AND c.object_key = dom$current.g_unit.object_key
      AND c.iteration = dom$current.g_unit.iteration AND c.task = dom$current.g_unit.task
      AND c.chunk = dom$current.g_unit.chunk;
    RETURN v_chunk;
  EXCEPTION
    WHEN NO_DATA_FOUND THEN
      raise_application_error(dom$error.gc_not_a_chunk, 'This call is not a chunk of a task');
  END chunk_of;

  FUNCTION chunk_low (p_handle IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN chunk_of(p_handle).low_value;
  END chunk_low;

  FUNCTION chunk_high (p_handle IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN chunk_of(p_handle).high_value;
  END chunk_high;

  -- Dynamic, because neither package need be granted for the framework to compile.
  PROCEDURE sleep (p_seconds IN NUMBER) IS
    e_not_there EXCEPTION;
    PRAGMA EXCEPTION_INIT(e_not_there, -6550);
  BEGIN
    EXECUTE IMMEDIATE 'BEGIN dbms_session.sleep(:seconds); END;' USING p_seconds;
  EXCEPTION
    WHEN e_not_there THEN
      EXECUTE IMMEDIATE 'BEGIN dbms_lock.sleep(:seconds); END;' USING p_seconds;
  END sleep;
END dom;
/
