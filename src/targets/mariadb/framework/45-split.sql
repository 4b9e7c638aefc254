-- Cuts a task into chunks: by one statement, which is logged like every other.

CREATE OR REPLACE PACKAGE dom$split AS
  PROCEDURE by_key (
    p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2, p_size IN VARCHAR2);
  PROCEDURE by_sql (p_handle IN VARCHAR2, p_sql IN CLOB);
END;
/
CREATE OR REPLACE PACKAGE BODY dom$split AS

  FUNCTION literal (p_text IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN QUOTE(p_text);
  END;

  FUNCTION quoted (p_name IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN '`'||REPLACE(p_name, '`', '``')||'`';
  END;

  PROCEDURE by_sql (p_handle IN VARCHAR2, p_sql IN CLOB) IS
    v_rows BIGINT;
    v_object VARCHAR2(260);
    v_iteration INTEGER;
    v_task VARCHAR2(64);
    v_chunk INTEGER;
  BEGIN
    dom$exec.current_unit(v_object, v_iteration, v_task, v_chunk);
    -- The numbers follow the order in which the author's query returns its rows: the server keeps the order
    -- of a query within a query only where that has a limit, and then reads its rows as they lie.
    SET @dom$number = 0;
    dom$exec.execute_sql('INSERT INTO dom$chunk'||CHR(10)
      ||'(handle, object_key, iteration, task, chunk, low_value, high_value)'||CHR(10)
      ||'WITH q (low_value, high_value) AS ('||CHR(10)||p_sql||CHR(10)
      ||CASE WHEN p_sql REGEXP '(?i)\\b(limit|fetch\\s+(first|next))\\b[^()]*$' THEN ''
          ELSE 'LIMIT 18446744073709551615' END
      ||')'||CHR(10)||'SELECT '||literal(p_handle)||', '||literal(v_object)||', '||v_iteration||', '
      ||literal(v_task)||', (@dom$number := @dom$number + 1), low_value, high_value FROM q',
      NULL, NULL, v_rows);
  END;

  -- SQL for the least key (or the greatest) as what is counted on from it: a type that takes the size and has
  -- room for one size more. A limit is a text that every key can be compared with, so that the first one has
  -- no part of a second; a DOUBLE beyond 15 digits, in which adding may change nothing, is an error.
  FUNCTION end_of (p_which IN VARCHAR2, p_key IN VARCHAR2, p_type IN VARCHAR2, p_scale IN INTEGER)
    RETURN VARCHAR2 IS
    v_end VARCHAR2(300) := p_which||'('||p_key||')';
  BEGIN
    RETURN CASE
      WHEN p_type = 'double' THEN 'CAST(FLOOR('||v_end||') AS DECIMAL(15))'
      WHEN p_type NOT IN ('date', 'datetime', 'timestamp') THEN
        'CAST('||v_end||' AS DECIMAL(65, '||p_scale||'))'
      WHEN p_which = 'MIN' THEN 'CAST('||v_end||' AS DATETIME)'
      ELSE 'CAST('||v_end||' AS DATETIME(6))'
    END;
  END;

  PROCEDURE by_key (
    p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2,
    p_size IN VARCHAR2) IS
    v_type VARCHAR2(64);
    v_scale INTEGER;
    v_next VARCHAR2(100);
    v_key VARCHAR2(200) := quoted(p_column);
  BEGIN
    SELECT MAX(c.data_type), MAX(NVL(c.numeric_scale, 0)) INTO v_type, v_scale
    FROM information_schema.columns c
    WHERE c.table_schema = p_owner AND c.table_name = p_table AND c.column_name = p_column;
    IF v_type IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'double')
        AND p_size REGEXP '^0*[1-9][0-9]*$' THEN
      v_next := 'low + '||p_size;
    ELSIF v_type IN ('date', 'datetime', 'timestamp')
        AND p_size REGEXP '(?i)^0*[1-9][0-9]* (second|minute|hour|day|week|month|year)s?$' THEN
      v_next := REGEXP_REPLACE(UPPER(p_size), '^([0-9]+) ([A-Z]+?)S?$', 'low + INTERVAL \\1 \\2');
    ELSE
      raise_application_error(-20120, 'Column '||p_column||' of '||p_owner||'.'||p_table
        ||' cannot be cut into ranges of '||p_size||': it is '||NVL(v_type, 'missing')
        ||'. Name an integer, date or timestamp column, or give the chunks by a query of your own');
    END IF;
    by_sql(p_handle, 'WITH RECURSIVE k (low, last) AS (SELECT '||end_of('MIN', v_key, v_type, v_scale)||', '
      ||end_of('MAX', v_key, v_type, v_scale)||' FROM '||quoted(p_owner)||'.'||quoted(p_table)
      ||' HAVING MIN('||v_key||') IS NOT NULL UNION ALL SELECT '||v_next||', last FROM k WHERE '||v_next
      ||' <= last) SELECT low, '||v_next||' FROM k ORDER BY low');
  END;
END;
/
