-- Takes partitions past retention out of a table that is partitioned by RANGE COLUMNS of a date, one an
-- iteration. The same operation as Oracle's, as far as MariaDB's DDL for partitions goes: it knows neither
-- foreign keys onto partitioned tables nor tablespaces.
CREATE OR REPLACE PACKAGE drop_partition AS
  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2);
  PROCEDURE initial (p_handle IN VARCHAR2);
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR);
  PROCEDURE create_exchange (p_handle IN VARCHAR2);
  PROCEDURE exchange_partition (p_handle IN VARCHAR2);
  PROCEDURE drop_partition (p_handle IN VARCHAR2);
  PROCEDURE reinsert_kept (p_handle IN VARCHAR2);
  PROCEDURE drop_table (p_handle IN VARCHAR2);
  PROCEDURE drop_tablespace (p_handle IN VARCHAR2);
  PROCEDURE close_account (p_handle IN VARCHAR2);
END drop_partition;
/
