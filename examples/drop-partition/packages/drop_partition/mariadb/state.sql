-- One row a partition that this operation has worked on, on this database.
CREATE TABLE IF NOT EXISTS drop_partition_state (
  handle         VARCHAR2(64) NOT NULL,
  table_owner    VARCHAR2(64) NOT NULL,
  table_name     VARCHAR2(64) NOT NULL,
  partition_name VARCHAR2(64) NOT NULL,
  exchange_table VARCHAR2(64) NOT NULL,
  high_value     DATE         NOT NULL,
  status         VARCHAR2(10) DEFAULT 'working' NOT NULL,
  rows_kept      NUMBER(18),
  PRIMARY KEY (handle, table_owner, table_name, partition_name)
)
/
