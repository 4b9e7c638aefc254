import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { translate } from '../../../src/targets/mariadb/translate/translate.ts';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import { plsqlText } from './plsql-text.ts';

/** The texts of the units, with every blank as one. */
function translated(...texts: readonly string[]): string[] {
  const files = texts.map((text, index) => ({ path: `${index}.sql`, text }));
  const { units, problems } = translate(files);
  expect(problems).toEqual([]);
  return units.map(({ text }) => text.replaceAll(/\s+/g, ' ').replaceAll('( ', '('));
}

/** What becomes of statements in a procedure with these declarations. */
function statements(run: string, declarations = '', rest = ''): string {
  const go = `PROCEDURE go IS ${declarations} BEGIN NULL; ${run} END;`;
  const source = `CREATE PACKAGE BODY p AS ${rest} ${go} END;`;
  const [text = ''] = translated(source);
  return text.slice(text.lastIndexOf('BEGIN NULL; ') + 12, text.lastIndexOf(' END; END;'));
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

/** How WHEN OTHERS begins: what must end the unit goes through it. */
const FINAL = (errno: string): string =>
  `IF ${errno} IN (1317, 1213, 1020) OR ${errno} = 1205 AND @@innodb_rollback_on_timeout = 1 ` +
  'THEN RAISE; END IF;';

describe('any text', () => {
  test('is translated or refused, never thrown at, and keeps the lines of each unit', () => {
    fc.assert(
      fc.property(plsqlText, plsqlText, (one, other) => {
        const files = [
          { path: 'a', text: `CREATE PACKAGE BODY p AS ${one}` },
          { path: 'b', text: other },
        ];
        const { units } = translate(files);
        const sources = files.flatMap(({ path, text }) =>
          sourceUnits(text).map((unit) => ({ ...unit, path })),
        );
        for (const { path, line, text } of units) {
          const places = sources.filter((source) => source.path === path && source.line === line);
          expect(places.map((source) => newlines(source.text))).toContain(newlines(text));
        }
      }),
      { numRuns: 400 },
    );
  });

  test.each(['(', 'BEGIN ', 'a*', '(SYSDATE-', 'CASE ', 'f('])(
    'repeated without end: %s',
    (piece) => {
      const text = `CREATE PACKAGE BODY p AS x NUMBER := ${piece.repeat(3_000)} 1 ${')'.repeat(3_000)};`;
      expect(translate([{ path: 'a', text }]).units).toHaveLength(1);
    },
  );
});

describe('heads and declarations', () => {
  test('owner, edition and rights leave the head', () => {
    expect(
      translated(
        'CREATE OR REPLACE NONEDITIONABLE PACKAGE "OWN"."PKG" AUTHID CURRENT_USER AS PROCEDURE a; END PKG;',
        'CREATE OR REPLACE PACKAGE BODY own.pkg IS PROCEDURE a IS BEGIN NULL; END; END;',
        'CREATE PROCEDURE own.q AUTHID DEFINER IS BEGIN NULL; END q;',
      ),
    ).toEqual([
      'CREATE OR REPLACE PACKAGE "PKG" SQL SECURITY INVOKER AS PROCEDURE a; END PKG;',
      'CREATE OR REPLACE PACKAGE BODY pkg SQL SECURITY INVOKER IS PROCEDURE a IS BEGIN NULL; END; END;',
      'CREATE PROCEDURE q IS BEGIN NULL; END q;',
    ]);
  });

  test('types that MariaDB has not, or has with another range', () => {
    const [text] = translated(
      'CREATE PACKAGE BODY p AS a PLS_INTEGER; b NUMBER; c INTEGER; d VARCHAR2(9 CHAR); e VARCHAR2(32767); ' +
        'f NUMBER(*,2); g TIMESTAMP WITH TIME ZONE; h FLOAT(10); i DECIMAL; j NUMBER(5) NOT NULL := 1; ' +
        "k CONSTANT NVARCHAR2(3) := N'x'; END;",
    );
    expect(text).toBe(
      'CREATE PACKAGE BODY p AS a INTEGER; b NUMBER(38,10); c NUMBER(38); d VARCHAR2(9 ); e CLOB; ' +
        'f NUMBER(38,2); g DATETIME(6) ; h DOUBLE; i DECIMAL(38); ' +
        "j NUMBER(5) := 1; k VARCHAR2(3) := 'x'; END;",
    );
  });

  test('what only a specification can declare is written out in the body', () => {
    const [, body] = translated(
      'CREATE PACKAGE p AS c CONSTANT NUMBER := 3; d CONSTANT NUMBER := c * 2; ' +
        'SUBTYPE s IS VARCHAR2(5 CHAR); END;',
      'CREATE PACKAGE BODY p AS v s; PROCEDURE go (c DATE) IS BEGIN v := p.d; v := c; END; ' +
        'BEGIN v := c; END;',
    );
    expect(body).toBe(
      'CREATE PACKAGE BODY p AS v VARCHAR2(5 ); PROCEDURE go (c DATE) IS BEGIN v := plsql$text((3 * 2)); ' +
        'v := c; END; BEGIN v := plsql$text(3); END;',
    );
  });

  test('a routine that is declared ahead of variables goes behind them', () => {
    const [text] = translated(
      'CREATE PACKAGE BODY p AS PROCEDURE a (x NUMBER := 1); v DATE; PROCEDURE b IS BEGIN a; END; ' +
        'PROCEDURE a (x NUMBER := 1) IS BEGIN NULL; END; END;',
    );
    expect(text).toContain(
      'AS v DATE; PROCEDURE a (x NUMBER(38,10) ); PROCEDURE b IS BEGIN a(1); END;',
    );
  });
});

describe('calls', () => {
  const rest =
    "PROCEDURE q (a NUMBER, b VARCHAR2 DEFAULT 'x', c DATE := NULL) IS BEGIN NULL; END; " +
    'FUNCTION today RETURN DATE IS BEGIN RETURN NULL; END;';

  test.each([
    ['q(1);', "q(1, 'x', NULL);"],
    ['q(c => d, a => 2);', "q(2, 'x', d);"],
    ["q(1, b => 'y');", "q(1, 'y', NULL);"],
    ['p.q(q2);', "p.q(q2, 'x', NULL);"],
    ['DOM.operation_complete;', "DOM.operation_complete('nothing left to do');"],
    ['own.DOM.initialise(h);', 'own.DOM.initialise(h, NULL, NULL);'],
    [
      'x := SYSDATE - p.today;',
      'x := (-TIMESTAMPDIFF(SECOND, SYSDATE , p.today())*1.0000000000/86400);',
    ],
    ["x := DOM.get_num_param(h, 't', 'n');", "x := DOM.get_num_param$3(h, 't', 'n');"],
    ["x := DOM.get_num_param(p_name => 'n', p_handle => h);", "x := DOM.get_num_param(h, 'n');"],
    ['q := 1; a.q := 2; other.q(1);', 'q := 1; a.q := 2; other.q(1);'],
  ])('%s', (source, expected) => {
    expect(statements(source, '', rest)).toBe(expected);
  });

  test('a function without arguments gets its parentheses, a column of that name does not', () => {
    const [, text] = translated(
      'CREATE TABLE t (colour NUMBER(3));',
      'CREATE PACKAGE BODY p AS FUNCTION today RETURN DATE IS BEGIN RETURN NULL; END; ' +
        'FUNCTION colour RETURN DATE IS BEGIN RETURN today; END; ' +
        'PROCEDURE go IS BEGIN UPDATE t SET colour = 1 WHERE d < today; END; END;',
    );
    expect(text).toContain('RETURN today(); END;');
    expect(text).toContain('UPDATE t SET colour = 1 WHERE d < today(); END;');
  });

  test('overloads are told apart by their number of parameters, in the body as in the specification', () => {
    const [spec, body] = translated(
      'CREATE PACKAGE p AS PROCEDURE a (x DATE); PROCEDURE a (x DATE, y DATE); END;',
      'CREATE PACKAGE BODY p AS PROCEDURE a (x DATE, y DATE) IS BEGIN a(x); END a; ' +
        'PROCEDURE a (x DATE) IS BEGIN a(x, x); END a; END;',
    );
    expect(spec).toContain('PROCEDURE a (x DATE); PROCEDURE a$2 (x DATE, y DATE);');
    expect(body).toContain('PROCEDURE a$2 (x DATE, y DATE) IS BEGIN a(x); END ;');
    expect(body).toContain('PROCEDURE a (x DATE) IS BEGIN a$2(x, x); END a;');
  });
});

describe('dates and numbers', () => {
  const declarations = 'd DATE; n NUMBER; i PLS_INTEGER; t VARCHAR2(9); b OTHER_TYPE;';

  test.each([
    ['d := SYSDATE - 7;', 'd := SYSDATE - INTERVAL (7) DAY;'],
    ['d := d + n/24 - i;', 'd := d + INTERVAL ROUND((n/24)*86400) SECOND - INTERVAL (i) DAY;'],
    ['d := TRUNC(d) + b;', "d := TRUNC(d, 'DD') + INTERVAL ROUND((b)*86400) SECOND;"],
    ['n := d - SYSDATE;', 'n := (-TIMESTAMPDIFF(SECOND, d , SYSDATE)*1.0000000000/86400);'],
    ["d := d - INTERVAL '1' DAY;", "d := d - INTERVAL '1' DAY;"],
    ['n := i - 1;', 'n := i - 1;'],
    ["t := 'a'||n||i;", "t := 'a'||plsql$text(n)||i;"],
    ['t := n + 1;', 't := plsql$text(n + 1);'],
    ['t := TO_CHAR(i);', "t := (''||(i));"],
    ['t := TO_CHAR(t);', 't := (t);'],
    ["t := TO_CHAR(d, 'YYYY');", "t := TO_CHAR(d, 'YYYY');"],
    ['n := TRUNC(n);', 'n := TRUNCATE(n, 0);'],
    [
      'UPDATE x SET a = 1 WHERE c < SYSDATE - i;',
      'UPDATE x SET a = 1 WHERE c < SYSDATE - INTERVAL (i) DAY;',
    ],
  ])('%s', (source, expected) => {
    expect(statements(source, declarations)).toBe(expected);
  });
});

const WITHOUT_ROW =
  "EXCEPTION WHEN no_data_found THEN SIGNAL SQLSTATE '02000' SET MYSQL_ERRNO = 1329, " +
  "MESSAGE_TEXT = 'ORA-01403: no data found'; END;";

describe('statements', () => {
  test.each([
    ['SELECT a INTO v FROM t;', `BEGIN SELECT a INTO v FROM t; ${WITHOUT_ROW}`],
    [
      "EXECUTE IMMEDIATE s||'x' INTO a, r.b USING IN c, d;",
      `BEGIN EXECUTE IMMEDIATE (s||'x')||CHR(10)||'INTO @plsql_1, @plsql_2' USING c, d; ${WITHOUT_ROW} ` +
        `a := @plsql_1; r.b := @plsql_2;`,
    ],
    ["EXECUTE IMMEDIATE 'DROP TABLE t PURGE';", "EXECUTE IMMEDIATE 'DROP TABLE t PURGE';"],
    ['DELETE t WHERE a = 1;', 'DELETE FROM t WHERE a = 1;'],
    ['DELETE FROM o.t x WHERE x.a = 1;', 'DELETE x FROM o.t x WHERE x.a = 1;'],
    ['DELETE t;', 'DELETE FROM t;'],
    ['IF SQL%NOTFOUND THEN NULL; END IF;', 'IF (SQL%ROWCOUNT = 0) THEN NULL; END IF;'],
    ["DBMS_OUTPUT.PUT_LINE('x'||f(1));", 'NULL;'],
    ['DBMS_SESSION.SLEEP(2);', 'plsql$sleep(2);'],
    ["raise_application_error(-20001, 'x', TRUE);", "raise_application_error(-20001, 'x' );"],
    ['IF a ^= b THEN NULL; END IF;', 'IF a <> b THEN NULL; END IF;'],
    [
      "v := q'[it's]'||'C:\\d'||LTRIM(x, '0');",
      "v := 'it''s'||'C:\\\\d'||TRIM(LEADING '0' FROM x );",
    ],
    [
      "SELECT LISTAGG(a, '; ') WITHIN GROUP (ORDER BY b) INTO v FROM t;",
      `BEGIN SELECT GROUP_CONCAT(a ORDER BY b SEPARATOR '; ') INTO v FROM t; ${WITHOUT_ROW}`,
    ],
  ])('%s', (source, expected) => {
    expect(statements(source)).toBe(expected);
  });

  test('comments that MariaDB would read as code or as a syntax error', () => {
    expect(statements('--x\n/*!NULL*/ NULL;')).toBe('-- x /* !NULL*/ NULL;');
  });
});

describe('exceptions', () => {
  test.each([
    [
      'RAISE e;',
      "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 20001, MESSAGE_TEXT = 'ORA-20001: e' ;",
    ],
    [
      'RAISE NO_DATA_FOUND;',
      "SIGNAL SQLSTATE '02000' SET MYSQL_ERRNO = 1329, MESSAGE_TEXT = 'ORA-01403: no_data_found' ;",
    ],
    ['RAISE own;', 'RAISE own;'],
    [
      'BEGIN a; EXCEPTION WHEN e OR gone OR own THEN RAISE; END;',
      'BEGIN a; EXCEPTION WHEN 20001, 1146, 1051, 4092, own THEN RAISE; END;',
    ],
    [
      'BEGIN a; EXCEPTION WHEN gone THEN b; WHEN again THEN c; END;',
      "BEGIN a; EXCEPTION WHEN 1146, 1051, 4092 THEN b; WHEN SQLSTATE 'UNONE' THEN c; END;",
    ],
    [
      'BEGIN a; EXCEPTION WHEN OTHERS THEN b; END;',
      'BEGIN DECLARE CONTINUE HANDLER FOR SQLWARNING NULL; BEGIN a; END; ' +
        `EXCEPTION WHEN OTHERS THEN ${FINAL('SQLCODE')} b; END;`,
    ],
    [
      'BEGIN a; EXCEPTION WHEN OTHERS THEN b(SQLCODE); END;',
      'BEGIN DECLARE CONTINUE HANDLER FOR SQLWARNING NULL; BEGIN a; END; ' +
        'EXCEPTION WHEN OTHERS THEN DECLARE sqlerrm$ VARCHAR2(512) := SQLERRM; errno$ INTEGER := SQLCODE; ' +
        `sqlcode$ INTEGER := plsql$code(errno$); BEGIN ${FINAL('errno$')} b(sqlcode$); END; END;`,
    ],
    [
      'BEGIN a; EXCEPTION WHEN dead THEN ROLLBACK; b; WHEN busy THEN c; END;',
      'BEGIN a; EXCEPTION WHEN 1213 THEN SET @dom$lost = 1; SET @dom$lost = 0; ROLLBACK; b; ' +
        'WHEN 1205 THEN IF @@innodb_rollback_on_timeout = 1 THEN SET @dom$lost = 1; END IF; c; END;',
    ],
    ['ROLLBACK TO SAVEPOINT a;', 'ROLLBACK TO SAVEPOINT a;'],
    [
      'BEGIN a; EXCEPTION WHEN e THEN b(SQLERRM); END;',
      'BEGIN a; EXCEPTION WHEN 20001 THEN DECLARE sqlerrm$ VARCHAR2(512) := SQLERRM; errno$ INTEGER ' +
        ':= SQLCODE; sqlcode$ INTEGER := plsql$code(errno$); BEGIN b(sqlerrm$); END; END;',
    ],
  ])('%s', (source, expected) => {
    const declarations =
      'e EXCEPTION; PRAGMA EXCEPTION_INIT(e, -20001); gone EXCEPTION; PRAGMA EXCEPTION_INIT(gone, -942); ' +
      'again EXCEPTION; PRAGMA EXCEPTION_INIT(again, -00942); own EXCEPTION; ' +
      'dead EXCEPTION; PRAGMA EXCEPTION_INIT(dead, -60); busy EXCEPTION; PRAGMA EXCEPTION_INIT(busy, -54);';
    expect(statements(source, declarations).replaceAll(/ +/g, ' ').replaceAll(' ,', ',')).toBe(
      expected,
    );
  });

  test('an exception that a package declares is the same everywhere in it, and no other', () => {
    const text = statements(
      'BEGIN RAISE e; EXCEPTION WHEN f THEN NULL; WHEN e THEN NULL; END;',
      '',
      'e EXCEPTION; f EXCEPTION;',
    );
    const [raised, first, second] = [...text.matchAll(/SQLSTATE '(\w+)'/g)].map(
      ([, state]) => state,
    );
    expect(second).toBe(raised);
    expect(first).not.toBe(raised);
  });
});

describe('plain statements', () => {
  test.each([
    [
      'CREATE TABLE o.t (a NUMBER CONSTRAINT x NOT NULL, tablespace_name VARCHAR2(30 BYTE), ' +
        'CONSTRAINT y PRIMARY KEY (a) USING INDEX TABLESPACE i) TABLESPACE d STORAGE (INITIAL 1M) NOLOGGING;',
      'CREATE TABLE o.t (a NUMBER(38,10) NOT NULL, tablespace_name VARCHAR2(30 ), ' +
        'CONSTRAINT y PRIMARY KEY (a) )',
    ],
    [
      'CREATE UNIQUE INDEX o.i ON o.t (a) TABLESPACE d PARALLEL 4 ONLINE;',
      'CREATE UNIQUE INDEX i ON o.t (a)',
    ],
    ["COMMENT ON TABLE t IS 'it''s';", "ALTER TABLE t COMMENT 'it''s'"],
    ['DROP TABLE t CASCADE CONSTRAINTS PURGE;', 'DROP TABLE t'],
    [
      'INSERT INTO t VALUES (TRUNC(SYSDATE) - 1, USER);',
      "INSERT INTO t VALUES (TRUNC(SYSDATE, 'DD') - INTERVAL (1) DAY, SUBSTRING_INDEX(USER(),'@',1))",
    ],
  ])('%s', (source, expected) => {
    expect(translated(source).map((text) => text.trim())).toEqual([expected]);
  });

  test('the comment of a column has no place on MariaDB', () => {
    expect(translated("COMMENT ON COLUMN t.a IS 'x';")).toEqual([]);
  });
});
