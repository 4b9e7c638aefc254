-- Dates as PL/SQL has them built in, one copy in each schema of packages: formats, whole months, TRUNC. The
-- elements of formats that depend on the session's territory (D) are not known here.

CREATE OR REPLACE PROCEDURE plsql$bad_format (p_element IN VARCHAR2(200)) AS
  v_message VARCHAR2(511) := 'ORA-01821: date format not recognized: ' || p_element;
BEGIN
  SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1411, MESSAGE_TEXT = v_message;
END;
/
-- The element that a format of a date begins with; NULL for what is none.
CREATE OR REPLACE FUNCTION plsql$element (p_format IN VARCHAR2(200)) RETURN VARCHAR2(200) DETERMINISTIC AS
BEGIN
  RETURN SUBSTR(REGEXP_SUBSTR(UPPER(p_format), '^(?:FM|SYYYY|YYYY|YYY|YY|Y|RRRR|RR|IYYY|IYY|IY|IW|I|Q'
    || '|MONTH|MON|MM|MI|WW|W|DDD|DD|DAY|DY|J|HH24|HH12|HH|SSSSS|SS|FF[1-6]?|[AP]M|[AP][.]M[.]'
    || '|"[^"]*"|[^A-Z0-9"])'), 1);
END;
/
-- A name of a month or day in the letters of the format: MON, Mon or mon; with blanks behind it or without.
CREATE OR REPLACE FUNCTION plsql$named (
  p_name IN VARCHAR2(20), p_letters IN VARCHAR2(20), p_width IN INTEGER, p_fill IN BOOLEAN
) RETURN VARCHAR2(20) DETERMINISTIC AS
  v_name VARCHAR2(20) := CASE WHEN CHAR_LENGTH(p_letters) <= 3 AND p_width = 3
    THEN SUBSTR(p_name, 1, 3) ELSE p_name END;
BEGIN
  IF p_letters = LOWER(p_letters) THEN
    v_name := LOWER(v_name);
  ELSIF SUBSTR(p_letters, 2, 1) = UPPER(SUBSTR(p_letters, 2, 1)) THEN
    v_name := UPPER(v_name);
  END IF;
  RETURN CASE WHEN p_fill THEN RPAD(v_name, p_width) ELSE v_name END;
END;
/
CREATE OR REPLACE FUNCTION plsql$month (p_month IN INTEGER) RETURN VARCHAR2(20) DETERMINISTIC AS
BEGIN
  RETURN ELT(p_month, 'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
    'September', 'October', 'November', 'December');
END;
/
CREATE OR REPLACE FUNCTION plsql$digits (p_date IN DATETIME(6), p_element IN VARCHAR2(20))
RETURN VARCHAR2(20) DETERMINISTIC AS
  v_iso INTEGER := YEARWEEK(p_date, 3);
