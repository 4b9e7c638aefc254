import { describe, expect, test } from 'vitest';
import { translate } from '../../../src/targets/mariadb/translate/translate.ts';

function problemsOf(...texts: readonly string[]): string[] {
  const files = texts.map((text, index) => ({ path: `${index}.sql`, text }));
  return translate(files).problems.map(
    ({ path, line, construct }) => `${path}:${line} ${construct}`,
  );
}

/** A body with declarations of its own, and a procedure with declarations and statements from line 3 on. */
function body(code: { pkg?: string; decl?: string; run?: string }): string {
  const { pkg = '', decl = '', run = 'NULL;' } = code;
  return `CREATE PACKAGE BODY p AS ${pkg}\nPROCEDURE go IS ${decl}\nBEGIN ${run} END; END;\n/\n`;
}

type Row = readonly [construct: string, code: Parameters<typeof body>[0], line: number];

const ROWS: readonly Row[] = [
  ['TABLE OF', { pkg: 'TYPE t IS TABLE OF NUMBER INDEX BY PLS_INTEGER;' }, 1],
  ['VARRAY', { decl: 'TYPE t IS VARRAY(3) OF NUMBER;' }, 2],
  ['TYPE … IS RECORD', { decl: 'TYPE t IS RECORD (a NUMBER);' }, 2],
  ['REF CURSOR', { pkg: 'TYPE t IS REF CURSOR;' }, 1],
  ['SYS_REFCURSOR', { decl: 'c SYS_REFCURSOR;' }, 2],
  ['BULK COLLECT', { run: 'SELECT a BULK COLLECT INTO b FROM t;' }, 3],
  ['FORALL', { run: 'FORALL i IN 1 .. 2 DELETE FROM t WHERE a = i;' }, 3],
  ['WHERE CURRENT OF', { run: 'UPDATE t SET a = 1 WHERE CURRENT OF c;' }, 3],
  ['PRAGMA AUTONOMOUS_TRANSACTION', { decl: 'PRAGMA AUTONOMOUS_TRANSACTION;' }, 2],
  ['PRAGMA SERIALLY_REUSABLE', { pkg: 'PRAGMA SERIALLY_REUSABLE;' }, 1],
  ['MERGE', { run: 'MERGE INTO t USING s ON (t.a = s.a) WHEN MATCHED THEN UPDATE SET b = 1;' }, 3],
  ['RETURNING INTO', { run: 'UPDATE t SET a = 1 RETURNING a INTO v;' }, 3],
  ['INSERT ALL', { run: 'INSERT ALL INTO t VALUES (1) SELECT 1 FROM dual;' }, 3],
  [
    'CONNECT BY',
    { run: 'FOR r IN (SELECT 1 FROM t CONNECT BY a = PRIOR b) LOOP NULL; END LOOP;' },
    3,
  ],
  ['(+)', { run: 'FOR r IN (SELECT 1 FROM t, s WHERE t.a = s.a (+)) LOOP NULL; END LOOP;' }, 3],
  ['USING OUT', { run: "EXECUTE IMMEDIATE 'BEGIN :a := 1; END;' USING OUT v;" }, 3],
  ['conditional compilation', { run: '$IF TRUE $THEN NULL; $END' }, 3],
  ['LONG', { decl: 'v LONG;' }, 2],
  ['ROWID', { decl: 'v ROWID;' }, 2],
  ['INTERVAL type', { decl: 'v INTERVAL DAY TO SECOND;' }, 2],
  ['BFILE', { decl: 'v BFILE;' }, 2],
  ['XMLTYPE', { decl: 'v XMLTYPE;' }, 2],
  ['object type', { decl: 'v ANYDATA;' }, 2],
  ['SET (column, …) = (SELECT …)', { run: 'UPDATE t SET (a, b) = (SELECT 1, 2 FROM dual);' }, 3],
  ['record as a row', { run: 'UPDATE t SET ROW = r;' }, 3],
  ['LOCK TABLE', { run: 'LOCK TABLE t IN EXCLUSIVE MODE;' }, 3],
  ['power operator **', { run: 'v := 2 ** 3;' }, 3],
  ['PIVOT', { run: 'FOR r IN (SELECT 1 FROM t PIVOT (a)) LOOP NULL; END LOOP;' }, 3],
  ['KEEP (DENSE_RANK …)', { run: 'v := f(MAX(a) KEEP (DENSE_RANK LAST ORDER BY b));' }, 3],
  ['AS OF', { run: 'FOR r IN (SELECT 1 FROM t AS OF SCN 1) LOOP NULL; END LOOP;' }, 3],
  ['CROSS APPLY', { run: 'FOR r IN (SELECT 1 FROM t CROSS APPLY s) LOOP NULL; END LOOP;' }, 3],
  ['TO_TIMESTAMP', { run: "v := TO_TIMESTAMP('x', 'y');" }, 3],
  ['SYS_CONTEXT', { run: "v := SYS_CONTEXT('USERENV', 'SID');" }, 3],
  ['SQLERRM of a code', { run: 'NULL; EXCEPTION WHEN OTHERS THEN v := SQLERRM(-1);' }, 3],
  ['SQL%BULK_ROWCOUNT', { run: 'v := SQL%BULK_ROWCOUNT(1);' }, 3],
  ['database link', { run: 'DELETE FROM t@remote;' }, 3],
  ['DBMS_STATS.GATHER_TABLE_STATS', { run: "DBMS_STATS.GATHER_TABLE_STATS('A', 'B');" }, 3],
  ['UTL_FILE.FOPEN', { run: "v := UTL_FILE.FOPEN('a', 'b', 'c');" }, 3],
  ['local procedure INNER_P', { decl: 'PROCEDURE inner_p IS BEGIN NULL; END;' }, 2],
  ['cursor of a package', { pkg: 'CURSOR c IS SELECT 1 FROM dual;' }, 1],
  ['pipelined function', { pkg: 'FUNCTION f RETURN t PIPELINED IS BEGIN RETURN; END;' }, 1],
  [
    'RETURN with %TYPE or %ROWTYPE',
    { pkg: 'FUNCTION f RETURN a.b%TYPE IS BEGIN RETURN 1; END;' },
    1,
  ],
  [
    'EXECUTE IMMEDIATE in the function F',
    { pkg: "FUNCTION f RETURN DATE IS BEGIN EXECUTE IMMEDIATE 'x'; RETURN NULL; END;" },
    1,
  ],
  [
    'COMMIT in the function F',
    { pkg: 'FUNCTION f RETURN DATE IS BEGIN COMMIT; RETURN NULL; END;' },
    1,
  ],
  [
    'call of DOM.EXECUTE_IMMEDIATE in the function F',
    { pkg: "FUNCTION f RETURN DATE IS BEGIN DOM.execute_immediate('h', 'x'); RETURN NULL; END;" },
    1,
  ],
  [
    'call of DOES in the function F',
    {
      pkg: 'PROCEDURE does IS BEGIN COMMIT; END; FUNCTION f RETURN DATE IS BEGIN does; RETURN NULL; END;',
    },
    1,
  ],
  [
    'two overloads of Q with 1 parameters',
    { pkg: 'PROCEDURE q (a NUMBER) IS BEGIN NULL; END; PROCEDURE q (a DATE) IS BEGIN NULL; END;' },
    1,
  ],
  ['call of DOM.LOG_MESSAGE with 1 arguments', { run: "DOM.log_message('x');" }, 3],
  [
    'exception E_BITMAP of ORA-1410',
    {
      decl: 'e_bitmap EXCEPTION; PRAGMA EXCEPTION_INIT(e_bitmap, -1410);',
      run: 'NULL; EXCEPTION WHEN e_bitmap THEN NULL;',
    },
    3,
  ],
  ['DOM.FLY, which is not there', { run: "DOM.fly('h');" }, 3],
  ['exception E_NOWHERE', { run: 'NULL; EXCEPTION WHEN e_nowhere THEN NULL;' }, 3],
  ['SQLCODE outside of a handler', { run: 'v := SQLCODE;' }, 3],
  ['date - x, of unknown type', { run: 'v := SYSDATE - x;' }, 3],
  ['number + date', { run: 'v := 1 + SYSDATE;' }, 3],
  [
    'EXECUTE IMMEDIATE INTO a record',
    { decl: 'r t%ROWTYPE;', run: "EXECUTE IMMEDIATE 'SELECT * FROM t' INTO r;" },
    3,
  ],
  ['TO_CHAR of a number with a format', { decl: 'n NUMBER;', run: "v := TO_CHAR(n, '000');" }, 3],
  ['date - r.x, of unknown type', { run: 'n := ROUND(SYSDATE - r.x);' }, 3],
  ['difference of timestamps', { decl: 'ts TIMESTAMP;', run: 'n := SYSTIMESTAMP - ts;' }, 3],
  [
    "TRUNC to the first day of the week by the session's territory",
    { run: "v := TRUNC(SYSDATE, 'DAY');" },
    3,
  ],
  ['TO_CHAR with the format element D', { run: "v := TO_CHAR(SYSDATE, 'YYYY D');" }, 3],
  ['TO_CHAR with the format element TH', { run: "v := TO_CHAR(SYSDATE, 'DDTH');" }, 3],
  ['TO_CHAR with a language', { run: "v := TO_CHAR(SYSDATE, 'DY', 'x=y');" }, 3],
  ['TO_CHAR of a number with a format', { run: "v := TO_CHAR(r.amount, 'FM990.00');" }, 3],
  ['TO_DATE with the format element DAY', { run: "v := TO_DATE(x, 'DAY DD MM');" }, 3],
  ['ROUND of a date', { run: "v := ROUND(r.x, 'MM');" }, 3],
  ['REGEXP_SUBSTR with more than 2 arguments', { run: "v := REGEXP_SUBSTR(x, 'a', 1, 2);" }, 3],
  ['TO_DATE without a format', { run: "v := TO_DATE('x');" }, 3],
  ['TO_NUMBER with a format', { run: "v := TO_NUMBER('x', '99');" }, 3],
  ['ROUND of a date', { run: 'v := ROUND(SYSDATE);' }, 3],
  ['REGEXP_LIKE with match flags', { run: "IF REGEXP_LIKE('a', 'b', 'i') THEN NULL; END IF;" }, 3],
  ['LTRIM with a set of characters', { run: "v := LTRIM('xya', 'xy');" }, 3],
  ['LISTAGG of this form', { run: 'SELECT LISTAGG(a, b) INTO v FROM t;' }, 3],
];

