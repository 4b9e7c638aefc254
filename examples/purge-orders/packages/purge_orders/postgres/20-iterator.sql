-- Without the parameter "reference_date", today (OD115: the parameter is missing).
CREATE FUNCTION purge_orders.reference_date(p_handle text) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN dom.get_date_param(p_handle, 'reference_date');
EXCEPTION WHEN SQLSTATE 'OD115' THEN
  RETURN current_date;
END $$;

-- The next month past retention: the oldest partition that is not what an earlier purge has kept.
CREATE FUNCTION purge_orders.next_month(p_owner text, p_table text, p_before date) RETURNS date
LANGUAGE sql STABLE AS $$
  SELECT min(to_date(right(c.relname, 7), 'YYYY_MM'))
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = format('%I.%I', p_owner, p_table)::regclass
     AND c.relname ~ '_\d{4}_\d{2}$'
     AND to_date(right(c.relname, 7), 'YYYY_MM') < p_before
$$;

CREATE FUNCTION purge_orders.purged_by(p_handle text) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(orders_found - orders_held), 0)
    FROM purge_orders.state WHERE handle = p_handle AND status = 'done'
$$;

-- Decides whether there is more to do, and fills the state table with the month.
CREATE PROCEDURE purge_orders.iterator(p_handle text, p_owner text, p_object_name text)
LANGUAGE plpgsql AS $$
DECLARE
  v_kept  interval := make_interval(months => dom.get_num_param(p_handle, 'months_kept')::integer);
  v_limit numeric  := dom.get_num_param(p_handle, 'row_limit');
  v_since date     := date_trunc('month', purge_orders.reference_date(p_handle)) - v_kept;
  v_month date;
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'iterator');

  -- A run that was cancelled may have left a month half-way: it is taken over and ended first.
  IF EXISTS (SELECT FROM purge_orders.state WHERE status = 'working') THEN
    CALL dom.execute_immediate(p_handle, format(
      'UPDATE purge_orders.state SET handle = %L WHERE status = ''working''', p_handle));
    RETURN;
  END IF;

  IF purge_orders.purged_by(p_handle) >= v_limit THEN
    CALL dom.operation_complete(format('The row limit of %s orders is reached.', v_limit));
  END IF;
  v_month := purge_orders.next_month(p_owner, p_object_name, v_since);
  IF v_month IS NULL THEN
    CALL dom.operation_complete(format('No month of %s.%s before %s is left.',
      p_owner, p_object_name, to_char(v_since, 'YYYY-MM')));
  END IF;
  CALL dom.execute_immediate(p_handle, format(
    'INSERT INTO purge_orders.state (month, handle, table_owner, table_name) VALUES (%L, %L, %L, %L)',
    v_month, p_handle, p_owner, p_object_name));
END $$;
