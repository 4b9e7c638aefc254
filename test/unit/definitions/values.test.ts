import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/core/definitions/address.ts';
import { durationMs, durationText } from '../../../src/core/definitions/duration.ts';
import { ERROR_CODE_PATTERN, errorCode } from '../../../src/core/definitions/error-code.ts';
import { suggestion } from '../../../src/core/definitions/suggestion.ts';
import { inferType, isOfType, valueText } from '../../../src/core/definitions/typed-value.ts';

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['4h', 14_400_000],
    ['2d', 172_800_000],
    ['1h30m', 5_400_000],
    ['1d1h1m1s', 90_061_000],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(['', '90', '1.5h', '30m1h', '-1h', '1h ', '4 h', '4hours'])('"%s" is none', (text) => {
    expect(durationMs(text)).toBeNull();
  });

  test('text and milliseconds are inverse', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(durationMs(durationText(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});

describe('addresses', () => {
  test.each([
    ['db1.example:5432/shop', { host: 'db1.example', port: 5432, database: 'shop' }],
    ['db1/shop', { host: 'db1', port: null, database: 'shop' }],
    ['[2001:db8::1]:5433/shop', { host: '2001:db8::1', port: 5433, database: 'shop' }],
  ])('%s', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    '',
    'db',
    'db/',
    '/shop',
    'db:x/shop',
    'user@db/shop',
    'db:1/a/b',
    'postgres://db/shop',
  ])('"%s" is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});

describe('parameter values', () => {
  test('their type is inferred', () => {
    expect(inferType(24)).toBe('number');
    expect(inferType('24')).toBe('string');
    expect(inferType('2026-01-31')).toBe('date');
    expect(inferType('2026-01-31 10:00:00')).toBe('date');
    expect(inferType('2026-01')).toBe('string');
  });

  test.each(['24', '-1', '+0.5', '.5', '1e6', '12345678901234567890'])('%s is a number', (text) => {
    expect(isOfType(text, 'number')).toBe(true);
  });

  test.each(['', '1,5', 'abc', '1.2.3', '0x10', 'NaN', ' 1'])('"%s" is no number', (text) => {
    expect(isOfType(text, 'number')).toBe(false);
  });

  test.each(['2024-02-29', '2026-12-31 23:59:59', '0001-01-01'])('%s is a date', (text) => {
    expect(isOfType(text, 'date')).toBe(true);
  });

  test.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-32',
    '2026-01-01 24:00:00',
    '0000-01-01',
  ])('%s is no date', (text) => {
    expect(isOfType(text, 'date')).toBe(false);
  });

  test('are written in one way', () => {
    expect(valueText('2026-01-31T10:00:00', 'date')).toBe('2026-01-31 10:00:00');
    expect(valueText('The end', 'string')).toBe('The end');
    expect(valueText(0.5, 'number')).toBe('0.5');
  });
});

describe('what to do about an unknown name', () => {
  test('the nearest, else the list, else to define it', () => {
    expect(suggestion('ordr', ['order', 'name'])).toBe('Did you mean "order"?');
    expect(suggestion('prod', ['PROD'])).toBe('Did you mean "PROD"?');
    expect(suggestion('colour', ['id', 'code'])).toBe('Known: id, code.');
    expect(suggestion('x', [])).toBe('None is defined: define it, or remove this.');
    const many = Array.from({ length: 30 }, (_, index) => `name_${index}`);
    expect(suggestion('other', many)).toMatch(/^Known: name_0, .*, name_15, …$/);
  });
});

describe('error codes', () => {
  test.each([
    ['ORA-1555', 'ORA-01555'],
    ['ora-01555', 'ORA-01555'],
    ['ORA-54', 'ORA-00054'],
    ['40p01', '40P01'],
    ['08006', '08006'],
    ['1412', '1412'],
  ])('%s is %s', (text, code) => {
    expect(text).toMatch(ERROR_CODE_PATTERN);
    expect(errorCode(text)).toBe(code);
    expect(errorCode(code)).toBe(code);
  });

  test.each(['', '54', 'ORA-', 'ORA-015555', 'ORA 1555', '40P011', 'ORA-1555 '])(
    '"%s" is none',
    (text) => {
      expect(text).not.toMatch(ERROR_CODE_PATTERN);
    },
  );
});
