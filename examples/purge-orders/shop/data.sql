-- Fills a shop with orders of the 36 months from July 2023 to June 2026. Nothing in it is random, so that
-- the same call always gives the same rows. November has twice, December three times the orders.
CREATE PROCEDURE app.fill(p_orders_a_month integer, p_customers integer) LANGUAGE plpgsql AS $$
DECLARE
  v_month  date;
  v_first  bigint := 1;
  v_orders integer;
  v_part   text;
BEGIN
  FOR v_month IN
    SELECT generate_series(date '2023-07-01', date '2026-06-01', interval '1 month')::date
  LOOP
    v_part := 'orders_' || to_char(v_month, 'YYYY_MM');
    v_orders := p_orders_a_month
                * CASE extract(month FROM v_month) WHEN 12 THEN 3 WHEN 11 THEN 2 ELSE 1 END;
    EXECUTE format('CREATE TABLE app.%I PARTITION OF app.orders FOR VALUES FROM (%L) TO (%L)',
      v_part, v_month, v_month + interval '1 month');
    EXECUTE format($i$
      INSERT INTO app.%I (order_id, ordered_on, customer_id, status, amount, reference)
      SELECT n, %L::date + (n %% 28)::integer, 1 + n * 7919 %% %s, 'delivered',
             (n * 31 %% 50000) / 100.0 + 5, 'order ' || n || ' by web shop, ' || md5(n::text)
        FROM generate_series(%s::bigint, %s) AS n$i$,
      v_part, v_month, p_customers, v_first, v_first + v_orders - 1);
    EXECUTE format('ALTER TABLE app.%I OWNER TO app_owner', v_part);
    v_first := v_first + v_orders;
  END LOOP;

  -- Many rows go in quicker before their index is there. A server with wal_level minimal writes no log of
  -- rows in tables that were created, or emptied as here, in the same transaction.
  TRUNCATE app.order_items;
  ALTER TABLE app.order_items DROP CONSTRAINT order_items_pkey;
  INSERT INTO app.order_items (order_id, line_no, sku, price)
  SELECT n, line, 'sku-' || (n * line) % 9973, (n * 13 % 9000) / 100.0 + 1
    FROM generate_series(1::bigint, v_first - 1) AS n, generate_series(1, 1 + (n % 3)::integer) AS line;
  ALTER TABLE app.order_items ADD PRIMARY KEY (order_id, line_no);

  -- Every fifth customer is in a case; every tenth in two, which overlap in part.
  INSERT INTO app.legal_hold (case_no, customer_id, held_from, held_until)
  SELECT 1, c, date '2023-07-01', date '2024-03-31' FROM generate_series(5, p_customers, 5) AS c
  UNION ALL
  SELECT 2, c, date '2023-10-15', date '2024-12-31' FROM generate_series(10, p_customers, 10) AS c;
END $$;