BEGIN
  RETURN CASE
    WHEN p_element IN ('SYYYY', 'YYYY', 'RRRR') THEN LPAD(YEAR(p_date), 4, '0')
    WHEN p_element IN ('YYY', 'YY', 'Y') THEN RIGHT(LPAD(YEAR(p_date), 4, '0'), CHAR_LENGTH(p_element))
    WHEN p_element = 'RR' THEN RIGHT(LPAD(YEAR(p_date), 4, '0'), 2)
    WHEN p_element IN ('IYYY', 'IYY', 'IY', 'I')
      THEN RIGHT(LPAD(v_iso DIV 100, 4, '0'), CHAR_LENGTH(p_element))
    WHEN p_element = 'IW' THEN LPAD(MOD(v_iso, 100), 2, '0')
    WHEN p_element = 'Q' THEN '' || QUARTER(p_date)
    WHEN p_element = 'MM' THEN LPAD(MONTH(p_date), 2, '0')
    WHEN p_element = 'WW' THEN LPAD((DAYOFYEAR(p_date) + 6) DIV 7, 2, '0')
    WHEN p_element = 'W' THEN '' || ((DAY(p_date) + 6) DIV 7)
    WHEN p_element = 'DDD' THEN LPAD(DAYOFYEAR(p_date), 3, '0')
    WHEN p_element = 'DD' THEN LPAD(DAY(p_date), 2, '0')
    WHEN p_element = 'J' THEN '' || (TO_DAYS(p_date) + 1721060)
    WHEN p_element = 'HH24' THEN LPAD(HOUR(p_date), 2, '0')
    WHEN p_element IN ('HH', 'HH12') THEN DATE_FORMAT(p_date, '%h')
    WHEN p_element = 'MI' THEN LPAD(MINUTE(p_date), 2, '0')
    WHEN p_element = 'SS' THEN LPAD(SECOND(p_date), 2, '0')
    WHEN p_element = 'SSSSS' THEN LPAD(TIME_TO_SEC(TIME(p_date)) DIV 1, 5, '0')
    WHEN p_element LIKE 'FF%'
      THEN LEFT(LPAD(MICROSECOND(p_date), 6, '0'), CASE p_element WHEN 'FF' THEN 6
        ELSE ORD(RIGHT(p_element, 1)) - ORD('0') END)
  END;
END;
/
CREATE OR REPLACE FUNCTION plsql$to_char (p_date IN DATETIME(6), p_format IN VARCHAR2(200))
RETURN VARCHAR2(400) DETERMINISTIC AS
  v_text VARCHAR2(400);
  v_at INTEGER := 1;
  v_fill BOOLEAN := TRUE;
  v_element VARCHAR2(200);
  v_letters VARCHAR2(200);
  v_piece VARCHAR2(200);
BEGIN
  IF p_date IS NULL THEN
    RETURN NULL;
  END IF;
  WHILE v_at <= CHAR_LENGTH(p_format) LOOP
    v_element := plsql$element(SUBSTR(p_format, v_at));
    IF v_element IS NULL THEN
      plsql$bad_format(SUBSTR(p_format, v_at));
    END IF;
    v_letters := SUBSTR(p_format, v_at, CHAR_LENGTH(v_element));
    v_at := v_at + CHAR_LENGTH(v_element);
    IF v_element = 'FM' THEN
      v_fill := NOT v_fill;
      CONTINUE;
    END IF;
    v_piece := plsql$digits(p_date, v_element);
    v_text := v_text || CASE
      WHEN v_piece IS NOT NULL
        THEN CASE WHEN v_fill OR v_element LIKE 'FF%' THEN v_piece ELSE '' || (v_piece + 0) END
      WHEN v_element = 'MONTH' THEN plsql$named(plsql$month(MONTH(p_date)), v_letters, 9, v_fill)
      WHEN v_element = 'MON' THEN plsql$named(plsql$month(MONTH(p_date)), v_letters, 3, FALSE)
      WHEN v_element IN ('DAY', 'DY') THEN plsql$named(ELT(WEEKDAY(p_date) + 1, 'Monday', 'Tuesday',
        'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'), v_letters,
        CASE v_element WHEN 'DY' THEN 3 ELSE 9 END, v_fill)
      WHEN v_element IN ('AM', 'PM')
        THEN plsql$named(CASE WHEN HOUR(p_date) < 12 THEN 'Am' ELSE 'Pm' END, v_letters, 2, FALSE)
      WHEN v_element IN ('A.M.', 'P.M.') THEN CASE WHEN HOUR(p_date) < 12 THEN 'A.M.' ELSE 'P.M.' END
      ELSE TRIM(BOTH '"' FROM v_letters)
    END;
  END LOOP;
  RETURN v_text;
END;
/
CREATE OR REPLACE PROCEDURE plsql$bad_date (p_code IN VARCHAR2(20), p_text IN VARCHAR2(200)) AS
  v_message VARCHAR2(511) := p_code || ': ' || p_text;
BEGIN
  SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1411, MESSAGE_TEXT = v_message;
