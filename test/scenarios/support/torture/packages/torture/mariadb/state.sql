CREATE TABLE rounds (
  object_name VARCHAR2(200) NOT NULL,
  round_no NUMBER(10) NOT NULL,
  is_open CHAR(1) NOT NULL,
  CONSTRAINT rounds_pk PRIMARY KEY (object_name, round_no)
)
/
