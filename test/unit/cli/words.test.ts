import { describe, expect, test } from 'vitest';
import { Paint } from '../../../src/cli/render/paint.ts';
import { table } from '../../../src/cli/render/table.ts';
import {
  bytes,
  count,
  counted,
  cut,
  failureLine,
  failureText,
  oneLine,
  safeText,
  span,
  unitText,
} from '../../../src/cli/render/words.ts';
import { aFailure, aUnit } from './samples.ts';
import { Paper } from './stage.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [12_595, '12.3 KiB'],
  [1024 ** 2 - 1, '1.0 MiB'],
  [1024 ** 3 * 1.24, '1.2 GiB'],
  [1024 ** 5 * 2000, '2000.0 PiB'],
])('%d bytes are written as %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

describe('spans of time', () => {
  test.each([
    [-5, '0ms'],
    [0, '0ms'],
    [999.4, '999ms'],
    [1000, '1.0s'],
    [12_340, '12.3s'],
    [59_949, '59.9s'],
    [59_950, '1m00s'],
    [245_000, '4m05s'],
    [3_599_600, '1h00m'],
    [7_380_000, '2h03m'],
    [86_400_000, '1d00h'],
    [273_600_000, '3d04h'],
  ])('%d ms is %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

test('numbers have separators, and things their plural', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect([0, 1, 2000].map((number) => counted(number, 'stream'))).toEqual([
    '0 streams',
    '1 stream',
    '2,000 streams',
  ]);
});

test('a text is cut to a width by letters', () => {
  expect(cut('größe', 5)).toBe('größe');
  expect(cut('größer', 5)).toBe('größ…');
  expect(cut('größer', 1)).toBe('…');
  expect(cut('größer', 0)).toBe('');
});

test('what a terminal would obey does not reach it', () => {
  const hostile = 'a\u001b[2J\r\nb\u0007\u009bc\td';
  expect(oneLine(hostile)).toBe('a [2J b c d');
  expect(safeText(hostile)).toBe('a [2J\nb  c\td');
});

test('a unit names what it works on', () => {
  expect(unitText(aUnit())).toBe('purge_rows, iteration 1');
  expect(unitText(aUnit({ object: 'app.orders', iteration: 3, chunk: 7 }))).toBe(
    'purge_rows, app.orders, iteration 3, chunk 7',
  );
  expect(unitText(aUnit({ task: 'install', iteration: 0 }))).toBe('install');
});

test('a failure is told with the line of the package, and in full with all that is known', () => {
  const failure = aFailure({ hint: 'Raise it.', statement: 'select 1\nfrom x' });
  const line = '53400: temporary file size exceeds temp_file_limit (1024kB) (10-tasks.sql:41)';
  expect(failureLine(failure)).toBe(line);
  expect(failureText(failure)).toBe(
    `${line}\n  hint: Raise it.\n  statement: select 1\n    from x`,
  );
  expect(failureLine(aFailure({ message: 'no', file: null, line: null }))).toBe('53400: no');
});

test('a table aligns its columns, coloured or not', () => {
  const paint = new Paint(true);
  const text = table(
    ['NAME', '>ROWS', ''],
    [
      ['shop_eu', '5', paint.in('red', 'failed')],
      ['a', '1,000', ''],
    ],
    'none',
  );
  expect(text).toBe('NAME      ROWS\nshop_eu      5  \u001b[31mfailed\u001b[39m\na        1,000');
  expect(table(['NAME'], [], 'none')).toBe('none');
});

describe('colours', () => {
  const terminal = Object.assign(new Paper(), { isTTY: true });

  test.each([
    ['a terminal has them', terminal, {}, true],
    ['a pipe has none', new Paper(), {}, false],
    ['NO_COLOR switches them off', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['an empty NO_COLOR does not', terminal, { NO_COLOR: '' }, true],
    ['FORCE_COLOR switches them on', new Paper(), { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0 does not', new Paper(), { FORCE_COLOR: '0' }, false],
    ['a dumb terminal has none', terminal, { TERM: 'dumb' }, false],
  ])('%s', (_, stream, env, wanted) => {
    expect(Paint.wanted(stream, env)).toBe(wanted);
  });
});
