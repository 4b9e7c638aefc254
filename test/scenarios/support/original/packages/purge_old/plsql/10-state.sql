-- The state of the operation, kept by the number of the run.
CREATE TABLE state_purge_old (
  run_id       NUMBER(10)    NOT NULL,
  table_name   VARCHAR2(130) NOT NULL,
  month_start  DATE          NOT NULL,
  month_end    DATE          NOT NULL,
  CONSTRAINT state_purge_old_pk PRIMARY KEY (run_id)
)
/
