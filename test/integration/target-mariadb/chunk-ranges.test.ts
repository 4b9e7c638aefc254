import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { Cutter } from './cutter.ts';
import { Workshop } from './workshop.ts';

describe.skipIf(!hasMariadb())('ranges of a key on MariaDB', () => {
  let shop: Workshop;
  let cutter: Cutter;

  beforeAll(async () => {
    // A range that does not come to an end is an error after some seconds.
    shop = await Workshop.open(() => ({}), { max_statement_time: '20' });
    cutter = await Cutter.of(shop);
  });
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
  });

  test.each([
    ['DATETIME(6)', '1 day', ['2024-01-01 00:00:00.5', '2024-01-02 00:00:00.3']],
    ['TIMESTAMP(6)', '1 day', ['2024-01-01 00:00:00.5', '2024-01-02 00:00:00.3']],
    ['DATETIME(3)', '1 second', ['2024-01-01 00:00:00.999', '2024-01-01 00:00:01']],
    ['DATE', '12 hours', ['2024-01-01', '2024-01-03']],
    ['DATE', '36 hours', ['2024-01-01', '2024-01-02']],
    ['DATE', '1 month', ['2024-01-31', '2024-03-31']],
    ['TINYINT', '100', ['1', '127']],
    ['BIGINT', '5', ['9223372036854775800', '9223372036854775807']],
    ['BIGINT UNSIGNED', '4', ['18446744073709551610', '18446744073709551615']],
    [
      'DECIMAL(38, 10)',
      '7',
      ['-9999999999999999999999999999.5', '-9999999999999999999999999979.25'],
    ],
    ['DOUBLE', '2', ['-1.5', '2.25']],
  ])('of a %s by %s have each key once', async (type, size, keys) => {
    const table = await cutter.table(`k ${type}`, keys);
    const { error, ranges } = await cutter.cut(table, 'k', size);
    expect(error).toBeNull();
    expect(await cutter.outside(table, ranges)).toEqual([]);
    for (const [at, [low]] of ranges.slice(1).entries()) expect(low).toBe(ranges[at]?.[1]);
  });

  test('of days begin with a whole second and end behind the last key', async () => {
    const keys = ['2024-01-01 00:00:00.5', '2024-01-02 00:00:00.3'];
    const { ranges } = await cutter.cut(await cutter.table('k DATETIME(6)', keys), 'k', '1 day');
    expect(ranges).toEqual([
      ['2024-01-01 00:00:00', '2024-01-02 00:00:00'],
      ['2024-01-02 00:00:00', '2024-01-03 00:00:00'],
    ]);
  });

  test('of a table and a column with $, % and ` in their names', async () => {
    const table = await cutter.table('`a$b%``c` INTEGER', ['1', '5'], 'h$i%low`st');
    const { ranges } = await cutter.cut(table, 'a$b%`c', '3');
    expect(ranges).toEqual([
      ['1', '4'],
      ['4', '7'],
    ]);
  });

  test('of a DOUBLE in which adding may change nothing are refused', async () => {
    const table = await cutter.table('k DOUBLE', ['1', '1e16']);
    expect((await cutter.cut(table, 'k', '1')).error?.failure.code).toBe('1264');
  });
});