END;
/
-- The year that the digits of a format's element mean.
CREATE OR REPLACE FUNCTION plsql$year (p_element IN VARCHAR2(20), p_digits IN VARCHAR2(20))
RETURN INTEGER DETERMINISTIC AS
  v_now INTEGER := YEAR(SYSDATE);
  v_year INTEGER := p_digits;
BEGIN
  IF p_element = 'YYYY' OR CHAR_LENGTH(p_digits) > 2 THEN
    RETURN v_year;
  END IF;
  RETURN v_year + (v_now DIV 100 + CASE
    WHEN p_element = 'YY' THEN 0
    WHEN v_year < 50 AND MOD(v_now, 100) >= 50 THEN 1
    WHEN v_year >= 50 AND MOD(v_now, 100) < 50 THEN -1
    ELSE 0
  END) * 100;
END;
/
-- The month of a name, or of its first three letters; 0 for none.
CREATE OR REPLACE FUNCTION plsql$month_of (p_name IN VARCHAR2(200)) RETURN INTEGER DETERMINISTIC AS
BEGIN
  FOR i IN 1 .. 12 LOOP
    IF UPPER(p_name) IN (UPPER(plsql$month(i)), UPPER(SUBSTR(plsql$month(i), 1, 3))) THEN
      RETURN i;
    END IF;
  END LOOP;
  RETURN 0;
END;
/
-- Without a year and a month, it is those of today, and the first day.
CREATE OR REPLACE FUNCTION to_date (p_text IN VARCHAR2, p_format IN VARCHAR2) RETURN DATE DETERMINISTIC AS
  v_rest VARCHAR2(200) := TRIM(p_text);
  v_format VARCHAR2(200) := p_format;
  v_element VARCHAR2(200);
  v_piece VARCHAR2(200);
  v_year INTEGER := YEAR(SYSDATE);
  v_month INTEGER := MONTH(SYSDATE);
  v_day INTEGER := 1;
  v_day_of_year INTEGER;
  v_hour INTEGER := 0;
  v_minute INTEGER := 0;
  v_second INTEGER := 0;
  v_afternoon INTEGER;
  v_date DATE;
