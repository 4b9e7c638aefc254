import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Connection, SqlError } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conditionsFor } from '../../../src/targets/mariadb/translate/errors-of-oracle.ts';
import {
  type TranslatedUnit,
  translate,
} from '../../../src/targets/mariadb/translate/translate.ts';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import type { TestDatabase } from '../../support/database.ts';
import { connectTo, createMariadbDatabase, hasMariadb } from '../../support/mariadb/database.ts';

const MODE =
  'ORACLE,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,EMPTY_STRING_IS_NULL,NO_ENGINE_SUBSTITUTION';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
}

function sources(...names: readonly string[]) {
  return names.map((name) => ({ path: name, text: read(`oracle/${name}`) }));
}

describe.skipIf(!hasMariadb())('source of Oracle that is translated, on mariadb', () => {
  let database: TestDatabase;
  let session: Connection;

  async function install(units: readonly TranslatedUnit[]): Promise<void> {
    for (const { text } of units) await session.query(text);
  }

  /** Calls a routine of a package, and answers with what it said. */
  async function said(call: string, ...values: readonly string[]): Promise<string[]> {
    await session.query('TRUNCATE TABLE said');
    await session.query(`CALL ${call}`, [...values]);
    const rows: { text: string }[] = await session.query('SELECT text FROM said ORDER BY id');
    return rows.map(({ text }) => text);
  }

  async function failureOf(call: string): Promise<SqlError> {
    const outcome: unknown = await session.query(`CALL ${call}`).then(
      () => 'done',
      (error: unknown) => error,
    );
    if (outcome instanceof SqlError) return outcome;
    throw new Error(`CALL ${call} did not fail`);
  }

  beforeAll(async () => {
    database = await createMariadbDatabase('translate');
    session = await connectTo(database.url);
    await session.query('SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin');
    await session.query(
      "SET sql_mode = ?, autocommit = 0, sql_notes = 0, tx_isolation = 'READ-COMMITTED'",
      [MODE],
    );
    await session.query('SET max_sp_recursion_depth = 50');
    for (const file of ['10-shim.sql', '15-shim-dates.sql']) {
      const shim = read(`../../../src/targets/mariadb/framework/${file}`);
      for (const { text } of sourceUnits(shim)) await session.query(text);
    }
    for (const { text } of sourceUnits(read('translate-dom.sql'))) await session.query(text);
    const names = ['tables.sql', 'constructs.pks', 'constructs.pkb', 'purge.sql'];
    const { units, problems } = translate(sources(...names));
    expect(problems).toEqual([]);
    await install(units);
    await session.query("INSERT INTO parameter_value VALUES (NULL, 'DAYS', '30')");
    await session.query("INSERT INTO parameter_value VALUES ('ITEM', 'DAYS', '2.50')");
    await session.query("INSERT INTO parameter_value VALUES ('event', 'MONTHS TRAILING', '3')");
    await session.query('COMMIT');
  });

  afterAll(async () => {
    await session?.end();
    await database?.drop();
  });

  test.each([
    ['calls', ["it's-200", "it's-5", "it's-2.5", 'k1.52', '30/2.5']],
    [
      'dates',
      [
        '2024-01-30 2024-02-03 12:30',
        '2024-01-31 01:30 30 23:59',
        '.5208333333',
        '1 01-01',
        '2 02-04',
      ],
    ],
    [
      'numbers',
      [
        '12345678901234567 3000000000 1.5',
        'exact',
        '7 7.77 1 -.1',
        '12345678901234568',
        '1 costs 1.5',
      ],
    ],
    ['texts', ["a\\bc'de]f", 'aac63', 'Hello World like', "IT'S;C:\\TEMP", '30000']],
    [
      'missing_rows',
      ['through a function: 100', 'in a block', 'many', 'through a procedure', 'raised 100'],
    ],
    ['dynamic_sql', ["2IT'S", 'no row, and still 2', 'updated 1', 'block-1']],
    [
      'named_exceptions',
      [
        'stop',
        'local',
        'ORA-20042: x',
        'busy -20042',
        'dup',
        'null',
        'gone',
        'drop',
        'long',
        'zero',
        'number',
      ],
    ],
    ['warning_in_block', ['before', 'after the warning']],
    ['loops', ['1C:\\TEMP', "2IT'S", 'C:\\TEMP1.5', 'two', 'k2-1', 'k1-1']],
    ['attributes', ['deleted 1', 'none', '1']],
  ])('%s behave as on Oracle', async (name, expected) => {
    expect(await said(`constructs.${name}(?)`, 'h')).toEqual(expected);
    await session.query('ROLLBACK');
  });

  test('WHEN OTHERS knows the code of its error, also behind other statements', async () => {
    const [inner, outer, outermost] = await said('constructs.other_exceptions(?)', 'h');
    expect([inner, outer]).toEqual(['inner -1400', 'outer -942']);
    expect(outermost).toMatch(/^outermost -942 Table '.*nowhere' doesn't exist$/);
  });

  test('SQLCODE says a code whose handler would have caught the error', async () => {
    const rows: { errno: number; code: number }[] = await session.query(
      'SELECT seq AS errno, plsql$code(seq) AS code FROM seq_1000_to_20999',
    );
    const said = new Map(rows.map(({ errno, code }) => [errno, code === 100 ? -1403 : code]));
    const codes = Array.from({ length: 31_000 }, (_, index) => -index - 1);
    const numbers = new Set(codes.flatMap((code) => conditionsFor(code) ?? []));
    for (const number of numbers) {
      const code = said.get(Number(number)) ?? 0;
      if (code !== -Number(number)) expect(conditionsFor(code), `${number}`).toContain(number);
    }
    expect([said.get(1062), said.get(20_100), said.get(1146)]).toEqual([-1, -20_100, -942]);
  });

  test('a missing row that nobody catches is an error, and what follows does not run', async () => {
    await session.query('TRUNCATE TABLE said');
    expect(await failureOf("constructs.missing_row_uncaught('h')")).toMatchObject({ errno: 1329 });
    expect(await session.query('SELECT text FROM said')).toEqual([]);
  });

  test('an exception of the package that nobody catches is an error with its name', async () => {
    const { errno, sqlMessage } = await failureOf("constructs.own_exception_uncaught('h')");
    expect(errno).toBe(6510);
    expect(sqlMessage).toBe('ORA-06510: unhandled user-defined exception constructs.e_private');
  });

  test('a cancelled statement ends a procedure that handles all errors', async () => {
    const { units } = translate([
      {
        path: 'stubborn.sql',
        text:
          'CREATE PROCEDURE stubborn IS BEGIN LOOP BEGIN DBMS_SESSION.SLEEP(60); ' +
          'EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END;',
      },
    ]);
    await install(units);
    const killer = await connectTo(database.url);
    const ended = failureOf('stubborn');
    const sleeping =
      "SELECT 1 FROM information_schema.processlist WHERE id = ? AND state = 'User sleep'";
    while ((await killer.query(sleeping, [session.threadId])).length === 0);
    await killer.query(`KILL QUERY ${session.threadId}`);
    expect(await ended).toMatchObject({ errno: 1317 });
    await killer.end();
  });

  test('the line of an error is the one of the file', async () => {
    const text = `-- head\n\n${read('oracle/constructs.pkb')}`.replace(
      'WHILE i > 0 LOOP',
      'WHILE i > > 0 LOOP',
    );
    const files = [...sources('tables.sql', 'constructs.pks'), { path: 'broken.pkb', text }];
    const { units, problems } = translate(files);
    expect(problems).toEqual([]);
    const unit = units.find(({ path }) => path === 'broken.pkb');
    const error: unknown = await session
      .query(unit?.text ?? '')
      .catch((failure: unknown) => failure);
    const message = error instanceof SqlError ? (error.sqlMessage ?? '') : '';
    const line = Number(/at line (\d+)/.exec(message)?.[1]) + (unit?.line ?? 0) - 1;
    expect(text.split('\n')[line - 1]).toContain('WHILE i > > 0 LOOP');
  });

  test('a purge in the style of the original DOM runs to its end', async () => {
    await session.query('CREATE TABLE event (id NUMBER(10) PRIMARY KEY, event_date DATE)');
    await session.query('CREATE TABLE event_arch (id NUMBER(10), event_date DATE)');
    await session.query(
      "INSERT INTO event SELECT seq, DATE '2024-01-01' + INTERVAL seq * 10 DAY FROM seq_0_to_19",
    );
    await session.query('COMMIT');
    const rounds: (readonly string[])[] = [];
    for (;;) {
      const more = await session
        .query('CALL purge_ops.iterator(?, ?, ?)', ['7', database.name, 'event'])
        .then(() => true)
        .catch((error: unknown) => {
          expect(error).toMatchObject({ errno: 20100 });
          expect(String(error)).toContain('ORA-20100: All months before 2024-04 purged');
          return false;
        });
      if (!more) break;
      const initial = await said('purge_ops.initial(?)', '7');
      const archived = await said('purge_ops.archive_month(?)', '7');
      const purged = await said('purge_ops.purge_month(?)', '7');
      await session.query('COMMIT');
      rounds.push([...initial, archived[0]?.replace(/ rows.*/, '') ?? '', ...purged]);
    }
    expect(rounds).toEqual([
      ["initial DATE '2024-01-01' of 31 days", '4', 'purged 4'],
      ["initial DATE '2024-02-01' of 29 days", '2', 'purged 2'],
      ["initial DATE '2024-03-01' of 31 days", '4', 'purged 4'],
    ]);
    const [state] = await session.query('SELECT deleted, month_start FROM purge_state');
    expect(Number(state.deleted)).toBe(10);
    await session.query('CALL purge_ops.final(?, ?)', ['7', 'N']);
    expect(await session.query('SELECT 1 FROM purge_state')).toEqual([]);
    const [left] = await session.query('SELECT COUNT(*) AS n FROM event');
    expect(left).toEqual({ n: 10 });
  });
});
