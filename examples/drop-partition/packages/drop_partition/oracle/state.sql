-- One row a partition that this operation has worked on, on this database.
CREATE TABLE drop_partition_state (
  handle          VARCHAR2(64)              NOT NULL,
  table_owner     VARCHAR2(128)             NOT NULL,
  table_name      VARCHAR2(128)             NOT NULL,
  partition_name  VARCHAR2(128)             NOT NULL,
  exchange_table  VARCHAR2(128)             NOT NULL,
  tablespace_name VARCHAR2(30),
  high_value      DATE                      NOT NULL,
  status          VARCHAR2(10)              DEFAULT 'working' NOT NULL,
  rows_kept       NUMBER(18),
  started_on      DATE                      DEFAULT SYSDATE NOT NULL,
  finished_on     DATE,
  CONSTRAINT drop_partition_state_pk PRIMARY KEY (handle, table_owner, table_name, partition_name),
  CONSTRAINT drop_partition_state_ck CHECK (status IN ('working', 'done'))
)
/
COMMENT ON TABLE drop_partition_state IS 'Partitions that were dropped, with what was kept of them'
/
COMMENT ON COLUMN drop_partition_state.handle IS 'The stream that works or worked on the partition'
/
COMMENT ON COLUMN drop_partition_state.exchange_table IS 'The table that takes the partition''s rows'
/
COMMENT ON COLUMN drop_partition_state.rows_kept IS 'Rows that went back into the table'
/
-- Foreign keys that initial has switched off and that final switches on again.
CREATE TABLE drop_partition_key (
  table_owner      VARCHAR2(128) NOT NULL,
  table_name       VARCHAR2(128) NOT NULL,
  child_owner      VARCHAR2(128) NOT NULL,
  child_table      VARCHAR2(128) NOT NULL,
  child_constraint VARCHAR2(128) NOT NULL,
  CONSTRAINT drop_partition_key_pk PRIMARY KEY (child_owner, child_constraint)
)
/
COMMENT ON TABLE drop_partition_key IS 'Foreign keys onto a table that are off while its partitions go'
/
