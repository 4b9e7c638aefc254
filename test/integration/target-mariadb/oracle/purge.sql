SET DEFINE OFF
PROMPT It's a package in the style of the original DOM

CREATE TABLE purge_state (
  run_id      NUMBER CONSTRAINT purge_state_nn NOT NULL,
  table_name  VARCHAR2(130 CHAR),
  month_start DATE,
  month_end   DATE,
  deleted     INTEGER DEFAULT 0,
  noticed     TIMESTAMP WITH TIME ZONE DEFAULT SYSTIMESTAMP,
  CONSTRAINT purge_state_pk PRIMARY KEY (run_id) USING INDEX TABLESPACE dom_index
) TABLESPACE dom_data PCTFREE 5 NOLOGGING;
COMMENT ON TABLE purge_state IS 'The month; that is purged';
COMMENT ON COLUMN purge_state.run_id IS 'Handle of the run';

CREATE OR REPLACE EDITIONABLE PACKAGE "DOMOWN"."PURGE_OPS" AUTHID DEFINER AS
  c_mask CONSTANT VARCHAR2(10) := 'YYYY-MM';
  e_nothing EXCEPTION;
  PRAGMA EXCEPTION_INIT(e_nothing, -20100);
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2);
  PROCEDURE initial (p_handle IN VARCHAR2);
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N');
  PROCEDURE archive_month (p_handle IN VARCHAR2);
  PROCEDURE purge_month (p_handle IN VARCHAR2);
  FUNCTION label (p_date IN DATE) RETURN VARCHAR2;
  FUNCTION label (p_date IN DATE, p_mask IN VARCHAR2) RETURN VARCHAR2;
END PURGE_OPS;
/
CREATE OR REPLACE PACKAGE BODY "DOMOWN"."PURGE_OPS" IS
  --=====================================================================
  c_arch  CONSTANT VARCHAR2(5 CHAR) := '_arch';
  g_table VARCHAR2(130);
  g_start purge_state.month_start%TYPE;
  g_end   DATE;
  sql_str VARCHAR2(32767);

  FUNCTION label (p_date IN DATE) RETURN VARCHAR2 IS
  BEGIN
    RETURN label(p_date, 'YYYY-MM-DD');
  END label;

  FUNCTION label (p_date IN DATE, p_mask IN VARCHAR2) RETURN VARCHAR2 IS
  BEGIN
    RETURN 'DATE '''||TO_CHAR(p_date, p_mask)||'''';
  END label;

  -- Without a handler: NO_DATA_FOUND must reach the caller.
  PROCEDURE get_state (p_handle IN VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle);
    SELECT table_name, month_start, month_end
      INTO g_table, g_start, g_end
      FROM purge_state
     WHERE run_id = TO_NUMBER(p_handle);
  END get_state;

  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2) IS
    first_  DATE;
    cutoff_ DATE;
    dup_    EXCEPTION;
    PRAGMA EXCEPTION_INIT(dup_, -1);
  BEGIN
    DOM.initialise(p_handle, p_module => 'purge');
    g_table := p_owner||'.'||p_object_name;
    cutoff_ := ADD_MONTHS(TRUNC(DATE '2024-07-15', 'MONTH'),
      -1*DOM.get_num_param(p_handle, p_object_name, 'MONTHS TRAILING'));
    BEGIN
      EXECUTE IMMEDIATE 'SELECT event_date FROM (SELECT event_date FROM '||g_table
        ||' WHERE event_date < :cutoff ORDER BY event_date) WHERE ROWNUM < 2'
        INTO first_ USING cutoff_;
    EXCEPTION
      WHEN NO_DATA_FOUND THEN
        DOM.operation_complete(q'[All months before ]'||TO_CHAR(cutoff_, c_mask)||' purged');
    END;
    g_start := TRUNC(first_, 'MM');
    g_end := ADD_MONTHS(g_start, 1);
    BEGIN
      INSERT INTO purge_state (run_id, table_name, month_start, month_end)
      VALUES (TO_NUMBER(p_handle), g_table, g_start, g_end);
    EXCEPTION
      WHEN dup_ THEN
        UPDATE purge_state s
           SET s.table_name = g_table, s.month_start = g_start, s.month_end = g_end
         WHERE s.run_id = TO_NUMBER(p_handle);
    END;
    COMMIT;
  END iterator;

  PROCEDURE initial (p_handle IN VARCHAR2) IS
  BEGIN
    get_state(p_handle);
    DOM.log_message(p_handle, 'initial '||label(g_start)||' of '||(g_end - g_start)||' days');
  END initial;

  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N') IS
  BEGIN
    IF p_after_error <> 'Y' THEN
      DELETE purge_state WHERE run_id = TO_NUMBER(p_handle);
    END IF;
  END final;

  PROCEDURE archive_month (p_handle IN VARCHAR2) IS
    n_ PLS_INTEGER;
  BEGIN
    get_state(p_handle);
    sql_str := 'INSERT INTO '||g_table||c_arch||' SELECT * FROM '||g_table;
    DOM.execute_immediate(
      p_handle,
      sql_str||' WHERE event_date >= '||label(g_start)||' AND event_date < '||label(g_end)
    );
    EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM '||g_table||c_arch INTO n_;
    IF n_ = 0 THEN
      raise_application_error(-20300, 'nothing archived', TRUE);
    END IF;
  END archive_month;

  PROCEDURE purge_month (p_handle IN VARCHAR2) IS
    n_ NUMBER := 0;
  BEGIN
    get_state(p_handle);
    LOOP
      DELETE FROM event e WHERE e.event_date >= g_start AND e.event_date < g_end AND ROWNUM <= 2;
      EXIT WHEN SQL%NOTFOUND;
      n_ := n_ + SQL%ROWCOUNT;
      COMMIT;
    END LOOP;
    UPDATE purge_state SET deleted = deleted + n_ WHERE run_id = TO_NUMBER(p_handle);
    DOM.log_message(p_handle => p_handle, p_message => 'purged '||n_);
  END purge_month;
END PURGE_OPS;
/
SHOW ERRORS
