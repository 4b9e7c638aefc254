-- What PL/SQL has built in and MariaDB lacks. One copy in each schema of packages: names without an owner
-- are found only in the schema of the routine that says them. The translation of package source writes
-- calls of the routines whose names have plsql$ in them.

CREATE OR REPLACE PROCEDURE raise_application_error (p_code IN NUMBER(10), p_message IN VARCHAR2) AS
  v_errno INTEGER := ABS(p_code);
  -- A message may have 511 characters; a longer one would itself be the error.
  v_message VARCHAR2(511) := SUBSTR('ORA' || p_code || ': ' || p_message, 1, 511);
BEGIN
  SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = v_errno, MESSAGE_TEXT = v_message;
END;
/
-- What SELECT INTO raises without a row is only a warning. Signalled, the same condition is caught by
-- WHEN no_data_found, and is an error where nobody catches it.
CREATE OR REPLACE PROCEDURE raise_no_data_found AS
BEGIN
  SIGNAL SQLSTATE '02000' SET MYSQL_ERRNO = 1329, MESSAGE_TEXT = 'ORA-01403: no data found';
END;
/
-- SQLCODE as Oracle says it, from the number that MariaDB gives an error.
CREATE OR REPLACE FUNCTION plsql$code (p_errno IN INTEGER) RETURN INTEGER DETERMINISTIC AS
BEGIN
  RETURN CASE
    WHEN p_errno BETWEEN 20000 AND 20999 THEN -p_errno
    WHEN p_errno = 1329 THEN 100
    WHEN p_errno IN (1644, 6510) THEN 1
    WHEN p_errno IN (1062, 1586) THEN -1
    WHEN p_errno = 1205 THEN -54
    WHEN p_errno = 1213 THEN -60
    WHEN p_errno = 1054 THEN -904
    WHEN p_errno IN (1146, 1051, 4092) THEN -942
    WHEN p_errno IN (1050, 1061, 1304) THEN -955
    WHEN p_errno = 1317 THEN -1013
    WHEN p_errno IN (1048, 1364) THEN -1400
    WHEN p_errno = 1091 THEN -1418
    WHEN p_errno = 1172 THEN -1422
    WHEN p_errno = 1060 THEN -1430
    WHEN p_errno = 1264 THEN -1438
    WHEN p_errno = 1365 THEN -1476
    WHEN p_errno = 1366 THEN -1722
    WHEN p_errno IN (1292, 1411) THEN -1858
    WHEN p_errno = 1735 THEN -2149
    WHEN p_errno = 4091 THEN -2289
    WHEN p_errno = 4025 THEN -2290
    WHEN p_errno IN (1452, 1216) THEN -2291
    WHEN p_errno IN (1451, 1217) THEN -2292
    WHEN p_errno = 1305 THEN -4043
    WHEN p_errno = 1406 THEN -12899
    WHEN p_errno = 1507 THEN -14006
    WHEN p_errno = 1526 THEN -14400
    ELSE -p_errno
  END;
END;
/
-- A number as Oracle writes it: no zeros behind the point, and none before it.
CREATE OR REPLACE FUNCTION plsql$text (p_number IN NUMBER(38,10)) RETURN VARCHAR2(50) DETERMINISTIC AS
  v_text VARCHAR2(50) := CAST(p_number AS CHAR);
BEGIN
  IF INSTR(v_text, '.') = 0 THEN
    RETURN v_text;
  END IF;
  v_text := TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM v_text));
  RETURN CASE
    WHEN v_text = '-0' THEN '0'
    WHEN SUBSTR(v_text, 1, 2) = '0.' THEN SUBSTR(v_text, 2)
    WHEN SUBSTR(v_text, 1, 3) = '-0.' THEN '-' || SUBSTR(v_text, 3)
    ELSE v_text
  END;
END;
/
-- A sleep that is cancelled is an error only where its result is used.
CREATE OR REPLACE PROCEDURE plsql$sleep (p_seconds IN NUMBER(38,10)) AS
  v_interrupted INTEGER;
