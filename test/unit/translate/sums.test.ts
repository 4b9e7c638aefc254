import { describe, expect, test } from 'vitest';
import { translate } from '../../../src/targets/mariadb/translate/translate.ts';

const OWN = 'CREATE TABLE mine (id NUMBER(10), day DATE, amount NUMBER(12,2), ts TIMESTAMP);';

/** What becomes of statements in a procedure with these declarations, beside a table of the package's own. */
function statements(run: string, declarations = '', marks = false): string {
  const text =
    'CREATE PACKAGE BODY p AS PROCEDURE q (a DATE, b NUMBER) IS BEGIN NULL; END; ' +
    `PROCEDURE go IS ${declarations} BEGIN NULL; ${run} END; END;`;
  const files = [
    { path: 'a.sql', text: OWN },
    { path: 'b.sql', text },
  ];
  const { units, problems } = translate(files, undefined, { marks });
  expect(problems).toEqual([]);
  const body = (units[1]?.text ?? '').replaceAll(/\s+/g, ' ');
  return body.slice(body.lastIndexOf('BEGIN NULL; ') + 12, body.lastIndexOf(' END; END;'));
}

const LATER = (value: string, days: string) =>
  `CAST(${value} AS DATETIME) + INTERVAL (${days}) DAY`;
const IS_DATE = "LIKE '____-__-__%'";

describe('a date of which the source does not tell the type', () => {
  const declarations = 'd DATE; n NUMBER; v app.ev.created%TYPE; ts TIMESTAMP(3);';

  test.each([
    ['DELETE FROM app.ev WHERE created + 30 < SYSDATE;', 'created + 30', LATER('created', '30')],
    ['DELETE FROM app.ev WHERE SYSDATE > created + 30;', 'created + 30', LATER('created', '30')],
    ['d := v + 7;', 'v + 7', LATER('v', '7')],
    ['IF (r.made + 30) < d THEN NULL; END IF;', 'r.made + 30', LATER('r.made', '30')],
    ['IF r.made + 7 BETWEEN d AND SYSDATE THEN NULL; END IF;', 'r.made + 7', LATER('r.made', '7')],
    ['IF d BETWEEN v - 1 AND v + 7 THEN NULL; END IF;', 'v + 7', LATER('v', '7')],
    ['d := TRUNC(GREATEST(v + 7, d));', 'v + 7', LATER('v', '7')],
    ["t := TO_CHAR(v + 7, 'YYYY');", 'v + 7', LATER('v', '7')],
    ['d := ADD_MONTHS(v + 7, 1);', 'v + 7', LATER('v', '7')],
    ['q(v + 7, 1);', 'v + 7', LATER('v', '7')],
    ['q(b => 1, a => v + 7);', 'v + 7', LATER('v', '7')],
    ['SELECT MAX(e.made) + 7 INTO d FROM app.ev e;', 'MAX(e.made) + 7', LATER('MAX(e.made)', '7')],
    [
      'd := (SELECT MAX(e.made) FROM app.ev e) + 7;',
      '(SELECT MAX(e.made) FROM app.ev e) + 7',
      LATER('(SELECT MAX(e.made) FROM app.ev e)', '7'),
    ],
    ['d := CASE WHEN n * 2 > 1 THEN d ELSE v END + 7;', 'END + 7', 'END + INTERVAL (7) DAY'],
    ['SELECT MAX(m.day) OVER (ORDER BY id) + 7 INTO x FROM mine m;', '+ 7', '+ INTERVAL (7) DAY'],
    ['d := ts + 7;', 'ts + 7', LATER('ts', '7')],
    [
      'DELETE FROM app.ev WHERE made < SYSTIMESTAMP - 7;',
      'SYSTIMESTAMP - 7',
      'CAST(CURRENT_TIMESTAMP(6) AS DATETIME) - INTERVAL (7) DAY',
    ],
  ])('the place tells it: %s', (source, written, expected) => {
    expect(statements(source, declarations)).toContain(expected);
    expect(statements(source, declarations)).not.toContain(` ${written} `);
  });

  test.each([
    ['n := v + 1;'],
    ['IF v + n > 5 THEN NULL; END IF;'],
    ['FOR r IN (SELECT m.amount FROM mine m) LOOP v := r.amount + 1; END LOOP;'],
    ['FOR r IN (SELECT * FROM mine) LOOP v := r.amount + 1; END LOOP;'],
    ['UPDATE mine m SET amount = m.amount + 1 WHERE id - 1 > n;'],
    ['x := r.a * 2 + r.b / 3;'],
    ['x := s.NEXTVAL + 1;'],
    ['x := SQL%ROWCOUNT + 1;'],
    ['n := NVL(r.total, 0) + 1;'],
  ])('surely numbers are left alone: %s', (source) => {
    expect(statements(source, declarations)).not.toMatch(/CASE|INTERVAL|plsql/);
  });

  test.each([
    [
      'IF r.made - r.changed > 30 THEN NULL; END IF;',
      `CASE WHEN r.made ${IS_DATE} AND r.changed ${IS_DATE} THEN ` +
        '-TIMESTAMPDIFF(SECOND, r.made, r.changed)*1.0000000000/86400 ' +
        `WHEN r.made ${IS_DATE} OR r.changed ${IS_DATE} THEN plsql$is_date('r.made - r.changed') ` +
        'ELSE r.made - r.changed END > 30',
    ],
    [
      'r.total := r.total + r.amount;',
      `CASE WHEN r.total ${IS_DATE} OR r.amount ${IS_DATE} THEN plsql$is_date('r.total + r.amount') ` +
        'ELSE r.total + r.amount END',
    ],
    [
      'UPDATE app.ev SET made = made + 1;',
      `made = CASE WHEN made ${IS_DATE} THEN CAST(${LATER('made', '1')} AS CHAR) ELSE made + 1 END;`,
    ],
    ['v := v + n / 24;', 'INTERVAL ROUND((n / 24)*86400) SECOND AS CHAR) ELSE v + n / 24 END;'],
    ['x := other.f(1) + r.a;', "plsql$number(other.f(1), 'other.f(1) + r.a') + r.a END;"],
    ['x := ROUND(r.a);', "ROUND(plsql$number(r.a, 'ROUND(r.a)'));"],
    // The table of another schema may have a column of the same name and another type.
    ['UPDATE app.mine SET x = amount + 1 WHERE y > day + 1;', `CASE WHEN day ${IS_DATE} THEN`],
  ])('else the values are looked at: %s', (source, expected) => {
    expect(statements(source, declarations)).toContain(expected);
  });
});

