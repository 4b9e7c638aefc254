CREATE OR REPLACE PACKAGE dom$parallel AS
  -- What the statement before had of parallel execution, where the session may read v$pq_sesstat.

  TYPE t_usage IS RECORD (
    -- Null: nothing ran in parallel, or nobody may know.
    workers     NUMBER(6),
    description VARCHAR2(200)
  );

  FUNCTION last_statement RETURN t_usage;
END dom$parallel;
/
