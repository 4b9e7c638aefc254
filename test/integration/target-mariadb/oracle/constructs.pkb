CREATE OR REPLACE PACKAGE BODY domown.constructs AS
  PROCEDURE later (p_handle VARCHAR2, p_x NUMBER, p_y NUMBER := 2);
  e_private EXCEPTION;
  g_long    VARCHAR2(32767);

  PROCEDURE say (p_text VARCHAR2) IS
  BEGIN
    DBMS_OUTPUT.PUT_LINE('said: '
      ||p_text);
    DOM.log_message('h', p_text);
  END say;

  FUNCTION half (p_n NUMBER) RETURN NUMBER DETERMINISTIC IS BEGIN RETURN p_n / 2; END half;

  FUNCTION start_day RETURN DATE IS BEGIN RETURN DATE '2024-01-31'; END start_day;

  FUNCTION first_name RETURN item.name%TYPE IS
    v# item.name%TYPE;
  BEGIN
    SELECT name INTO v# FROM item WHERE id = -1;
    RETURN v#;
  END first_name;

  PROCEDURE defaults (p_handle VARCHAR2, p_what name_t DEFAULT c_mark, p_n NUMBER := c_twice) IS
  BEGIN
    say(p_what||'-'||p_n);
  END defaults;

  PROCEDURE calls (p_handle VARCHAR2) IS
  BEGIN
    defaults(p_handle);
    defaults(p_n => 5, p_handle => 'h');
    constructs.defaults('h', p_n => 2.5);
    later(p_handle, p_x => half(3));
    say(DOM.get_num_param(p_handle, 'DAYS')||'/'||DOM.get_num_param(p_handle, 'ITEM', 'DAYS'));
  END calls;

  PROCEDURE later (p_handle VARCHAR2, p_x NUMBER, p_y NUMBER := 2) IS
    keys VARCHAR2(10) := 'k';
  BEGIN
    say(keys||p_x||p_y);
  END later;

  PROCEDURE dates (p_handle VARCHAR2) IS
    d DATE := TO_DATE('2024-01-31 12:30:00', 'YYYY-MM-DD HH24:MI:SS');
    n NUMBER := 1.50;
    k PLS_INTEGER := 3;
  BEGIN
    say(TO_CHAR(d - 1, 'YYYY-MM-DD')||' '||TO_CHAR(d + k, 'YYYY-MM-DD HH24:MI'));
    say(TO_CHAR(TRUNC(d) + n/24, 'YYYY-MM-DD HH24:MI')||' '||TO_CHAR(start_day - 1/1440, 'DD HH24:MI'));
    say(d - start_day);
    say(MONTHS_BETWEEN(DATE '2024-03-31', DATE '2024-02-29')||' '||TO_CHAR(TRUNC(d, 'Q'), 'MM-DD'));
    IF SYSTIMESTAMP < SYSDATE - 1 OR USER IS NULL THEN say('impossible'); END IF;
    FOR r IN (SELECT MAX(made) AS made, COUNT(*) n FROM item WHERE made >= start_day - 10) LOOP
      say(r.n||' '||TO_CHAR(r.made + 1, 'MM-DD'));
    END LOOP;
  END dates;

  PROCEDURE numbers (p_handle VARCHAR2) IS
    n NUMBER := 12345678901234567;
    f NUMBER := 0.1;
    i INTEGER := 3000000000;
    t VARCHAR2(40);
  BEGIN
    say(n||' '||TO_CHAR(i)||' '||TO_CHAR(half(3)));
    IF f + 0.2 = 0.3 THEN say('exact'); END IF;
    say(TRUNC(7.777)||' '||TRUNC(7.777, 2)||' '||ROUND(f * 5)||' '||-f);
    t := n + 1;
    say(t);
    FOR r IN (SELECT price, id FROM item WHERE id = 1) LOOP say(r.id||' costs '||r.price); END LOOP;
  END numbers;

  PROCEDURE texts (p_handle VARCHAR2) IS
  BEGIN
    say('a\b'||q'{c'd}'||Q'[e]f]');
    say(LTRIM('00a', '0')||REPLACE('abc', 'b')||INSTR('abcabc', 'c', 4)||INSTR('abcabc', 'c', -1, 2));
    say(INITCAP('hello wOrld')||' '||CASE WHEN REGEXP_LIKE('abc', '^a') THEN 'like' ELSE 'unlike' END);
    SELECT LISTAGG(name, ';') WITHIN GROUP (ORDER BY id DESC) INTO g_long FROM item;
    say(g_long);
    g_long := RPAD('x', 30000, 'x');
    say(LENGTH(g_long));
  END texts;

  PROCEDURE missing_rows (p_handle VARCHAR2) IS
    v VARCHAR2(100);
    n NUMBER;
  BEGIN
    BEGIN
      v := first_name;
      say('not reached');
    EXCEPTION
      WHEN NO_DATA_FOUND THEN say('through a function: '||SQLCODE);
    END;
    BEGIN
      SELECT 1 INTO n FROM item WHERE 1 = 0;
      say('not reached');
    EXCEPTION
      WHEN TOO_MANY_ROWS OR NO_DATA_FOUND THEN say('in a block');
    END;
    BEGIN
      SELECT id INTO n FROM item;
    EXCEPTION
      WHEN TOO_MANY_ROWS THEN say('many');
    END;
    BEGIN
      missing_row_uncaught(p_handle);
    EXCEPTION
      WHEN NO_DATA_FOUND THEN say('through a procedure');
    END;
    BEGIN
      RAISE NO_DATA_FOUND;
    EXCEPTION
      WHEN OTHERS THEN say('raised '||SQLCODE);
    END;
  END missing_rows;

  PROCEDURE missing_row_uncaught (p_handle VARCHAR2) IS
    n NUMBER;
  BEGIN
    SELECT 1 INTO n FROM item WHERE 1 = 0;
    say('not reached');
  END missing_row_uncaught;

  PROCEDURE dynamic_sql (p_handle VARCHAR2) IS
    v VARCHAR2(100);
    n NUMBER;
  BEGIN
    EXECUTE IMMEDIATE 'SELECT COUNT(*), MAX(name) FROM item WHERE id <= :1 AND id >= :2'
      INTO n, v USING IN 2, 1;
    say(n||v);
    BEGIN
      EXECUTE IMMEDIATE 'SELECT id FROM item WHERE id = :id' INTO n USING 99;
      say('not reached');
    EXCEPTION
      WHEN NO_DATA_FOUND THEN say('no row, and still '||n);
    END;
    EXECUTE IMMEDIATE 'UPDATE item SET price = :1 WHERE id = :2' USING 9.5, 2;
    IF SQL%FOUND THEN say('updated '||SQL%ROWCOUNT); END IF;
    EXECUTE IMMEDIATE 'BEGIN constructs.defaults(:1, :2, :3); END;' USING p_handle, 'block', 1;
  END dynamic_sql;

  PROCEDURE named_exceptions (p_handle VARCHAR2) IS
    e_local EXCEPTION;
    e_dup   EXCEPTION;
    e_null  EXCEPTION;
    e_gone  EXCEPTION;
    e_long  EXCEPTION;
    PRAGMA EXCEPTION_INIT(e_dup, -1);
    PRAGMA EXCEPTION_INIT(e_null, -01400);
    PRAGMA EXCEPTION_INIT(e_gone, -942);
    PRAGMA EXCEPTION_INIT(e_long, -12899);
    n NUMBER;
  BEGIN
    BEGIN
      RAISE e_stop;
    EXCEPTION
      WHEN e_private THEN say('wrong');
      WHEN constructs.e_stop THEN say('stop');
    END;
    BEGIN RAISE e_local; EXCEPTION WHEN e_private THEN say('wrong'); WHEN e_local THEN say('local'); END;
    BEGIN raise_application_error(-20042, 'x', TRUE); EXCEPTION WHEN e_busy THEN say(SQLERRM); END;
    BEGIN RAISE e_busy; EXCEPTION WHEN OTHERS THEN say('busy '||SQLCODE); END;
    BEGIN INSERT INTO item (id) VALUES (1); EXCEPTION WHEN e_dup THEN say('dup'); END;
    BEGIN INSERT INTO item (id) VALUES (NULL); EXCEPTION WHEN e_dup OR e_null THEN say('null'); END;
    BEGIN DELETE FROM nowhere; EXCEPTION WHEN e_gone THEN say('gone'); END;
    BEGIN EXECUTE IMMEDIATE 'DROP TABLE nowhere PURGE'; EXCEPTION WHEN OTHERS THEN say('drop'); END;
    BEGIN
      UPDATE item SET name = RPAD('x', 200, 'x');
    EXCEPTION
      WHEN e_long THEN say('long');
    END;
    BEGIN n := 1 / 0; EXCEPTION WHEN ZERO_DIVIDE THEN say('zero'); END;
    BEGIN n := TO_NUMBER('12x'); EXCEPTION WHEN VALUE_ERROR OR INVALID_NUMBER THEN say('number'); END;
  END named_exceptions;

  PROCEDURE own_exception_uncaught (p_handle VARCHAR2) IS
  BEGIN
    RAISE e_private;
  END own_exception_uncaught;

  PROCEDURE other_exceptions (p_handle VARCHAR2) IS
  BEGIN
    BEGIN
      INSERT INTO nowhere VALUES (1);
    EXCEPTION
      WHEN OTHERS THEN
        BEGIN
          INSERT INTO item (id) VALUES (NULL);
        EXCEPTION
          WHEN OTHERS THEN say('inner '||SQLCODE);
        END;
        say('outer '||SQLCODE);
        RAISE;
    END;
  EXCEPTION
    WHEN DUP_VAL_ON_INDEX THEN say('wrong');
    WHEN OTHERS THEN say('outermost '||SQLCODE||' '||DBMS_UTILITY.FORMAT_ERROR_STACK);
  END other_exceptions;

  -- The rollback leaves rows of a table that has no transactions, of which MariaDB warns.
  PROCEDURE warning_in_block (p_handle VARCHAR2) IS
  BEGIN
    say('before');
    ROLLBACK;
    say('after the warning');
  EXCEPTION
    WHEN OTHERS THEN
      say('taken for an error');
      RAISE;
  END warning_in_block;

  PROCEDURE loops (p_handle VARCHAR2) IS
    CURSOR c (p_min NUMBER) IS SELECT id, name FROM item WHERE price >= p_min ORDER BY id;
    r c%ROWTYPE;
    a item%ROWTYPE;
    i PLS_INTEGER := 0;
  BEGIN
    OPEN c(1);
    LOOP
      FETCH c INTO r;
      EXIT WHEN c%NOTFOUND;
      i := i + 1;
      say(i||r.name);
    END LOOP;
    CLOSE c;
    SELECT * INTO a FROM item WHERE id = 1;
    say(a.name||a.price);
    CASE WHEN i = 2 THEN say('two'); ELSE say('other'); END CASE;
    <<again>>
    i := i + CASE WHEN i = 2 THEN 3 ELSE 1 END;
    IF i < 8 THEN GOTO again; END IF;
    WHILE i > 0 LOOP i := i - 3; CONTINUE WHEN i > 3; END LOOP;
    FOR k IN REVERSE 1 .. 2 LOOP say('k'||k||i); END LOOP;
  END loops;

  PROCEDURE attributes (p_handle VARCHAR2) IS
    n NUMBER;
  BEGIN
    DELETE FROM item a WHERE a.id > 0 AND ROWNUM <= 1;
    say('deleted '||SQL%ROWCOUNT);
    DELETE item WHERE id = 77;
    IF SQL%NOTFOUND THEN say('none'); END IF;
    n := item_seq.NEXTVAL;
    say(n);
    DBMS_LOCK.SLEEP(0.01);
  END attributes;
BEGIN
  g_long := RPAD('x', 20000, 'x');
END constructs;
/
