-- The application's own tables, for trying the example out: as user APP, in SQL*Plus or SQLcl.
CREATE TABLE customers (
  customer_id NUMBER(10)    NOT NULL,
  name        VARCHAR2(100) NOT NULL,
  CONSTRAINT customers_pk PRIMARY KEY (customer_id)
)
/
CREATE TABLE legal_hold (
  customer_id NUMBER(10)    NOT NULL,
  case_no     VARCHAR2(20)  NOT NULL,
  CONSTRAINT legal_hold_pk PRIMARY KEY (customer_id, case_no)
)
/
CREATE TABLE orders (
  order_id    NUMBER(12)    NOT NULL,
  customer_id NUMBER(10)    NOT NULL,
  ordered_on  DATE          NOT NULL,
  amount      NUMBER(12,2)  NOT NULL,
  CONSTRAINT orders_pk PRIMARY KEY (order_id)
)
PARTITION BY RANGE (ordered_on) (
  PARTITION p_2024_04 VALUES LESS THAN (TO_DATE('2024-05-01', 'YYYY-MM-DD')),
  PARTITION p_2024_05 VALUES LESS THAN (TO_DATE('2024-06-01', 'YYYY-MM-DD')),
  PARTITION p_2024_06 VALUES LESS THAN (TO_DATE('2024-07-01', 'YYYY-MM-DD')),
  PARTITION p_2024_07 VALUES LESS THAN (TO_DATE('2024-08-01', 'YYYY-MM-DD')),
  PARTITION p_younger VALUES LESS THAN (MAXVALUE)
)
/
CREATE TABLE order_items (
  order_id NUMBER(12) NOT NULL,
  item_no  NUMBER(4)  NOT NULL,
  article  VARCHAR2(40),
  CONSTRAINT order_items_pk PRIMARY KEY (order_id, item_no),
  CONSTRAINT order_items_order_fk FOREIGN KEY (order_id) REFERENCES orders (order_id)
)
/
INSERT INTO legal_hold (customer_id, case_no) VALUES (7, 'A-1')
/
INSERT INTO orders (order_id, customer_id, ordered_on, amount)
SELECT LEVEL, MOD(LEVEL, 10), DATE '2024-04-01' + MOD(LEVEL, 150), MOD(LEVEL, 97) FROM dual
CONNECT BY LEVEL <= 3000
/
COMMIT
/
