CREATE OR REPLACE PACKAGE BODY dates AS
  PROCEDURE say (p_text VARCHAR2) IS
  BEGIN
    DOM.log_message('h', NVL(p_text, 'null'));
  END say;

  FUNCTION shown (p_date DATE) RETURN VARCHAR2 IS
  BEGIN
    RETURN NVL(TO_CHAR(p_date, 'YYYY-MM-DD HH24:MI:SS'), 'null');
  END shown;

  PROCEDURE yesterday (p_handle VARCHAR2, p_day DATE DEFAULT TRUNC(SYSDATE) - 1) IS
  BEGIN
    say('days ago: '||(TRUNC(SYSDATE) - p_day));
  END yesterday;

  PROCEDURE without_argument (p_handle VARCHAR2) IS
  BEGIN
    yesterday(p_handle);
  END without_argument;

  -- The application's table is unknown to the translation: 1 is of now, 2 two days old, 3 forty.
  PROCEDURE unknown_columns (p_handle VARCHAR2) IS
    v   app.ev.created%TYPE;
    s   app.ev.amount%TYPE;
    ts  TIMESTAMP := SYSTIMESTAMP;
    w   DATE;
    n   NUMBER;
  BEGIN
    SELECT COUNT(*) INTO n FROM app.ev e WHERE e.created + 30 < SYSDATE;
    say('older than 30 days: '||n);
    SELECT COUNT(*) INTO n FROM app.ev WHERE created < SYSTIMESTAMP - 7;
    say('older than 7 days: '||n);
    SELECT COUNT(*) INTO n FROM app.ev WHERE created < ts - 1/24;
    say('older than an hour: '||n);
    SELECT MIN(e.created) + 7, MAX(e.amount) + 1 INTO w, n FROM app.ev e;
    say(shown(w)||' '||n);
    SELECT created, amount INTO v, s FROM app.ev WHERE id = 3;
    w := v + 7;
    say(shown(w));
    v := v + 1/24 - 1;
    s := s + 1.5;
    say(shown(v)||' '||s);
    FOR r IN (SELECT e.created, e.changed, e.amount FROM app.ev e WHERE e.id = 3) LOOP
      IF r.changed - r.created = 1.5 THEN say('one day and a half'); END IF;
      n := r.amount - r.amount + r.amount;
      say(TO_CHAR(r.created + 1, 'MM-DD')||' '||n||' '||shown(TRUNC(r.created)));
    END LOOP;
    UPDATE app.ev SET created = created + 1, amount = amount + 1 WHERE id = 3;
    SELECT created, amount INTO v, s FROM app.ev WHERE id = 3;
    say(shown(v)||' '||s);
    DELETE FROM app.ev WHERE created + 30 < SYSDATE;
    say('deleted '||SQL%ROWCOUNT);
  END unknown_columns;

  PROCEDURE doubtful (p_handle VARCHAR2) IS
  BEGIN
    FOR r IN (SELECT created + 7 AS due FROM app.ev) LOOP
      say('not reached');
    END LOOP;
  END doubtful;

  PROCEDURE doubtful_call (p_handle VARCHAR2) IS
    n NUMBER;
  BEGIN
    SELECT ROUND(created) INTO n FROM app.ev WHERE id = 3;
  END doubtful_call;

  PROCEDURE truncated_number (p_handle VARCHAR2) IS
    n NUMBER;
  BEGIN
    SELECT TRUNC(amount, 0) INTO n FROM app.ev WHERE id = 3;
    say(n);
    SELECT TRUNC(amount) INTO n FROM app.ev WHERE id = 3;
  END truncated_number;

  PROCEDURE row_counts (p_handle VARCHAR2) IS
  BEGIN
    UPDATE app.ev SET amount = 1;
    DOM.log_message(p_handle, 'updated '||SQL%ROWCOUNT);
    UPDATE app.ev SET amount = 2;
    raise_application_error(-20001, 'rows '||SQL%ROWCOUNT);
  EXCEPTION
    WHEN OTHERS THEN say(SQLERRM);
  END row_counts;

  PROCEDURE truncations (p_handle VARCHAR2) IS
    d DATE := TO_DATE('2025-12-31 13:05:09', 'YYYY-MM-DD HH24:MI:SS');
    f VARCHAR2(10) := 'DAY';
  BEGIN
    say(shown(TRUNC(d, 'Q'))||shown(TRUNC(d, 'IW'))||shown(TRUNC(d, 'IYYY')));
    say(shown(TRUNC(d, 'WW'))||shown(TRUNC(d, 'W'))||shown(TRUNC(d, 'mi'))||shown(TRUNC(d, 'HH')));
    say(shown(TRUNC(d, 'year'))||shown(TRUNC(d, 'MON'))||shown(TRUNC(d)));
    say(shown(TRUNC(d, f)));
  END truncations;

  PROCEDURE months (p_handle VARCHAR2) IS
  BEGIN
    say(shown(ADD_MONTHS(DATE '2024-02-29', 1))||' '||shown(ADD_MONTHS(DATE '2024-04-30', -1)));
    say(shown(ADD_MONTHS(DATE '2024-01-30', 1))||' '||shown(ADD_MONTHS(DATE '2024-01-15', 1.9)));
    say(shown(LAST_DAY(TO_DATE('2024-02-10 12:30', 'YYYY-MM-DD HH24:MI'))));
    say(shown(ADD_MONTHS(TO_DATE('2024-02-29 12:30', 'YYYY-MM-DD HH24:MI'), 12)));
  END months;

  PROCEDURE read_dates (p_handle VARCHAR2) IS
  BEGIN
    say(shown(TO_DATE('202401', 'YYYYMM'))||' '||shown(TO_DATE('15-JAN-24', 'DD-MON-RR')));
    say(shown(TO_DATE('2024-1-5 7', 'YYYY-MM-DD HH24:MI'))||' '||shown(TO_DATE('99/02/01', 'RR/MM/DD')));
    say(shown(TO_DATE('2024-060T01:30 PM', 'YYYY-DDD"T"HH:MI AM')));
    IF TO_DATE('2024', 'YYYY') = TRUNC(ADD_MONTHS(SYSDATE, (2024 - EXTRACT(YEAR FROM SYSDATE)) * 12), 'MM')
    THEN say('this month of 2024'); END IF;
    BEGIN
      say(shown(TO_DATE('2024-01-15 23:59', 'YYYY-MM-DD')));
    EXCEPTION WHEN OTHERS THEN say(SUBSTR(SQLERRM, 1, 9)); END;
    BEGIN
      say(shown(TO_DATE('2024-02-31', 'YYYY-MM-DD')));
    EXCEPTION WHEN OTHERS THEN say(SUBSTR(SQLERRM, 1, 9)); END;
  END read_dates;

  PROCEDURE written_dates (p_handle VARCHAR2) IS
    d DATE := TO_DATE('2024-01-06 13:05:09', 'YYYY-MM-DD HH24:MI:SS');
    f VARCHAR2(10) := 'Dy';
  BEGIN
    say(TO_CHAR(d, 'DY MON')||TO_CHAR(d, 'dy Mon')||'['||TO_CHAR(d, 'DAY')||']['||TO_CHAR(d, 'Month')||']');
    say(TO_CHAR(d, 'FMDD. Month YYYY')||' '||TO_CHAR(d, 'fmDAY')||' '||TO_CHAR(d, f));
    say(TO_CHAR(d, 'Q IW WW W DDD J IYYY')||' '||TO_CHAR(d, 'HH:MI AM')||' '||TO_CHAR(d, 'SSSSS"s"'));
    say(TO_CHAR(TIMESTAMP '2024-01-06 13:05:09.123456', 'SS.FF3'));
    IF TO_CHAR(d, 'DY') IN ('SAT', 'SUN') THEN say('weekend'); END IF;
  END written_dates;

  PROCEDURE empty_texts (p_handle VARCHAR2) IS
    n NUMBER;
    m NUMBER := 7;
  BEGIN
    say(REGEXP_SUBSTR('abc', 'x+'));
    say(REGEXP_REPLACE('abc', '.*', ''));
    say(REGEXP_REPLACE('abc', 'b')||REGEXP_REPLACE('abc', 'b', '')||REGEXP_SUBSTR('abc', 'b'));
    EXECUTE IMMEDIATE 'SELECT 41 FROM DUAL' INTO n;
    EXECUTE IMMEDIATE 'SELECT 42 FROM DUAL -- the answer' INTO m;
    say(n||' '||m);
  END empty_texts;
END dates;
/
