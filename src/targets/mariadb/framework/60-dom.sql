-- What package code calls. The signatures are those of DOM on Oracle; this server has neither default values
-- nor overloads, so the translation of a package completes its calls and takes the name with $3 for three
-- arguments.

CREATE OR REPLACE PACKAGE dom AS
  PROCEDURE initialise (p_handle IN VARCHAR2, p_module IN VARCHAR2, p_action IN VARCHAR2);
  PROCEDURE execute_immediate (
    p_handle IN VARCHAR2, p_sql_str IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2);
  PROCEDURE log_message (p_handle IN VARCHAR2, p_message IN CLOB);
  PROCEDURE select_number (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT NUMBER(65, 27));
  PROCEDURE select_date (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT DATE);
  PROCEDURE select_string (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT VARCHAR2);
  FUNCTION last_row_count (p_handle IN VARCHAR2) RETURN NUMBER(18);
  FUNCTION get_string_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION get_string_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN VARCHAR2;
  FUNCTION get_num_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER(38, 10);
  FUNCTION get_num_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN NUMBER(38, 10);
  FUNCTION get_date_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN DATE;
  FUNCTION get_date_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN DATE;
  PROCEDURE operation_complete (p_message IN VARCHAR2);
  PROCEDURE nothing_to_perform (p_message IN VARCHAR2);
  FUNCTION chunk_low (p_handle IN VARCHAR2) RETURN VARCHAR2;
  FUNCTION chunk_high (p_handle IN VARCHAR2) RETURN VARCHAR2;
  PROCEDURE sleep (p_seconds IN NUMBER);
