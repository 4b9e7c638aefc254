CREATE OR REPLACE PACKAGE BODY dom$usage AS
  -- Null: not tried yet. The views are read by dynamic SQL, so that the framework compiles without the right.
  g_parallel_readable BOOLEAN;
  g_redo_readable     BOOLEAN;
  -- The numbers of the two statistics differ from version to version.
  g_redo_no           NUMBER;
  g_undo_no           NUMBER;

  PROCEDURE read_redo (o_redo_bytes OUT NUMBER, o_undo_bytes OUT NUMBER) IS
  BEGIN
    IF NOT NVL(g_redo_readable, TRUE) THEN
      RETURN;
    END IF;
    IF g_redo_no IS NULL THEN
      EXECUTE IMMEDIATE 'SELECT MAX(DECODE(n.name, ''redo size'', n.statistic#)),'
        || ' MAX(DECODE(n.name, ''undo change vector size'', n.statistic#)) FROM v$statname n'
        INTO g_redo_no, g_undo_no;
    END IF;
    EXECUTE IMMEDIATE 'SELECT MAX(DECODE(m.statistic#, :redo_no, m.value)),'
      || ' MAX(DECODE(m.statistic#, :undo_no, m.value)) FROM v$mystat m'
      INTO o_redo_bytes, o_undo_bytes USING g_redo_no, g_undo_no;
    g_redo_readable := TRUE;
  EXCEPTION
    WHEN OTHERS THEN
      -- A figure for the log is never a reason to fail.
      g_redo_readable := FALSE;
      o_redo_bytes := NULL;
      o_undo_bytes := NULL;
  END read_redo;

  PROCEDURE read_parallel (p_usage IN OUT NOCOPY t_usage) IS
    v_queries NUMBER;
    v_dml     NUMBER;
    v_ddl     NUMBER;
    v_workers NUMBER;
  BEGIN
    IF NOT NVL(g_parallel_readable, TRUE) THEN
      RETURN;
    END IF;
    EXECUTE IMMEDIATE 'SELECT NVL(MAX(DECODE(statistic, ''Queries Parallelized'', last_query)), 0),'
      || ' NVL(MAX(DECODE(statistic, ''DML Parallelized'', last_query)), 0),'
      || ' NVL(MAX(DECODE(statistic, ''DDL Parallelized'', last_query)), 0),'
      || ' NVL(MAX(DECODE(statistic, ''Server Threads'', last_query)), 0) FROM v$pq_sesstat'
      INTO v_queries, v_dml, v_ddl, v_workers;
    g_parallel_readable := TRUE;
    IF v_queries + v_dml + v_ddl > 0 THEN
      p_usage.workers := v_workers;
      p_usage.remark := 'In parallel: ' || v_queries || ' queries, ' || v_dml || ' DML, ' || v_ddl
        || ' DDL, ' || v_workers || ' servers';
    END IF;
  EXCEPTION
    WHEN OTHERS THEN
      g_parallel_readable := FALSE;
  END read_parallel;

  PROCEDURE begin_statement (o_usage OUT t_usage) IS
  BEGIN
    read_redo(o_usage.redo_bytes, o_usage.undo_bytes);
  END begin_statement;

  PROCEDURE end_statement (p_usage IN OUT NOCOPY t_usage) IS
    v_redo_bytes NUMBER;
    v_undo_bytes NUMBER;
  BEGIN
    -- Before any other query, for the view speaks of the last one.
    read_parallel(p_usage);
    read_redo(v_redo_bytes, v_undo_bytes);
    p_usage.redo_bytes := v_redo_bytes - p_usage.redo_bytes;
    p_usage.undo_bytes := v_undo_bytes - p_usage.undo_bytes;
  END end_statement;
END dom$usage;
/
