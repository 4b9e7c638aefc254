import { describe, expect, test } from 'vitest';
import { linesOf, placeOf } from '../../../src/targets/postgres/package-lines.ts';
import { type PlainStatement, plainStatement } from '../../../src/targets/postgres/plain-sql.ts';
import { quoteIdentifier } from '../../../src/targets/postgres/quoting.ts';
import { splitStatements, withoutSemicolon } from '../../../src/targets/postgres/sql-tokens.ts';

describe('reading SQL text', () => {
  test('a file is cut at the semicolons that end statements', () => {
    const text = `-- first; a comment
SELECT 'a;b', "c;d" /* ; /* nested ; */ */;

CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $fn$ BEGIN RETURN $$;$$; END $fn$;
SELECT E'it\\'s;', $1;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1; SELECT 2 END; END;
SELECT 1`;
    expect(
      splitStatements(text).map((statement) => [statement.line, statement.text.slice(0, 17)]),
    ).toEqual([
      [2, `SELECT 'a;b', "c;`],
      [4, 'CREATE FUNCTION f'],
      [5, `SELECT E'it\\'s;',`],
      [6, 'CREATE FUNCTION g'],
      [7, 'SELECT 1'],
    ]);
  });

  test('a semicolon at the end goes, with what is only comment behind it', () => {
    expect(withoutSemicolon("SELECT ';' ; -- end\n")).toBe("SELECT ';'");
    expect(withoutSemicolon(' ; ')).toBe('');
  });

  test('identifiers are quoted; what cannot be a name is refused', () => {
    expect(quoteIdentifier('we"ird')).toBe('"we""ird"');
    expect(() => quoteIdentifier('x'.repeat(64))).toThrow(RangeError);
    expect(() => quoteIdentifier('')).toThrow(RangeError);
  });

  test('error contexts lead to the line of the file, also of overloaded routines', () => {
    const text = `
CREATE PROCEDURE p(a text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1;
END $$;
CREATE OR REPLACE PROCEDURE purge.p(a int) LANGUAGE plpgsql AS
$body$ BEGIN
  PERFORM 2; END $body$;`;
    const files = [{ path: 'p.sql', role: 'code' as const, text, sha256: '' }];
    const lines = linesOf('purge', files, [
      { signature: 'p(text)', name: 'p', body: '\nBEGIN\n  PERFORM 1;\nEND ' },
      { signature: 'p(integer)', name: 'p', body: ' BEGIN\n  PERFORM 2; END ' },
    ]);
    expect(placeOf(lines, 'PL/pgSQL function p(text) line 3 at PERFORM')).toEqual({
      file: 'p.sql',
      line: 4,
    });
    const german =
      'PL/pgSQL-Funktion dom.execute(text,text) Zeile 9 bei EXECUTE\n' +
      'PL/pgSQL-Funktion purge.p(integer) Zeile 2 bei PERFORM';
    expect(placeOf(lines, german)).toEqual({ file: 'p.sql', line: 8 });
    expect(placeOf(lines, 'SQL function "x" statement 1')).toBeNull();
  });
});

describe('statements that cannot run in a transaction', () => {
  const table = '"app"."t"';
  const known: [string, PlainStatement][] = [
    ['VACUUM', { kind: 'repeatable' }],
    ['  -- why\n/* and */ vacuum full app.t', { kind: 'repeatable' }],
    ['CLUSTER', { kind: 'repeatable' }],
    ['CLUSTER (VERBOSE);', { kind: 'repeatable' }],
    ["ALTER SYSTEM SET work_mem = '8MB'", { kind: 'repeatable' }],
    ['CREATE DATABASE x', { kind: 'other' }],
    ['DROP DATABASE x', { kind: 'other' }],
    ['CREATE INDEX CONCURRENTLY i ON app.t (a)', { kind: 'create index', name: '"i"', table }],
    [
      'create unique index concurrently if not exists "I x" on only App.T using btree (a)',
      { kind: 'create index', name: '"I x"', table },
    ],
    ['CREATE INDEX CONCURRENTLY ON app.t (a)', { kind: 'create index', name: null, table }],
    ['DROP INDEX CONCURRENTLY IF EXISTS app.i', { kind: 'drop index', index: '"app"."i"' }],
    ['REINDEX INDEX CONCURRENTLY i', { kind: 'reindex', scope: 'index', name: '"i"' }],
    [
      'REINDEX (CONCURRENTLY, VERBOSE) TABLE app.t',
      { kind: 'reindex', scope: 'table', name: table },
    ],
    ['REINDEX SCHEMA app', { kind: 'reindex', scope: 'schema', name: '"app"' }],
    ['REINDEX SYSTEM CONCURRENTLY d', { kind: 'reindex', scope: 'database', name: '"d"' }],
    [
      'ALTER TABLE IF EXISTS ONLY app.t DETACH PARTITION app.p CONCURRENTLY',
      { kind: 'detach', parent: table, child: '"app"."p"' },
    ],
  ];
  test.each(known)('%s', (sql, statement) => {
    expect(plainStatement(sql)).toEqual(statement);
  });

  test.each([
    'ANALYZE app.t',
    'CREATE INDEX i ON app.t (a)',
    'DROP INDEX app.i',
    'REINDEX TABLE app.t',
    'CLUSTER app.t USING i',
    'ALTER TABLE app.t DETACH PARTITION app.p',
    'ALTER TABLE app.t DETACH PARTITION app.p FINALIZE',
    "UPDATE app.t SET a = 'VACUUM'",
    '',
  ])('may run in a transaction: %s', (sql) => {
    expect(plainStatement(sql)).toBeNull();
  });
});