BEGIN
  IF v_rest IS NULL THEN
    RETURN NULL;
  END IF;
  WHILE v_format IS NOT NULL LOOP
    v_element := plsql$element(v_format);
    IF v_element IS NULL OR v_element RLIKE '^(?:SYYYY|YYY|Y|I.*|Q|WW?|DAY|DY|J|FF.*)$' THEN
      plsql$bad_format(v_format);
    END IF;
    v_format := SUBSTR(v_format, CHAR_LENGTH(v_element) + 1);
    IF v_element = 'FM' THEN
      CONTINUE;
    END IF;
    IF v_element RLIKE '^[^A-Z]' THEN
      v_piece := CASE
        WHEN v_element LIKE '"%' THEN TRIM(BOTH '"' FROM v_element)
        WHEN v_element = ' ' THEN REGEXP_SUBSTR(v_rest, '^ *')
        ELSE REGEXP_SUBSTR(v_rest, '^[^A-Za-z0-9]?') END;
      IF v_rest IS NOT NULL AND UPPER(SUBSTR(v_rest, 1, CHAR_LENGTH(v_piece))) <> v_piece THEN
        plsql$bad_date('ORA-01861', p_text || ' is no ' || p_format);
      END IF;
      v_rest := SUBSTR(v_rest, CHAR_LENGTH(v_piece) + 1);
      CONTINUE;
    END IF;
    IF v_rest IS NULL THEN
      IF v_element RLIKE '^(?:YY|RR|M[MO]|D)' THEN
        plsql$bad_date('ORA-01840', p_text || ' is too short for ' || p_format);
      END IF;
      CONTINUE;
    END IF;
    v_piece := SUBSTR(REGEXP_SUBSTR(v_rest, CASE
      WHEN v_element RLIKE '^MON' THEN '^[A-Za-z]+'
      WHEN v_element RLIKE '^[AP][.]M' THEN '^[AaPp][.][Mm][.]'
      WHEN v_element RLIKE '^[AP]M$' THEN '^[AaPp][Mm]'
      ELSE '^[0-9]{1,' || CASE WHEN v_element = 'SSSSS' THEN 5
        WHEN v_element IN ('YYYY', 'RRRR') THEN 4 WHEN v_element = 'DDD' THEN 3 ELSE 2 END || '}'
    END), 1);
    IF v_piece IS NULL THEN
      plsql$bad_date('ORA-01858', p_text || ' is no ' || p_format);
    END IF;
    v_rest := SUBSTR(v_rest, CHAR_LENGTH(v_piece) + 1);
    CASE
      WHEN v_element IN ('YYYY', 'YY', 'RRRR', 'RR') THEN v_year := plsql$year(v_element, v_piece);
      WHEN v_element IN ('MON', 'MONTH') THEN v_month := plsql$month_of(v_piece);
      WHEN v_element = 'MM' THEN v_month := v_piece;
      WHEN v_element = 'DD' THEN v_day := v_piece;
      WHEN v_element = 'DDD' THEN v_day_of_year := v_piece;
      WHEN v_element LIKE 'HH%' THEN v_hour := v_piece;
      WHEN v_element = 'MI' THEN v_minute := v_piece;
      WHEN v_element = 'SSSSS' THEN v_second := v_piece;
      WHEN v_element = 'SS' THEN v_second := v_piece;
      ELSE v_afternoon := CASE WHEN UPPER(v_piece) LIKE 'P%' THEN 1 ELSE 0 END;
    END CASE;
  END LOOP;
  IF v_rest IS NOT NULL THEN
    plsql$bad_date('ORA-01830', p_text || ' is longer than ' || p_format);
  END IF;
  IF v_month NOT BETWEEN 1 AND 12 THEN
    plsql$bad_date('ORA-01843', 'not a valid month: ' || p_text);
  END IF;
  v_date := LPAD(v_year, 4, '0') || '-' || CASE WHEN v_day_of_year IS NULL THEN LPAD(v_month, 2, '0')
    ELSE '01' END || '-01';
  IF v_day NOT BETWEEN 1 AND DAY(LAST_DAY(v_date)) OR v_day_of_year NOT BETWEEN 1 AND 366 THEN
    plsql$bad_date('ORA-01839', 'not a valid day: ' || p_text);
  END IF;
  IF v_hour > CASE WHEN v_afternoon IS NULL THEN 23 ELSE 12 END OR v_minute > 59 OR v_second > 86399 THEN
    plsql$bad_date('ORA-01850', 'not a valid time: ' || p_text);
  END IF;
  v_hour := CASE WHEN v_afternoon IS NULL THEN v_hour ELSE MOD(v_hour, 12) + v_afternoon * 12 END;
  v_date := v_date + INTERVAL (NVL(v_day_of_year, v_day) - 1) DAY;
  RETURN v_date + INTERVAL (v_hour * 3600 + v_minute * 60 + v_second) SECOND;
END;
/
-- TRUNC of a date. The translation gives the format where the source leaves it out, and says TRUNCATE
-- where the value is a number; of a value whose type nobody knew, the text tells whether it is a date.
CREATE OR REPLACE FUNCTION trunc (p_value IN VARCHAR2(200), p_format IN VARCHAR2(200))
RETURN DATE DETERMINISTIC AS
  v_date DATE;
