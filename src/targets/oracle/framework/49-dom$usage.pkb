CREATE OR REPLACE PACKAGE BODY dom$parallel AS
  -- Null: not tried yet. The view is read by dynamic SQL, so that the framework compiles without the right.
  g_readable BOOLEAN;

  FUNCTION last_statement RETURN t_usage IS
    v_usage   t_usage;
    v_queries NUMBER;
    v_dml     NUMBER;
    v_ddl     NUMBER;
    v_workers NUMBER;
  BEGIN
    IF NOT NVL(g_readable, TRUE) THEN
      RETURN v_usage;
    END IF;
    EXECUTE IMMEDIATE 'SELECT NVL(MAX(DECODE(statistic, ''Queries Parallelized'', last_query)), 0),'
      || ' NVL(MAX(DECODE(statistic, ''DML Parallelized'', last_query)), 0),'
      || ' NVL(MAX(DECODE(statistic, ''DDL Parallelized'', last_query)), 0),'
      || ' NVL(MAX(DECODE(statistic, ''Server Threads'', last_query)), 0) FROM v$pq_sesstat'
      INTO v_queries, v_dml, v_ddl, v_workers;
    g_readable := TRUE;
    IF v_queries + v_dml + v_ddl > 0 THEN
      v_usage.workers := v_workers;
      v_usage.description := 'In parallel: ' || v_queries || ' queries, ' || v_dml || ' DML, ' || v_ddl
        || ' DDL, ' || v_workers || ' servers';
    END IF;
    RETURN v_usage;
  EXCEPTION
    WHEN OTHERS THEN
      -- A figure for the log is never a reason to fail.
      g_readable := FALSE;
      RETURN v_usage;
  END last_statement;
END dom$parallel;
/