BEGIN
  v_interrupted := SLEEP(p_seconds);
END;
/
-- INSTR with a place to begin at, from the end if it is negative, and the number of the occurrence.
CREATE OR REPLACE FUNCTION plsql$instr (
  p_text IN CLOB, p_part IN VARCHAR2, p_from IN INTEGER, p_nth IN INTEGER
) RETURN INTEGER DETERMINISTIC AS
  v_at INTEGER := p_from;
  v_left INTEGER := p_nth;
BEGIN
  IF p_text IS NULL OR p_part IS NULL OR p_from IS NULL OR p_nth IS NULL THEN
    RETURN NULL;
  END IF;
  IF p_from = 0 THEN
    RETURN 0;
  END IF;
  IF p_from < 0 THEN
    v_at := CHAR_LENGTH(p_text) + p_from + 1;
    WHILE v_at > 0 LOOP
      IF SUBSTR(p_text, v_at, CHAR_LENGTH(p_part)) = p_part THEN
        v_left := v_left - 1;
      END IF;
      EXIT WHEN v_left = 0;
      v_at := v_at - 1;
    END LOOP;
    RETURN GREATEST(v_at, 0);
  END IF;
  LOOP
    v_at := LOCATE(p_part, p_text, v_at);
    v_left := v_left - 1;
    EXIT WHEN v_at = 0 OR v_left = 0;
    v_at := v_at + 1;
  END LOOP;
  RETURN v_at;
END;
/
CREATE OR REPLACE FUNCTION to_number (p_text IN VARCHAR2) RETURN NUMBER(38,10) DETERMINISTIC AS
  v_text VARCHAR2(100) := TRIM(p_text);
BEGIN
  -- MariaDB would take the digits that a text begins with; Oracle refuses it.
  IF v_text NOT RLIKE '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$' THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1366, MESSAGE_TEXT = 'ORA-01722: invalid number';
  END IF;
  RETURN CAST(v_text AS DECIMAL(38,10));
END;
/
-- What stands for dates in sums that nobody could know to have any: the translation calls it where a value
-- looks like a date. The code is that of Oracle for a date in the place of a number.
CREATE OR REPLACE FUNCTION plsql$is_date (p_source IN VARCHAR2(200)) RETURN INTEGER DETERMINISTIC AS
  v_message VARCHAR2(511) := 'ORA-00932: a date in ' || p_source
    || ', where the source tells no type: write INTERVAL ''7'' DAY, or take a DATE variable';
BEGIN
  SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 932, MESSAGE_TEXT = v_message;
  RETURN NULL;
END;
/
-- A value of which the source tells no type, if it is a number.
CREATE OR REPLACE FUNCTION plsql$number (p_value IN VARCHAR2(200), p_source IN VARCHAR2(200))
RETURN NUMBER(65,27) DETERMINISTIC AS
BEGIN
  RETURN CASE WHEN p_value LIKE '____-__-__%' THEN plsql$is_date(p_source) ELSE p_value END;
END;
/
CREATE OR REPLACE FUNCTION initcap (p_text IN VARCHAR2) RETURN VARCHAR2(16383) DETERMINISTIC AS
  v_text VARCHAR2(16383);
  v_sign VARCHAR2(1);
  v_inside BOOLEAN := FALSE;
BEGIN
  FOR i IN 1 .. NVL(CHAR_LENGTH(p_text), 0) LOOP
    v_sign := SUBSTR(p_text, i, 1);
    v_text := v_text || CASE WHEN v_inside THEN LOWER(v_sign) ELSE UPPER(v_sign) END;
    v_inside := v_sign RLIKE '[[:alnum:]]';
  END LOOP;
  RETURN v_text;
END;
/
CREATE OR REPLACE FUNCTION regexp_like (p_text IN CLOB, p_pattern IN VARCHAR2)
RETURN BOOLEAN DETERMINISTIC AS
BEGIN
  RETURN p_text RLIKE p_pattern;
END;
/
