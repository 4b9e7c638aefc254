-- The schema that is tortured on MariaDB. One line an effect; no key keeps the same line from coming twice.
CREATE TABLE account (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL);
CREATE TABLE saving (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL);
INSERT INTO account SELECT seq, 100 FROM seq_1_to_100;
INSERT INTO saving SELECT seq, 200 FROM seq_1_to_100;
CREATE TABLE ledger (object_name VARCHAR(200), round_no INTEGER, task VARCHAR(64), remark VARCHAR(64));
CREATE TABLE side (name VARCHAR(10) PRIMARY KEY, effects INTEGER NOT NULL);
INSERT INTO side VALUES ('left', 0), ('right', 0);
CREATE TABLE switch (is_on CHAR(1) NOT NULL);
INSERT INTO switch VALUES ('Y');
-- Where a test can hold a unit: it locks the row. Else nobody waits.
CREATE TABLE gate (name VARCHAR(64) PRIMARY KEY);
