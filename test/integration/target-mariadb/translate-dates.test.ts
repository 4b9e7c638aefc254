import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Connection, SqlError } from 'mariadb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { translate } from '../../../src/targets/mariadb/translate/translate.ts';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import type { TestDatabase } from '../../support/database.ts';
import { connectTo, createMariadbDatabase, hasMariadb } from '../../support/mariadb/database.ts';

const MODE =
  'ORACLE,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,EMPTY_STRING_IS_NULL,NO_ENGINE_SUBSTITUTION';
const SHIM = '../../../src/targets/mariadb/framework';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
}

/** The values are those that Oracle gives. */
describe.skipIf(!hasMariadb())('dates of Oracle on mariadb', () => {
  let database: TestDatabase;
  let session: Connection;

  async function said(procedure: string): Promise<string[]> {
    await session.query('TRUNCATE TABLE said');
    await session.query(`CALL dates.${procedure}('h')`);
    const rows: { text: string }[] = await session.query('SELECT text FROM said ORDER BY id');
    return rows.map(({ text }) => text);
  }

  async function failureOf(procedure: string): Promise<string> {
    const outcome: unknown = await said(procedure).catch((error: unknown) => error);
    if (outcome instanceof SqlError) return `${outcome.errno} ${outcome.sqlMessage ?? ''}`;
    throw new Error(`${procedure} did not fail`);
  }

  beforeAll(async () => {
    database = await createMariadbDatabase('translate_dates');
    session = await connectTo(database.url);
    await session.query('SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin');
    await session.query('SET sql_mode = ?, autocommit = 0, sql_notes = 0', [MODE]);
    const files = [`${SHIM}/10-shim.sql`, `${SHIM}/15-shim-dates.sql`, 'translate-dom.sql'];
    for (const { text } of files.flatMap((path) => sourceUnits(read(path)))) {
      await session.query(text);
    }
    // The application's table is one of this schema too, but the source does not create it.
    await session.query(
      'CREATE TABLE ev (id BIGINT, created DATETIME, changed DATETIME, amount DECIMAL(12,2))',
    );
    const body = read('oracle/dates.pkb').replaceAll('app.ev', `${database.name}.ev`);
    const names = [...body.matchAll(/PROCEDURE (\w+) \(p_handle VARCHAR2\)/g)].map(
      ([, name]) => name,
    );
    const spec = names.map((name) => `PROCEDURE ${name} (p_handle VARCHAR2);`).join(' ');
    const { units, problems } = translate(
      [
        { path: 'dates.pks', text: `CREATE PACKAGE dates AS ${spec} END;` },
        { path: 'dates.pkb', text: body },
      ],
      undefined,
      { marks: true },
    );
    expect(problems).toEqual([]);
    for (const { text } of units) await session.query(text);
  });

  beforeEach(async () => {
    await session.query('DELETE FROM ev');
    await session.query(
      `INSERT INTO ev VALUES (1, SYSDATE, NULL, 1), (2, SYSDATE - INTERVAL 2 DAY, NULL, 2),
       (3, TIMESTAMP'2024-01-31 12:00:00', TIMESTAMP'2024-02-02 00:00:00', 12.75)`,
    );
  });

  afterAll(async () => {
    await session?.end();
    await database?.drop();
  });

  test('columns and %TYPE of tables that the package does not create are dates where they are', async () => {
    expect(await said('unknown_columns')).toEqual([
      'older than 30 days: 1',
      'older than 7 days: 1',
      'older than an hour: 2',
      '2024-02-07 12:00:00 13.75',
      '2024-02-07 12:00:00',
      '2024-01-30 13:00:00 14.25',
      'one day and a half',
      '02-01 12.75 2024-01-31 00:00:00',
      '2024-02-01 12:00:00 13.75',
      'deleted 1',
    ]);
    expect(await session.query('SELECT id FROM ev ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('where nothing tells the type, a date is an error with its place in the source', async () => {
    expect(await failureOf('doubtful')).toMatch(
      /^932 ORA-00932: a date in created \+ 7, .*INTERVAL/,
    );
    expect(await failureOf('doubtful_call')).toMatch(/^932 ORA-00932: a date in ROUND\(created\)/);
    expect(await failureOf('truncated_number')).toMatch(
      /^932 ORA-00932: TRUNC of a number .*TRUNC\(x, 0\)/,
    );
    expect(await session.query('SELECT text FROM said')).toEqual([{ text: '12' }]);
  });

  test('the check of a value leaves the index of the other side in use', async () => {
    const text =
      `CREATE PROCEDURE ranged IS v ${database.name}.big.id%TYPE := 5000; n NUMBER; BEGIN ` +
      `SELECT COUNT(*) INTO n FROM ${database.name}.big b WHERE b.id > v AND b.id <= v + b0; END;`;
    await session.query('CREATE TABLE big (id BIGINT PRIMARY KEY)');
    await session.query('INSERT INTO big SELECT seq FROM seq_1_to_20000');
    const source = text.replace('b0', `(SELECT 100 FROM DUAL)`);
    const { units } = translate([{ path: 'ranged.sql', text: source }]);
    expect(units[0]?.text).toContain('LIKE');
    await session.query(units[0]?.text ?? '');
    await session.query('FLUSH STATUS');
    await session.query('CALL ranged');
    const [row] = await session.query("SHOW STATUS LIKE 'Handler_read_next'");
    expect(Number(row.Value)).toBeLessThan(1000);
  });

  test('SQL%ROWCOUNT is that of the statement before, with marks between them', async () => {
    expect(await said('row_counts')).toEqual(['updated 3', 'ORA-20001: rows 3']);
  });

  test('a default value is computed as a date', async () => {
    expect(await said('without_argument')).toEqual(['days ago: 1']);
  });

  test('formats of TRUNC, and an error for one that is not known', async () => {
    const error = await failureOf('truncations');
    expect(error).toBe('1411 ORA-01821: date format not recognized: DAY');
    expect(await session.query('SELECT text FROM said ORDER BY id')).toEqual([
      { text: '2025-10-01 00:00:002025-12-29 00:00:002025-12-29 00:00:00' },
      { text: '2025-12-31 00:00:002025-12-29 00:00:002025-12-31 13:05:002025-12-31 13:00:00' },
      { text: '2025-01-01 00:00:002025-12-01 00:00:002025-12-31 00:00:00' },
    ]);
  });

  test.each([
    [
      'months',
      [
        '2024-03-31 00:00:00 2024-03-31 00:00:00',
        '2024-02-29 00:00:00 2024-02-15 00:00:00',
        '2024-02-29 12:30:00',
        '2025-02-28 12:30:00',
      ],
    ],
    [
      'read_dates',
      [
        '2024-01-01 00:00:00 2024-01-15 00:00:00',
        '2024-01-05 07:00:00 1999-02-01 00:00:00',
        '2024-02-29 13:30:00',
        'this month of 2024',
        'ORA-01830',
        'ORA-01839',
      ],
    ],
    [
      'written_dates',
      [
        'SAT JANsat Jan[SATURDAY ][January  ]',
        '6. January 2024 SATURDAY Sat',
        '1 01 01 1 006 2460316 2024 01:05 PM 47109s',
        '09.123',
        'weekend',
      ],
    ],
    ['empty_texts', ['null', 'null', 'acacb', '41 42']],
  ])('%s', async (procedure, expected) => {
    expect(await said(procedure)).toEqual(expected);
  });
});
