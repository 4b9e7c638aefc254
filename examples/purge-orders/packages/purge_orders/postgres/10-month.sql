-- What the tasks have in common: the month that is worked on, with the names of its tables as SQL text.
-- app.orders_2023_07 is the partition that goes, app.orders_2023_07_hold what is kept of it.
CREATE TYPE purge_orders.work AS (
  month      date,
  month_end  date,
  orders     text,
  old_month  text,
  kept_month text
);

CREATE FUNCTION purge_orders.work_of(p_handle text) RETURNS purge_orders.work
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_work purge_orders.work;
BEGIN
  SELECT s.month, s.month + interval '1 month',
         format('%I.%I', s.table_owner, s.table_name),
         format('%I.%I', s.table_owner, s.table_name || to_char(s.month, '_YYYY_MM')),
         format('%I.%I', s.table_owner, s.table_name || to_char(s.month, '_YYYY_MM') || '_hold')
    INTO STRICT v_work
    FROM purge_orders.state s
   WHERE s.handle = p_handle AND s.status = 'working';
  RETURN v_work;
END $$;

CREATE FUNCTION purge_orders.is_partition(p_table text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(p_table))
$$;

CREATE FUNCTION purge_orders.owner_of(p_table text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = p_table::regclass
$$;

-- The chunks of the task purge_items: low belongs to the chunk, high to the next one.
CREATE VIEW purge_orders.item_chunks AS
  SELECT low, least(low + size, s.last_order_id + 1) AS high
    FROM purge_orders.state s
   CROSS JOIN LATERAL (SELECT dom.get_num_param(s.handle, 'items_chunk')::bigint AS size) AS parameter
   CROSS JOIN LATERAL generate_series(s.first_order_id, s.last_order_id, size) AS low
   WHERE s.status = 'working'
   ORDER BY low;
