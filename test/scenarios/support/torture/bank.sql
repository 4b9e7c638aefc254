-- The database that is tortured. bank_owner stands for a role of the test.
CREATE SCHEMA bank AUTHORIZATION bank_owner;
SET ROLE bank_owner;

CREATE TABLE bank.account (id integer PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE bank.saving (id integer PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO bank.account SELECT n, 100 FROM generate_series(1, 100) n;
INSERT INTO bank.saving SELECT n, 200 FROM generate_series(1, 100) n;

-- One line an effect. No key keeps the same line from coming twice.
CREATE TABLE bank.ledger (object text, round integer, task text, remark text);
CREATE TABLE bank.side (name text PRIMARY KEY, effects integer NOT NULL);
INSERT INTO bank.side VALUES ('left', 0), ('right', 0);
CREATE TABLE bank.switch (is_on boolean NOT NULL);
INSERT INTO bank.switch VALUES (true);
RESET ROLE;
