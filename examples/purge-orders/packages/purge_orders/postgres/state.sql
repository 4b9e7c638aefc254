-- One row a month that this operation has worked on, on this database.
CREATE TABLE IF NOT EXISTS purge_orders.state (
  month          date        PRIMARY KEY,
  handle         text        NOT NULL,
  status         text        NOT NULL DEFAULT 'working' CHECK (status IN ('working', 'done')),
  table_owner    text        NOT NULL,
  table_name     text        NOT NULL,
  first_order_id bigint,
  last_order_id  bigint,
  orders_found   bigint,
  amount_found   numeric,
  items_found    bigint,
  orders_held    bigint,
  amount_held    numeric,
  items_held     bigint,
  started_at     timestamptz NOT NULL DEFAULT now(),
  finished_at    timestamptz
);

-- Never two months at a time.
CREATE UNIQUE INDEX IF NOT EXISTS state_one_working
  ON purge_orders.state (status) WHERE status = 'working';

COMMENT ON TABLE purge_orders.state IS 'Months of orders that were purged, with their accounts';
COMMENT ON COLUMN purge_orders.state.handle IS 'The stream that works or worked on the month';
COMMENT ON COLUMN purge_orders.state.orders_found IS 'Rows of the month before it went';
COMMENT ON COLUMN purge_orders.state.orders_held IS 'Rows under legal hold, which stay';
