CREATE OR REPLACE PACKAGE BODY dom$setting AS
  -- Parallel DML is still enabled from an earlier unit.
  g_parallel_dml BOOLEAN := FALSE;

  FUNCTION is_like (p_text IN VARCHAR2, p_pattern IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN REGEXP_LIKE(p_text, p_pattern, 'i');
  END is_like;

  FUNCTION statement_of (p_setting IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    IF is_like(p_setting, '^alter[[:space:]]+session[[:space:]]') THEN
      RETURN p_setting;
    ELSIF is_like(p_setting, '^(set|enable|disable|force|advise|close|sync)[[:space:]]') THEN
      RETURN 'ALTER SESSION ' || p_setting;
    END IF;
    RETURN 'ALTER SESSION SET ' || p_setting;
  END statement_of;

  -- The value before; null where it cannot be read.
  FUNCTION value_of (p_name IN VARCHAR2) RETURN VARCHAR2 IS
    v_value VARCHAR2(4000);
  BEGIN
    IF p_name = 'time_zone' THEN
      RETURN SESSIONTIMEZONE;
    ELSIF p_name LIKE 'nls!_%' ESCAPE '!' THEN
      SELECT MAX(p.value) INTO v_value FROM nls_session_parameters p WHERE p.parameter = UPPER(p_name);
      RETURN v_value;
    END IF;
    EXECUTE IMMEDIATE 'SELECT MAX(p.value) FROM v$parameter p WHERE p.name = :name'
      INTO v_value USING p_name;
    RETURN v_value;
  EXCEPTION
    WHEN OTHERS THEN
      -- Without a right to look the setting cannot be put back, which is no reason not to make it.
      RETURN NULL;
  END value_of;

  FUNCTION literal (p_name IN VARCHAR2, p_value IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    IF REGEXP_LIKE(p_value, '^[[:alnum:]_.]+$') AND p_name NOT LIKE 'nls!_%' ESCAPE '!' THEN
      RETURN p_value;
    END IF;
    RETURN '''' || REPLACE(p_value, '''', '''''') || '''';
  END literal;

  PROCEDURE remember (p_statement IN VARCHAR2, p_undo IN OUT NOCOPY t_undo) IS
    v_name  VARCHAR2(200);
    v_value VARCHAR2(4000);
    v_kind  VARCHAR2(20) := UPPER(REGEXP_SUBSTR(p_statement,
      '(enable|disable|force)[[:space:]]+parallel[[:space:]]+(query|ddl)', 1, 1, 'i', 2));
  BEGIN
    IF is_like(p_statement, '(enable|force)[[:space:]]+parallel[[:space:]]+dml') THEN
      p_undo(p_undo.COUNT + 1) := 'ALTER SESSION DISABLE PARALLEL DML';
    ELSIF v_kind IS NOT NULL THEN
      p_undo(p_undo.COUNT + 1) := 'ALTER SESSION ENABLE PARALLEL ' || v_kind;
    END IF;
    FOR i IN 1 .. REGEXP_COUNT(p_statement, '[[:alpha:]_][[:alnum:]_$#]*[[:space:]]*=') LOOP
      v_name := LOWER(REGEXP_SUBSTR(p_statement, '([[:alpha:]_][[:alnum:]_$#]*)[[:space:]]*=', 1, i, 'i', 1));
      v_value := value_of(v_name);
      IF v_value IS NOT NULL THEN
        p_undo(p_undo.COUNT + 1) := 'ALTER SESSION SET ' || v_name || ' = ' || literal(v_name, v_value);
      END IF;
    END LOOP;
  END remember;

  PROCEDURE alter_session (p_statement IN VARCHAR2) IS
  BEGIN
    EXECUTE IMMEDIATE p_statement;
  EXCEPTION
    WHEN e_within_transaction THEN
      -- The unit's row is made durable as started, which says no more than that it was begun; what follows
      -- commits with the unit.
      COMMIT;
      EXECUTE IMMEDIATE p_statement;
  END alter_session;

  PROCEDURE apply (p_settings IN VARCHAR2, p_undo IN OUT NOCOPY t_undo) IS
    v_setting   VARCHAR2(4000);
    v_statement VARCHAR2(4000);
  BEGIN
    FOR i IN 1 .. NVL(REGEXP_COUNT(p_settings, '([^;'']|''[^'']*'')+'), 0) LOOP
      v_setting := REGEXP_SUBSTR(p_settings, '([^;'']|''[^'']*'')+', 1, i);
      v_setting := REGEXP_REPLACE(v_setting, '^[[:space:]]+|[[:space:]]+$');
      IF v_setting IS NOT NULL THEN
        v_statement := statement_of(v_setting);
        IF is_like(v_statement, '[[:space:]]current_schema[[:space:]]*=') THEN
          -- Within code with its definer's rights it would have no effect on the statement.
          raise_application_error(dom$error.gc_setting_refused,
            'CURRENT_SCHEMA cannot be set for a statement: give its names with their owner');
        END IF;
        remember(v_statement, p_undo);
        alter_session(v_statement);
      END IF;
    END LOOP;
  END apply;

  PROCEDURE restore (p_undo IN OUT NOCOPY t_undo) IS
  BEGIN
    FOR i IN REVERSE 1 .. p_undo.COUNT LOOP
      BEGIN
        EXECUTE IMMEDIATE p_undo(i);
      EXCEPTION
        WHEN e_within_transaction THEN
          g_parallel_dml := TRUE;
        WHEN OTHERS THEN
          -- It stays as it was set: no reason to fail work that is done, or to hide why it failed.
          NULL;
      END;
    END LOOP;
    p_undo.DELETE();
  END restore;

  PROCEDURE catch_up IS
  BEGIN
    IF g_parallel_dml THEN
      EXECUTE IMMEDIATE 'ALTER SESSION DISABLE PARALLEL DML';
      g_parallel_dml := FALSE;
    END IF;
  EXCEPTION
    WHEN e_within_transaction THEN
      -- The caller has a transaction open; the next unit tries again.
      NULL;
  END catch_up;
END dom$setting;
/
