CREATE OR REPLACE PACKAGE drop_partition AS
  -- Takes partitions past retention out of a table that is partitioned by range of a date, one an iteration.

  -- Finds the oldest partition past retention, or says that the operation is complete.
  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2);

  -- Switches foreign keys onto the table off, without which no partition of it can go.
  PROCEDURE initial (p_handle IN VARCHAR2);

  -- Switches them on again, also after a failure.
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N');

  PROCEDURE create_exchange (p_handle IN VARCHAR2);
  PROCEDURE exchange_partition (p_handle IN VARCHAR2);
  PROCEDURE drop_partition (p_handle IN VARCHAR2);
  PROCEDURE reinsert_kept (p_handle IN VARCHAR2);
  PROCEDURE drop_table (p_handle IN VARCHAR2);
  PROCEDURE drop_tablespace (p_handle IN VARCHAR2);
  PROCEDURE close_account (p_handle IN VARCHAR2);
END drop_partition;
/
