-- The calls of DOM that the test's packages make, without the record of a run behind them.
CREATE OR REPLACE TABLE said (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR2(400)) ENGINE=Aria
/
CREATE OR REPLACE TABLE parameter_value (object_name VARCHAR2(60), name VARCHAR2(60), value VARCHAR2(60))
/
CREATE OR REPLACE PACKAGE dom AS
  PROCEDURE initialise (p_handle IN VARCHAR2, p_module IN VARCHAR2, p_action IN VARCHAR2);
  PROCEDURE log_message (p_handle IN VARCHAR2, p_message IN CLOB);
  PROCEDURE execute_immediate (
    p_handle IN VARCHAR2, p_sql_str IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2);
  PROCEDURE operation_complete (p_message IN VARCHAR2);
  FUNCTION get_num_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER(38,10);
  FUNCTION get_num_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN NUMBER(38,10);
END;
/
CREATE OR REPLACE PACKAGE BODY dom AS
  PROCEDURE initialise (p_handle IN VARCHAR2, p_module IN VARCHAR2, p_action IN VARCHAR2) IS
  BEGIN
    IF p_handle IS NULL THEN
      raise_application_error(-20190, 'no handle');
    END IF;
  END;

  PROCEDURE log_message (p_handle IN VARCHAR2, p_message IN CLOB) IS
  BEGIN
    INSERT INTO said (text) VALUES (p_message);
  END;

  PROCEDURE execute_immediate (
    p_handle IN VARCHAR2, p_sql_str IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2) IS
  BEGIN
    EXECUTE IMMEDIATE p_sql_str;
    INSERT INTO said (text) VALUES (SQL%ROWCOUNT || ' rows: ' || p_sql_str);
  END;

  PROCEDURE operation_complete (p_message IN VARCHAR2) IS
  BEGIN
    raise_application_error(-20100, p_message);
  END;

  FUNCTION get_num_param$3 (p_handle IN VARCHAR2, p_object_name IN VARCHAR2, p_name IN VARCHAR2)
    RETURN NUMBER(38,10) IS
    v_value VARCHAR2(60);
  BEGIN
    SELECT MAX(value) INTO v_value FROM parameter_value
    WHERE NVL(object_name, 'none') = NVL(p_object_name, 'none') AND name = p_name;
    IF v_value IS NULL THEN
      raise_application_error(-20115, 'no parameter ' || p_name);
    END IF;
    RETURN to_number(v_value);
  END;

  FUNCTION get_num_param (p_handle IN VARCHAR2, p_name IN VARCHAR2) RETURN NUMBER(38,10) IS
  BEGIN
    RETURN get_num_param$3(p_handle, NULL, p_name);
  END;
END;
/
