-- The application on PostgreSQL: six months of events, 3000 a month. Run it as a superuser.
CREATE SCHEMA app AUTHORIZATION app_owner;
SET ROLE app_owner;

CREATE TABLE app.event (
  id bigint PRIMARY KEY,
  account_id integer NOT NULL,
  event_date date NOT NULL,
  amount numeric(12, 2) NOT NULL,
  note text
);
CREATE INDEX event_date_ix ON app.event (event_date);

CREATE TABLE app.event_arch (LIKE app.event INCLUDING ALL);

CREATE TABLE app.event_rollup (
  month_start date NOT NULL,
  account_id integer NOT NULL,
  events integer NOT NULL,
  amount numeric(14, 2) NOT NULL,
  PRIMARY KEY (month_start, account_id),
  CONSTRAINT event_rollup_amount CHECK (amount >= 0)
);

INSERT INTO app.event (id, account_id, event_date, amount, note)
SELECT q.id, 1 + mod(q.id, 50), q.event_date, mod(q.id * 37, 10000) / 100.0, 'event ' || q.id
FROM (
  SELECT m * 3000 + n AS id,
         (date '2026-01-01' + make_interval(months => m, days => mod(n, 28)))::date AS event_date
  FROM generate_series(0, 5) m, generate_series(1, 3000) n
) q;

RESET ROLE;
