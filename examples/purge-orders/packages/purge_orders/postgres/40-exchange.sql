-- Task 1: an empty table that will hold what must stay of the month. The check spares the scan when it
-- becomes a partition. Indexes come later: rows go in quicker without them.
CREATE PROCEDURE purge_orders.create_exchange(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v purge_orders.work := purge_orders.work_of(p_handle);
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'create_exchange');
  CALL dom.execute_immediate(p_handle, format(
    'CREATE TABLE IF NOT EXISTS %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
       CONSTRAINT one_month CHECK (ordered_on >= %L AND ordered_on < %L))',
    v.kept_month, v.orders, v.month, v.month_end));
  CALL dom.execute_immediate(p_handle, format('ALTER TABLE %s OWNER TO %I',
    v.kept_month, purge_orders.owner_of(v.orders)));
END $$;

-- Task 2: from now on nobody sees the month in the partitioned table.
CREATE PROCEDURE purge_orders.detach_partition(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v purge_orders.work := purge_orders.work_of(p_handle);
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'detach_partition');
  IF purge_orders.is_partition(v.old_month) THEN
    CALL dom.execute_immediate(p_handle, format('ALTER TABLE %s DETACH PARTITION %s',
      v.orders, v.old_month));
  END IF;
END $$;