describe('what MariaDB cannot run is refused', () => {
  test.each(ROWS)('%s', (construct, code, line) => {
    expect(problemsOf(body(code))).toContain(`0.sql:${line} ${construct}`);
  });

  test('and nothing is refused in an ordinary procedure', () => {
    expect(problemsOf(body({ decl: 'v NUMBER;', run: 'SELECT a INTO v FROM t; COMMIT;' }))).toEqual(
      [],
    );
  });

  test.each([
    ['variable in a package specification', 'CREATE PACKAGE p AS\ng NUMBER;\nEND;'],
    [
      'cursor in a package specification',
      'CREATE PACKAGE p AS\nCURSOR c IS SELECT 1 FROM dual;\nEND;',
    ],
    [
      'constant in a package specification whose value is no literal',
      'CREATE PACKAGE p AS\nc CONSTANT DATE := f(1);\nEND;',
    ],
    ['identity column', 'CREATE TABLE t (\na NUMBER GENERATED ALWAYS AS IDENTITY)'],
  ])('%s', (construct, text) => {
    expect(problemsOf(text)).toEqual([`0.sql:2 ${construct}`]);
  });

  test.each([
    ['CREATE TYPE', 'CREATE TYPE t AS OBJECT (a NUMBER);'],
    ['temporary table', 'CREATE GLOBAL TEMPORARY TABLE t (a NUMBER(3));'],
    ['CREATE SYNONYM', 'CREATE SYNONYM s FOR t;'],
    [
      'trigger of this kind',
      'CREATE TRIGGER g AFTER INSERT OR UPDATE ON t FOR EACH ROW BEGIN NULL; END;',
    ],
    ['trigger of this kind', 'CREATE TRIGGER g AFTER INSERT ON t BEGIN NULL; END;'],
    [
      'trigger of this kind',
      'CREATE TRIGGER g INSTEAD OF INSERT ON v FOR EACH ROW BEGIN NULL; END;',
    ],
    [
      'trigger of this kind',
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a > 1) BEGIN NULL; END;',
    ],
  ])('%s: %s', (construct, text) => {
    expect(problemsOf(text)).toEqual([`0.sql:1 ${construct}`]);
  });

  test('a variable that MariaDB would take for a column', () => {
    const table = 'CREATE TABLE t (a NUMBER(3), b NUMBER(3), c DATE);';
    const run = (statement: string) =>
      problemsOf(table, body({ decl: 'a NUMBER; b NUMBER; v NUMBER;', run: statement }));
    const hidden = (name: string) =>
      `1.sql:3 variable ${name} with the name of the column t.${name}`;
    expect(run('UPDATE t SET a = b + 1, b = v WHERE c < v;')).toEqual([hidden('b')]);
    expect(run('DELETE FROM t WHERE a = v;')).toEqual([hidden('a')]);
    expect(run('FOR r IN (SELECT a FROM t) LOOP NULL; END LOOP;')).toEqual([hidden('a')]);
    expect(run('SELECT x.a AS b INTO a FROM t x WHERE x.a = v;')).toEqual([]);
    expect(run('INSERT INTO t (a, b) VALUES (a, b); b := a + 1;')).toEqual([]);
    expect(run('INSERT INTO t (a, b) SELECT v, b FROM t;')).toEqual([hidden('b')]);
    expect(run('DELETE FROM other WHERE a = b;')).toEqual([]);
  });

  test('each problem says what to write instead, with file and line, in their order', () => {
    const { problems } = translate([
      { path: 'b.sql', text: `\n${body({ run: 'LOCK TABLE t IN SHARE MODE; x := 2 ** 3;' })}` },
      { path: 'a.sql', text: body({ decl: 'v LONG;' }) },
    ]);
    expect(problems).toEqual([
      { path: 'a.sql', line: 2, construct: 'LONG', instead: 'CLOB' },
      {
        path: 'b.sql',
        line: 4,
        construct: 'LOCK TABLE',
        instead: 'SELECT … FOR UPDATE of the rows',
      },
      { path: 'b.sql', line: 4, construct: 'power operator **', instead: 'POWER(a, b)' },
    ]);
  });

  test('text in literals, quoted names and comments is data', () => {
    const run =
      "v := 'MERGE INTO t'; x := q'[FORALL ROWID a@b]'; -- CONNECT BY\n/* BULK COLLECT */ NULL;";
    expect(problemsOf(body({ decl: 'v VARCHAR2(20); x "LONG";', run }))).toEqual([]);
  });

  test('what a package calls by the name of a function of Oracle is its own', () => {
    const pkg = 'PROCEDURE dump (a NUMBER) IS BEGIN NULL; END;';
    expect(problemsOf(body({ pkg, run: 'dump(1);' }))).toEqual([]);
  });
});