BEGIN
  IF p_value NOT LIKE '____-__-__%' THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 932,
      MESSAGE_TEXT = 'ORA-00932: TRUNC of a number of which the source tells no type: write TRUNC(x, 0)';
  END IF;
  v_date := p_value;
  IF v_date IS NULL OR p_format IS NULL THEN
    RETURN NULL;
  END IF;
  CASE
    WHEN UPPER(p_format) IN ('DDD', 'DD', 'J') THEN RETURN DATE_FORMAT(v_date, '%Y-%m-%d');
    WHEN UPPER(p_format) IN ('MM', 'MON', 'MONTH', 'RM') THEN RETURN DATE_FORMAT(v_date, '%Y-%m-01');
    WHEN UPPER(p_format) = 'Q' THEN
      RETURN DATE_FORMAT(v_date, '%Y-01-01') + INTERVAL (QUARTER(v_date) - 1) * 3 MONTH;
    WHEN UPPER(p_format) IN ('YYYY', 'YEAR', 'SYYYY', 'SYEAR', 'YYY', 'YY', 'Y') THEN
      RETURN DATE_FORMAT(v_date, '%Y-01-01');
    WHEN UPPER(p_format) = 'IW' THEN
      RETURN DATE_FORMAT(v_date - INTERVAL WEEKDAY(v_date) DAY, '%Y-%m-%d');
    WHEN UPPER(p_format) IN ('IYYY', 'IYY', 'IY', 'I') THEN
      -- The fourth of January is always in the first week.
      v_date := LPAD(YEARWEEK(v_date, 3) DIV 100, 4, '0') || '-01-04';
      RETURN v_date - INTERVAL WEEKDAY(v_date) DAY;
    WHEN UPPER(p_format) = 'WW' THEN
      RETURN DATE_FORMAT(v_date, '%Y-01-01') + INTERVAL (DAYOFYEAR(v_date) - 1) DIV 7 * 7 DAY;
    WHEN UPPER(p_format) = 'W' THEN
      RETURN DATE_FORMAT(v_date, '%Y-%m-01') + INTERVAL (DAY(v_date) - 1) DIV 7 * 7 DAY;
    WHEN UPPER(p_format) IN ('HH24', 'HH12', 'HH') THEN RETURN DATE_FORMAT(v_date, '%Y-%m-%d %H:00:00');
    WHEN UPPER(p_format) = 'MI' THEN RETURN DATE_FORMAT(v_date, '%Y-%m-%d %H:%i:00');
    ELSE plsql$bad_format(p_format);
  END CASE;
  RETURN NULL;
END;
/
-- The last day of a month goes to the last day; of the months, only whole ones count.
CREATE OR REPLACE FUNCTION plsql$add_months (p_date IN DATE, p_months IN NUMBER(38,10))
RETURN DATE DETERMINISTIC AS
  v_date DATE := ADD_MONTHS(p_date, TRUNCATE(p_months, 0));
BEGIN
  RETURN v_date + INTERVAL CASE WHEN DAY(p_date) = DAY(LAST_DAY(p_date))
    THEN DAY(LAST_DAY(v_date)) - DAY(v_date) ELSE 0 END DAY;
END;
/
CREATE OR REPLACE FUNCTION plsql$last_day (p_date IN DATE) RETURN DATE DETERMINISTIC AS
BEGIN
  RETURN p_date + INTERVAL (DAY(LAST_DAY(p_date)) - DAY(p_date)) DAY;
END;
/
-- Whole months between the same days or the last days of two months; else with a part of 31 days.
CREATE OR REPLACE FUNCTION months_between (p_later IN DATE, p_earlier IN DATE)
RETURN NUMBER(38,10) DETERMINISTIC AS
  v_months INTEGER := (YEAR(p_later) - YEAR(p_earlier)) * 12 + MONTH(p_later) - MONTH(p_earlier);
  v_seconds INTEGER := TIME_TO_SEC(TIME(p_later)) - TIME_TO_SEC(TIME(p_earlier));
BEGIN
  IF DAY(p_later) = DAY(p_earlier)
    OR (DATE(p_later) = LAST_DAY(p_later) AND DATE(p_earlier) = LAST_DAY(p_earlier))
  THEN
    RETURN v_months;
  END IF;
  RETURN v_months + (DAY(p_later) - DAY(p_earlier) + v_seconds / 86400.0000000000) / 31;
END;
/
