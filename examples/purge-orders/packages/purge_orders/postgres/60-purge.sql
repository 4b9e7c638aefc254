-- Task 6, a chunk: deletes the items of the orders from chunk_low up to chunk_high that are not kept.
CREATE PROCEDURE purge_orders.purge_items(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v purge_orders.work := purge_orders.work_of(p_handle);
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'purge_items');
  CALL dom.execute_immediate(p_handle, format(
    'DELETE FROM app.order_items i
      USING %s o
      WHERE o.order_id >= %s AND o.order_id < %s
        AND i.order_id = o.order_id
        AND NOT EXISTS (SELECT FROM %s k WHERE k.order_id = o.order_id)',
    v.old_month, dom.chunk_low(p_handle)::bigint, dom.chunk_high(p_handle)::bigint, v.kept_month));
END $$;

CREATE FUNCTION purge_orders.items_of(p_orders text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_items bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM app.order_items i JOIN %s o ON o.order_id = i.order_id', p_orders)
    INTO v_items;
  RETURN v_items;
END $$;

-- Task 7: closes the account, and drops the month only when it is right.
CREATE PROCEDURE purge_orders.drop_detached(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v       purge_orders.work := purge_orders.work_of(p_handle);
  v_items bigint := purge_orders.items_of(v.kept_month);
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'drop_detached');
  IF purge_orders.items_of(v.old_month) <> v_items THEN
    RAISE EXCEPTION 'of the items of % others are left than those of the orders that are kept', v.old_month;
  END IF;
  CALL dom.execute_immediate(p_handle, format(
    'UPDATE purge_orders.state
        SET (orders_held, amount_held) = (SELECT count(*), coalesce(sum(amount), 0) FROM %s),
            items_held = %s, status = ''done'', finished_at = clock_timestamp()
      WHERE month = %L', v.kept_month, v_items, v.month));
  CALL dom.execute_immediate(p_handle, format('DROP TABLE %s', v.old_month));
END $$;
