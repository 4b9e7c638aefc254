CREATE OR REPLACE PACKAGE BODY dom$split AS
  gc_date_format CONSTANT VARCHAR2(30) := 'YYYY-MM-DD HH24:MI:SS';

  -- Type numbers of dbms_sql.
  gc_number    CONSTANT PLS_INTEGER := 2;
  gc_date      CONSTANT PLS_INTEGER := 12;
  gc_timestamp CONSTANT PLS_INTEGER := 180;

  TYPE t_column IS RECORD (
    owner       VARCHAR2(128),
    table_name  VARCHAR2(128),
    column_name VARCHAR2(128),
    data_type   VARCHAR2(128)
  );

  FUNCTION literal (p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN '''' || REPLACE(p_text, '''', '''''') || '''';
  END literal;

  FUNCTION quoted (p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN dbms_assert.enquote_name(p_name, FALSE);
  END quoted;

  PROCEDURE refuse (p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2, p_type IN VARCHAR2) IS
  BEGIN
    raise_application_error(dom$error.gc_cannot_be_cut, 'Column ' || p_column || ' of ' || p_owner || '.'
      || p_table || ' cannot be cut into ranges: it is ' || NVL(p_type, 'missing')
      || '. Name a NUMBER, DATE or TIMESTAMP column, or give the chunks by a query of your own.');
  END refuse;

  -- Names as they are written in a definition: exactly, or else as names that nobody has quoted.
  FUNCTION column_of (p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2) RETURN t_column IS
    v_column t_column;
  BEGIN
    FOR r IN (
      SELECT c.owner, c.table_name, c.column_name, c.data_type FROM all_tab_columns c
      WHERE c.owner IN (p_owner, UPPER(p_owner)) AND c.table_name IN (p_table, UPPER(p_table))
        AND c.column_name IN (p_column, UPPER(p_column))
      ORDER BY CASE c.owner WHEN p_owner THEN 0 ELSE 1 END, CASE c.table_name WHEN p_table THEN 0 ELSE 1 END,
        CASE c.column_name WHEN p_column THEN 0 ELSE 1 END)
    LOOP
      IF r.data_type NOT IN ('NUMBER', 'DATE')
        AND r.data_type NOT LIKE 'TIMESTAMP(_)'
      THEN
        refuse(p_owner, p_table, p_column, r.data_type);
      END IF;
      v_column.owner := r.owner;
      v_column.table_name := r.table_name;
      v_column.column_name := r.column_name;
      v_column.data_type := r.data_type;
      RETURN v_column;
    END LOOP;
    refuse(p_owner, p_table, p_column, NULL);
  END column_of;

  -- SQL for the n-th limit (k.low is the least key, LEVEL counts from 1): p_ahead is 0 for low, 1 for high.
  FUNCTION limit_of (p_type IN VARCHAR2, p_size IN VARCHAR2, p_ahead IN NUMBER) RETURN VARCHAR2 IS
    v_steps  VARCHAR2(20) := CASE p_ahead WHEN 0 THEN '(LEVEL - 1)' ELSE 'LEVEL' END;
    v_count  VARCHAR2(20) := REGEXP_SUBSTR(p_size, '^[[:space:]]*([[:digit:]]+)', 1, 1, NULL, 1);
    v_unit   VARCHAR2(20) := LOWER(REGEXP_SUBSTR(p_size,
      '^[[:space:]]*[[:digit:]]+[[:space:]]*([[:alpha:]]*?)s?[[:space:]]*$', 1, 1, 'i', 1));
    v_factor NUMBER;
  BEGIN
    IF p_type = 'NUMBER' AND v_unit IS NULL AND TO_NUMBER(v_count) > 0 THEN
      RETURN 'k.low + ' || v_steps || ' * ' || v_count;
    ELSIF p_type <> 'NUMBER' AND TO_NUMBER(v_count) > 0 AND v_unit IN ('month', 'year') THEN
      v_factor := CASE v_unit WHEN 'month' THEN 1 ELSE 12 END;
      RETURN 'ADD_MONTHS(k.low, ' || v_steps || ' * ' || v_factor * TO_NUMBER(v_count) || ')';
    ELSIF p_type <> 'NUMBER' AND TO_NUMBER(v_count) > 0
      AND v_unit IN ('second', 'minute', 'hour', 'day', 'week')
    THEN
      v_factor := CASE v_unit WHEN 'week' THEN 7 ELSE 1 END;
      RETURN 'k.low + ' || v_steps || ' * NUMTODSINTERVAL(' || v_factor * TO_NUMBER(v_count) || ', '''
        || CASE v_unit WHEN 'week' THEN 'DAY' ELSE UPPER(v_unit) END || ''')';
    END IF;
    raise_application_error(dom$error.gc_cannot_be_cut, 'The size "' || p_size || '" of chunks is none for '
      || p_type || ': give a whole number for a number, or 6 days, 12 hours, 30 minutes for a date.');
  END limit_of;

  FUNCTION text_of (p_type IN VARCHAR2, p_expression IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN CASE
      WHEN p_type = 'NUMBER' THEN
        'TO_CHAR(' || p_expression || ', ''TM9'', ''NLS_NUMERIC_CHARACTERS=''''.,'''''')'
      WHEN p_type = 'TEXT' THEN p_expression
      ELSE 'TO_CHAR(' || p_expression || ', ' || literal(gc_date_format) || ')'
    END;
  END text_of;

  FUNCTION insert_of (p_number IN VARCHAR2, p_low IN VARCHAR2, p_high IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN 'INSERT INTO dom$chunk (handle, object_key, iteration, task, chunk, low_value, high_value)'
      || CHR(10) || 'SELECT ' || literal(dom$current.g_unit.handle) || ', '
      || literal(dom$current.g_unit.object_key) || ', ' || dom$current.g_unit.iteration || ', '
      || literal(dom$current.g_unit.task) || ', ' || p_number || ',' || CHR(10)
      || '  ' || p_low || ',' || CHR(10) || '  ' || p_high || CHR(10);
  END insert_of;

  PROCEDURE by_key (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2,
    p_size IN VARCHAR2)
  IS
    v_column t_column := column_of(p_owner, p_table, p_column);
    v_low    VARCHAR2(400) := limit_of(v_column.data_type, p_size, 0);
    v_from   VARCHAR2(500) := '(' || quoted(v_column.column_name) || ') FROM ' || quoted(v_column.owner)
      || '.' || quoted(v_column.table_name) || ')';
    v_least  VARCHAR2(600) := '(SELECT MIN' || v_from;
  BEGIN
    IF v_column.data_type LIKE 'TIMESTAMP%' THEN
      -- The limits are texts of whole seconds: the least key with a fraction must not lie before the first.
      v_least := 'TRUNC(' || v_least || ', ''MI'')';
    END IF;
    -- Each end for itself, for both at once would read the whole index; still one statement, of one moment.
    -- Without START WITH an empty table would have one chunk.
    dom.execute_immediate(p_handle, insert_of('LEVEL', text_of(v_column.data_type, v_low),
        text_of(v_column.data_type, limit_of(v_column.data_type, p_size, 1)))
      || 'FROM (SELECT /*+ NO_MERGE */ ' || v_least || ' AS low, (SELECT MAX' || v_from
      || ' AS high FROM dual) k' || CHR(10)
      || 'START WITH k.low IS NOT NULL CONNECT BY ' || v_low || ' <= k.high');
  END by_key;

  -- The columns of the author's query, by name and type.
  FUNCTION columns_of (p_sql IN CLOB) RETURN dbms_sql.desc_tab2 IS
    v_cursor  INTEGER := dbms_sql.open_cursor;
    v_count   INTEGER;
    v_columns dbms_sql.desc_tab2;
  BEGIN
    dbms_sql.parse(v_cursor, p_sql, dbms_sql.native);
    dbms_sql.describe_columns2(v_cursor, v_count, v_columns);
    dbms_sql.close_cursor(v_cursor);
    IF v_count <> 2 THEN
      raise_application_error(dom$error.gc_cannot_be_cut,
        'The query for chunks has ' || v_count || ' columns instead of two, low and high');
    END IF;
    RETURN v_columns;
  EXCEPTION
    WHEN OTHERS THEN
      IF dbms_sql.is_open(v_cursor) THEN
        dbms_sql.close_cursor(v_cursor);
      END IF;
      RAISE;
  END columns_of;

  FUNCTION text_of_column (p_column IN dbms_sql.desc_rec2) RETURN VARCHAR2 IS
  BEGIN
    RETURN text_of(
      CASE
        WHEN p_column.col_type = gc_number THEN 'NUMBER'
        WHEN p_column.col_type IN (gc_date, gc_timestamp) THEN 'DATE'
        ELSE 'TEXT'
      END,
      'q.' || quoted(p_column.col_name));
  END text_of_column;

  PROCEDURE by_sql (p_handle IN VARCHAR2, p_sql IN CLOB) IS
    v_sql     CLOB := REGEXP_REPLACE(p_sql, '[[:space:];]+$');
    v_columns dbms_sql.desc_tab2;
  BEGIN
    -- Whatever else is parsed might be executed by it.
    IF NOT REGEXP_LIKE(v_sql,
      '^([[:space:]]|\(|--[^' || CHR(10) || ']*' || CHR(10) || ')*(SELECT|WITH)[[:space:](]', 'i')
    THEN
      raise_application_error(dom$error.gc_cannot_be_cut, 'The chunks of a task are cut by a query');
    END IF;
    v_columns := columns_of(v_sql);
    -- The row number follows the order in which the author's query returns its rows.
    dom.execute_immediate(p_handle,
      insert_of('ROWNUM', text_of_column(v_columns(1)), text_of_column(v_columns(2)))
      || 'FROM (' || CHR(10) || v_sql || CHR(10) || ') q');
  END by_sql;
END dom$split;
/
