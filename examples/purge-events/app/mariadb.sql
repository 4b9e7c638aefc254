-- The application on MariaDB: six months of events, 3000 a month. Run it as an administrator.
CREATE DATABASE app CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE app.event (
  id BIGINT PRIMARY KEY,
  account_id INTEGER NOT NULL,
  event_date DATE NOT NULL,
  amount DECIMAL(12, 2) NOT NULL,
  note VARCHAR(100),
  KEY event_date_ix (event_date)
);

CREATE TABLE app.event_arch LIKE app.event;

CREATE TABLE app.event_rollup (
  month_start DATE NOT NULL,
  account_id INTEGER NOT NULL,
  events INTEGER NOT NULL,
  amount DECIMAL(14, 2) NOT NULL,
  PRIMARY KEY (month_start, account_id),
  CONSTRAINT event_rollup_amount CHECK (amount >= 0)
);

INSERT INTO app.event (id, account_id, event_date, amount, note)
SELECT q.id, 1 + MOD(q.id, 50), q.event_date, MOD(q.id * 37, 10000) / 100, CONCAT('event ', q.id)
FROM (
  SELECT m.seq * 3000 + n.seq AS id,
         DATE '2026-01-01' + INTERVAL m.seq MONTH + INTERVAL MOD(n.seq, 28) DAY AS event_date
  FROM app.seq_0_to_5 m, app.seq_1_to_3000 n
) q;
