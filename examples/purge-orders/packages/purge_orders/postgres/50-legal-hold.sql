-- Task 4: takes the account of the month, then copies the rows under legal hold. An order that several
-- cases hold is copied once; auditors read by customer, so the rows are stored in that order.
CREATE PROCEDURE purge_orders.keep_legal_hold(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v purge_orders.work := purge_orders.work_of(p_handle);
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'keep_legal_hold');
  CALL dom.execute_immediate(p_handle, format(
    'UPDATE purge_orders.state
        SET (first_order_id, last_order_id, orders_found, amount_found) =
              (SELECT min(order_id), max(order_id), count(*), coalesce(sum(amount), 0) FROM %1$s),
            items_found = coalesce(items_found,
              (SELECT count(*) FROM app.order_items i JOIN %1$s o ON o.order_id = i.order_id))
      WHERE month = %2$L', v.old_month, v.month));
  CALL dom.execute_immediate(p_handle, format('TRUNCATE %s', v.kept_month));
  CALL dom.execute_immediate(p_handle, format(
    'INSERT INTO %s
     SELECT DISTINCT ON (o.customer_id, o.ordered_on, o.order_id) o.*
       FROM %s o
       JOIN app.legal_hold h ON h.customer_id = o.customer_id
                            AND o.ordered_on BETWEEN h.held_from AND h.held_until
      ORDER BY o.customer_id, o.ordered_on, o.order_id, h.case_no', v.kept_month, v.old_month),
    'work_mem = ' || dom.get_string_param(p_handle, 'sort_memory'));
END $$;

-- Whether the copy has exactly the rows under hold, by number and by a checksum over every column. The
-- question is put in other words than the copy was made with. It changes nothing, so it is not logged.
CREATE PROCEDURE purge_orders.verify_hold(p_work purge_orders.work) LANGUAGE plpgsql AS $$
DECLARE
  v_sum constant text :=
    'SELECT count(*) || '' rows, checksum '' || coalesce(sum(hashtextextended(o::text, 0)), 0) FROM %s o';
  v_expected text;
  v_copied   text;
BEGIN
  EXECUTE format(v_sum || ' WHERE EXISTS (SELECT FROM app.legal_hold h
    WHERE h.customer_id = o.customer_id AND o.ordered_on >= h.held_from AND o.ordered_on <= h.held_until)',
    p_work.old_month) INTO v_expected;
  EXECUTE format(v_sum, p_work.kept_month) INTO v_copied;
  IF v_copied <> v_expected THEN
    RAISE EXCEPTION 'of % under hold % were copied', v_expected, v_copied;
  END IF;
END $$;

-- Task 5: verification, indexes and statistics; then what is kept becomes the month's partition.
CREATE PROCEDURE purge_orders.rebuild_and_verify(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v purge_orders.work := purge_orders.work_of(p_handle);
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'rebuild_and_verify');
  CALL purge_orders.verify_hold(v);
  IF purge_orders.is_partition(v.kept_month) THEN
    RETURN;
  END IF;
  CALL dom.execute_immediate(p_handle, format('ALTER TABLE %s ADD PRIMARY KEY (order_id, ordered_on)',
    v.kept_month));
  CALL dom.execute_immediate(p_handle, format('CREATE INDEX ON %s (customer_id)', v.kept_month));
  CALL dom.execute_immediate(p_handle, format('ANALYZE %s', v.kept_month));
  CALL dom.execute_immediate(p_handle, format(
    'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
    v.orders, v.kept_month, v.month, v.month_end));
END $$;
