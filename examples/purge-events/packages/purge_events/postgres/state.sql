-- The month that a stream works on: written by the iterator, read by the tasks.
CREATE TABLE IF NOT EXISTS state (
  handle text PRIMARY KEY,
  owner text NOT NULL,
  table_name text NOT NULL,
  month_start date NOT NULL,
  month_end date NOT NULL
);
