CREATE TABLE IF NOT EXISTS bench.work (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  handle text NOT NULL,
  at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS bench.round (
  handle text PRIMARY KEY,
  rounds integer NOT NULL
);

CREATE TABLE IF NOT EXISTS bench.ledger (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account integer NOT NULL,
  amount  numeric NOT NULL,
  note    text NOT NULL
);
