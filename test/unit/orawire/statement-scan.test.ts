import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Statement, scanStatement } from '../../support/orawire/statement-scan.ts';

/** The driver's own scanner, which decides what travels. */
interface DriverStatement {
  readonly isQuery: boolean;
  readonly isPlSql: boolean;
  readonly isDml: boolean;
  readonly isDdl: boolean;
  readonly bindInfoList: readonly { readonly bindName: string; readonly isReturnBind: boolean }[];
  _prepare(sql: string): void;
}

const driver = createRequire(import.meta.url)('oracledb/lib/thin/statement.js') as {
  readonly Statement: new () => DriverStatement;
};

const SEED = 20_261_127;

function asDriverSees(sql: string) {
  const statement = new driver.Statement();
  statement._prepare(sql);
  const { isQuery, isPlSql, isDml, isDdl, bindInfoList } = statement;
  const kinds = { query: isQuery, plsql: isPlSql, dml: isDml, ddl: isDdl };
  const kind = Object.entries(kinds).find(([, is]) => is)?.[0] ?? 'other';
  const from = bindInfoList.findIndex(({ isReturnBind }) => isReturnBind);
  const bindNames = bindInfoList.map(({ bindName }) => bindName);
  return { kind, bindNames, returningFrom: from < 0 ? Number.POSITIVE_INFINITY : from };
}

const statements: readonly [string, Statement['kind'], readonly string[], number?][] = [
  ['select 1 from dual', 'query', []],
  ['  ( select :a from dual)', 'query', ['A']],
  ['with x as (select 1 from dual) select * from x where y = :y', 'query', ['Y']],
  ['/* begin */ -- create\nselect :x from dual', 'query', ['X']],
  ['commit', 'other', []],
  ['BEGIN p(:1, :2, :1); END;', 'plsql', ['1', '2']],
  ['declare v number := :v; begin p(v, :V, :w); end;', 'plsql', ['V', 'W']],
  ['call p(:a)', 'plsql', ['A']],
  ['select :b, :a, :b from t', 'query', ['B', 'A', 'B']],
  ['insert into t values (:1, :"Mixed", : c)', 'dml', ['1', 'Mixed', 'C']],
  ['update t set a = :a where b = :b returning c, d into :c, :d', 'dml', ['A', 'B', 'C', 'D'], 2],
  ['delete from t return a into :x', 'dml', ['X'], 0],
  ['insert into t (returning) values (:a)', 'dml', ['A']],
  ['merge into t using u on (t.a = :a) when matched then update set b = :b', 'dml', ['A', 'B']],
  ["create trigger x before insert on t begin :new.a := ':b'; end;", 'ddl', []],
  ["alter session set x = ':a'", 'ddl', []],
  ["select ':no', q'[it's :no]', Q'!:no'!', \"a:no\" from t where x = :yes ", 'query', ['YES']],
  ["select json {'a':1, 'b' :x, 'c': :b} from t where c = :c", 'query', ['B', 'C']],
  ['select a /* :no */, b -- :no\n, :yes from t', 'query', ['YES']],
  ['select a / :x, b - :y, c --', 'query', ['X', 'Y']],
  ['select :größe$_#1, :2a from t', 'query', ['GRÖSSE$_#1', '2']],
  ['select a /* :not closed from t where x = :x', 'query', ['NOT', 'X']],
  ["select 'not closed :a", 'query', []],
  ['select : , := from t', 'query', []],
  ['select x from t where a = :returning', 'query', ['RETURNING']],
];

describe('the scanner of statements', () => {
  test.each(statements)('%s', (sql, kind, bindNames, returningFrom = Number.POSITIVE_INFINITY) => {
    expect(scanStatement(sql)).toEqual({ sql, kind, bindNames, returningFrom });
  });

  test.each(statements)('the driver sees the same in: %s', (sql) => {
    expect(scanStatement(sql)).toEqual({ sql, ...asDriverSees(sql) });
  });

  test(`agrees with the driver on whatever is thrown together (seed ${SEED})`, () => {
    const pieces = [
      ...['select', 'BEGIN', 'update', 'create', 'returning', 'return', 'INTO', 'x', 'q', 'Q'],
      ...[':a', ':1', ':"Q"', ':"', ':', ': b', '::c', ':é9$', ':𝐀', '𝐀', '1', '_', '$'],
      ...["'", "''", "q'[", "]'", "q'!", "!'", "'x':y", '"', '--', '-', '/*', '*/', '*', '/'],
      ...['\n', '\t', ' ', '\u0085', '\ufeff', '(', ')', ',', ';', '[', ']', '{', '}', '<', '>'],
    ];
    const piece = fc.oneof(
      fc.constantFrom(...pieces),
      fc.constant(' '),
      fc.string({ maxLength: 2 }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (sql) => {
        expect(scanStatement(sql)).toEqual({ sql, ...asDriverSees(sql) });
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test.each(['/*', "q'[", ':"', ":a'", '--', ': ', '"'])(
    'takes no longer than a moment for a megabyte of %s',
    (piece) => {
      const begun = performance.now();
      scanStatement(`select ${piece.repeat(1_000_000 / piece.length)}`);
      expect(performance.now() - begun).toBeLessThan(5000);
    },
  );
});