END;
/
CREATE OR REPLACE PACKAGE BODY dom AS

  -- The server shows the comment of the controller's block, which names operation, task and run; module and
  -- action are kept where a DBA can read them in the session.
  PROCEDURE initialise (p_handle IN VARCHAR2, p_module IN VARCHAR2, p_action IN VARCHAR2) IS
  BEGIN
    SET @odtm_handle = p_handle, @odtm_module = p_module, @odtm_action = p_action;
  END;

  PROCEDURE execute_immediate (
    p_handle IN VARCHAR2, p_sql_str IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2) IS
  BEGIN
    dom$exec.execute_sql(p_sql_str, p_alter_session, p_done_when, @dom$rows);
  END;

  PROCEDURE log_message (p_handle IN VARCHAR2, p_message IN CLOB) IS
  BEGIN
    dom$exec.say(p_message);
  END;

  -- The only column of a query's only row. A query without a row leaves variables as they are, which is no
  -- error here.
  PROCEDURE select_value (p_sql_str IN CLOB) IS
  BEGIN
    SET @dom$has_row = 0;
    EXECUTE IMMEDIATE 'SELECT q.*, 1 INTO @dom$value, @dom$has_row FROM ('||p_sql_str||CHR(10)||') q';
    IF @dom$has_row = 0 THEN
      raise_no_data_found;
    END IF;
  END;

  PROCEDURE select_number (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT NUMBER(65, 27)) IS
  BEGIN
    select_value(p_sql_str);
    p_value := @dom$value;
  END;

  PROCEDURE select_date (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT DATE) IS
  BEGIN
    select_value(p_sql_str);
    p_value := @dom$value;
  END;

  PROCEDURE select_string (p_handle IN VARCHAR2, p_sql_str IN CLOB, p_value OUT VARCHAR2) IS
  BEGIN
    select_value(p_sql_str);
    p_value := @dom$value;
  END;

  FUNCTION last_row_count (p_handle IN VARCHAR2) RETURN NUMBER(18) IS
  BEGIN
    RETURN @dom$rows;
  END;

  -- The object that a name means: the unit's own where it has this name, else the one of this id, else the
  -- only one of the stream that has this name without its owner.
  FUNCTION object_named (p_handle IN VARCHAR2, p_object_name IN VARCHAR2) RETURN VARCHAR2 IS
    v_own VARCHAR2(260);
    v_iteration INTEGER;
    v_task VARCHAR2(64);
    v_chunk INTEGER;
    v_exact INTEGER;
    v_count INTEGER;
    v_first VARCHAR2(260);
    v_last VARCHAR2(260);
  BEGIN
    dom$exec.current_unit(v_own, v_iteration, v_task, v_chunk);
    IF p_object_name IS NULL OR p_object_name IN (v_own, SUBSTRING_INDEX(v_own, '.', -1)) THEN
      RETURN v_own;
    END IF;
    SELECT SUM(p.object_key = p_object_name), COUNT(DISTINCT p.object_key), MIN(p.object_key),
      MAX(p.object_key)
    INTO v_exact, v_count, v_first, v_last FROM dom$parameter p
    WHERE p.handle = p_handle AND p.object_key <> '-'
      AND (p.object_key = p_object_name OR SUBSTRING_INDEX(p.object_key, '.', -1) = p_object_name);
    IF v_exact > 0 OR v_count = 0 THEN
      RETURN p_object_name;
    END IF;
    IF v_count > 1 THEN
      raise_application_error(-20115, 'The name '||p_object_name||' means '||v_first||' and '||v_last
        ||': give it with its owner');
    END IF;
    RETURN v_first;
  END;

  -- The value of a parameter, that of the object first; -20115 where there is none.
  FUNCTION find_param (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2 IS
    v_object VARCHAR2(260) := object_named(p_handle, p_object_name);
    v_found INTEGER;
    v_value VARCHAR2(4000);
  BEGIN
    SELECT COUNT(*) INTO v_found FROM dom$parameter p
    WHERE p.handle = p_handle AND LOWER(p.param_name) = LOWER(p_name) AND p.object_key IN ('-', v_object);
    IF v_found = 0 THEN
      raise_application_error(-20115, 'Parameter '||p_name||' has no value'
        ||CASE WHEN v_object <> '-' THEN ' for '||v_object ELSE '' END
        ||'. Give it one in the definition of the operation, and apply');
    END IF;
    SELECT MAX(q.param_value) INTO v_value FROM (
      SELECT p.param_value FROM dom$parameter p
      WHERE p.handle = p_handle AND LOWER(p.param_name) = LOWER(p_name) AND p.object_key IN ('-', v_object)
      ORDER BY p.object_key = '-', p.param_name <> p_name LIMIT 1) q;
    RETURN v_value;
  END;

  FUNCTION as_date (p_value IN VARCHAR2) RETURN DATE IS
  BEGIN
    RETURN CASE WHEN LENGTH(p_value) > 10 THEN STR_TO_DATE(p_value, '%Y-%m-%d %H:%i:%s')
      ELSE STR_TO_DATE(p_value, '%Y-%m-%d') END;
  END;

  FUNCTION get_string_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN find_param(p_handle, NULL, p_name);
  END;

  FUNCTION get_string_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN VARCHAR2 IS
  BEGIN
    RETURN find_param(p_handle, p_object_name, p_name);
  END;

  FUNCTION get_num_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER(38, 10) IS
  BEGIN
    RETURN CAST(find_param(p_handle, NULL, p_name) AS DECIMAL(38, 10));
  END;

  FUNCTION get_num_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN NUMBER(38, 10) IS
  BEGIN
    RETURN CAST(find_param(p_handle, p_object_name, p_name) AS DECIMAL(38, 10));
  END;

  FUNCTION get_date_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN DATE IS
  BEGIN
    RETURN as_date(find_param(p_handle, NULL, p_name));
  END;

  FUNCTION get_date_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN DATE IS
  BEGIN
    RETURN as_date(find_param(p_handle, p_object_name, p_name));
  END;

  PROCEDURE operation_complete (p_message IN VARCHAR2) IS
  BEGIN
    raise_application_error(-20100, p_message);
  END;

  PROCEDURE nothing_to_perform (p_message IN VARCHAR2) IS
  BEGIN
    raise_application_error(-20007, p_message);
  END;

  FUNCTION chunk_value (p_handle IN VARCHAR2, p_which IN VARCHAR2) RETURN VARCHAR2 IS
    v_object VARCHAR2(260);
    v_iteration INTEGER;
    v_task VARCHAR2(64);
    v_chunk INTEGER;
    v_value VARCHAR2(4000);
  BEGIN
    dom$exec.current_unit(v_object, v_iteration, v_task, v_chunk);
    SELECT MAX(CASE p_which WHEN 'low' THEN c.low_value ELSE c.high_value END) INTO v_value FROM dom$chunk c
    WHERE c.handle = p_handle AND c.object_key = v_object AND c.iteration = v_iteration
      AND c.task = v_task AND c.chunk = v_chunk;
    IF v_value IS NULL THEN
      raise_application_error(-20121, 'This call is not a chunk of a task. Give the task chunks in the'
        ||' definition of the operation, or do not ask for their limits');
    END IF;
    RETURN v_value;
  END;

  FUNCTION chunk_low (p_handle IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN chunk_value(p_handle, 'low');
  END;

  FUNCTION chunk_high (p_handle IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN chunk_value(p_handle, 'high');
  END;

  PROCEDURE sleep (p_seconds IN NUMBER) IS
  BEGIN
    plsql$sleep(p_seconds);
  END;
END;
/
