-- The application on Oracle: six months of events, 3000 a month. Run it as a DBA; the user app is there.
CREATE TABLE app.event (
  id NUMBER(18) NOT NULL,
  account_id NUMBER(10) NOT NULL,
  event_date DATE NOT NULL,
  amount NUMBER(12, 2) NOT NULL,
  note VARCHAR2(100),
  CONSTRAINT event_pk PRIMARY KEY (id)
);
CREATE INDEX app.event_date_ix ON app.event (event_date);

CREATE TABLE app.event_arch (
  id NUMBER(18) NOT NULL,
  account_id NUMBER(10) NOT NULL,
  event_date DATE NOT NULL,
  amount NUMBER(12, 2) NOT NULL,
  note VARCHAR2(100),
  CONSTRAINT event_arch_pk PRIMARY KEY (id)
);

CREATE TABLE app.event_rollup (
  month_start DATE NOT NULL,
  account_id NUMBER(10) NOT NULL,
  events NUMBER(10) NOT NULL,
  amount NUMBER(14, 2) NOT NULL,
  CONSTRAINT event_rollup_pk PRIMARY KEY (month_start, account_id),
  CONSTRAINT event_rollup_amount CHECK (amount >= 0)
);

INSERT INTO app.event (id, account_id, event_date, amount, note)
SELECT q.id, 1 + MOD(q.id, 50), q.event_date, MOD(q.id * 37, 10000) / 100, 'event ' || q.id
FROM (
  SELECT m.seq * 3000 + n.seq AS id, ADD_MONTHS(DATE '2026-01-01', m.seq) + MOD(n.seq, 28) AS event_date
  FROM (SELECT LEVEL - 1 AS seq FROM dual CONNECT BY LEVEL <= 6) m,
       (SELECT LEVEL AS seq FROM dual CONNECT BY LEVEL <= 3000) n
) q;
COMMIT;