describe('marks before statements that read SQL%ROWCOUNT', () => {
  const mark = (text: string) => `IF (@dom$at := 'b.sql:1:go') = '-' THEN NULL; END IF; ${text}`;

  test.each([
    ['INSERT INTO mine (id) VALUES (SQL%ROWCOUNT);'],
    ["EXECUTE IMMEDIATE 'x' USING SQL%ROWCOUNT;"],
    ["DOM.execute_immediate('h', 'x'||SQL%ROWCOUNT, NULL, NULL);"],
    ['raise_application_error(-20001, SQL%ROWCOUNT);'],
  ])('%s', (source) => {
    expect(statements(source, '', true)).toBe(mark(source));
    const other = source.replace('SQL%ROWCOUNT', '1');
    expect(statements(other, '', true)).toBe(`SET @dom$at = 'b.sql:1:go'; ${other}`);
  });
});

describe('default values', () => {
  test('are translated where a call gets them', () => {
    const text =
      'CREATE PACKAGE BODY p AS PROCEDURE q (a DATE DEFAULT SYSDATE - 1, ' +
      "b VARCHAR2 := TO_CHAR(SYSDATE, 'DY')) " +
      'IS BEGIN NULL; END; PROCEDURE go IS BEGIN q; END; END;';
    const [unit] = translate([{ path: 'a.sql', text }]).units;
    expect(unit?.text.replaceAll(/\s+/g, '')).toContain(
      'PROCEDUREq(aDATE,bVARCHAR2)ISBEGINNULL;END;PROCEDUREgoISBEGINq((SYSDATE-INTERVAL(1)DAY),' +
        "(plsql$to_char(SYSDATE,'DY')));",
    );
  });
});
