-- The application's own tables, for trying the example out: in database app, with sql_mode=ORACLE.
CREATE TABLE legal_hold (
  customer_id NUMBER(10)   NOT NULL,
  case_no     VARCHAR2(20) NOT NULL,
  PRIMARY KEY (customer_id, case_no)
);
CREATE TABLE orders (
  order_id    NUMBER(12)   NOT NULL,
  customer_id NUMBER(10)   NOT NULL,
  ordered_on  DATE         NOT NULL,
  amount      NUMBER(12,2) NOT NULL,
  PRIMARY KEY (order_id, ordered_on)
)
PARTITION BY RANGE COLUMNS (ordered_on) (
  PARTITION p_2024_04 VALUES LESS THAN ('2024-05-01'),
  PARTITION p_2024_05 VALUES LESS THAN ('2024-06-01'),
  PARTITION p_2024_06 VALUES LESS THAN ('2024-07-01'),
  PARTITION p_2024_07 VALUES LESS THAN ('2024-08-01'),
  PARTITION p_younger VALUES LESS THAN (MAXVALUE)
);
-- While a partition goes, whoever feeds the table keeps new orders back.
CREATE TABLE feed (
  name    VARCHAR2(64) NOT NULL,
  enabled CHAR(1)      NOT NULL,
  PRIMARY KEY (name)
);
INSERT INTO feed (name, enabled) VALUES ('orders', 'Y');
INSERT INTO legal_hold (customer_id, case_no) VALUES (7, 'A-1');
INSERT INTO orders (order_id, customer_id, ordered_on, amount)
SELECT seq, MOD(seq, 10), DATE '2024-04-01' + INTERVAL MOD(seq, 150) DAY, MOD(seq, 97) FROM seq_1_to_3000;
