import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reader, ShortOfBytes, Writer } from '../../support/orawire/bytes.ts';
import { decodeDatetime, encodeDatetime } from '../../support/orawire/datetime-codec.ts';
import { MalformedMessage, ServerError } from '../../support/orawire/errors.ts';
import { decodeNumber, encodeNumber, numberValue } from '../../support/orawire/number-codec.ts';
import {
  decodeDaySeconds,
  decodeFloat,
  decodeUtf16,
  decodeYearMonths,
  encodeDaySeconds,
  encodeFloat,
  encodeUtf16,
  encodeYearMonths,
  rowidParts,
} from '../../support/orawire/scalar-codec.ts';
import { ORACLE_TYPES } from '../../support/orawire/types.ts';

const SEED = 20_261_127;
const options = { seed: SEED, numRuns: 500 };
const [DATE, TIMESTAMP] = [ORACLE_TYPES.DATE.code, ORACLE_TYPES.TIMESTAMP.code];
const ZONED = ORACLE_TYPES.TIMESTAMP_TZ.code;
const LOCAL_ZONED = ORACLE_TYPES.TIMESTAMP_LTZ.code;

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}

describe(`primitives (seed ${SEED})`, () => {
  test.each([
    [0, '00'],
    [1, '0101'],
    [255, '01ff'],
    [256, '020100'],
    [-1, '8101'],
    [65_536, '03010000'],
    [2 ** 32, '050100000000'],
  ])('the integer %d', (value, bytes) => {
    expect(hex(new Writer().int(value).done())).toBe(bytes);
    expect(new Reader(Buffer.from(bytes, 'hex')).int()).toBe(value);
  });

  test('integers and blobs come back as they went', () => {
    const blob = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const integers = fc.array(fc.maxSafeInteger().map((value) => value || 0));
    fc.assert(
      fc.property(integers, fc.array(blob), (values, blobs) => {
        const writer = new Writer().int(...values);
        for (const each of blobs) writer.blob(each).longBlob(each);
        const reader = new Reader(writer.done());
        expect(reader.ints(values.length)).toEqual(values);
        for (const each of blobs) {
          const expected = each.length === 0 ? null : each;
          expect(reader.blob()).toEqual(expected);
          expect(reader.longBlob()).toEqual(expected);
        }
        expect(reader.left).toBe(0);
      }),
      options,
    );
  });

  test.each([252, 253, 32_767, 32_768, 100_000])('a blob of %i bytes', (length) => {
    const bytes = Buffer.alloc(length, 5);
    const written = new Writer().blob(bytes).done();
    expect(written[0]).toBe(length <= 252 ? length : 254);
    expect(new Reader(written).blob()).toEqual(bytes);
    for (const cut of [1, 2, 3, length]) {
      expect(() => new Reader(written.subarray(0, cut)).blob()).toThrow(ShortOfBytes);
    }
  });

  test('short text is a length twice, and text; null is a zero', () => {
    expect(hex(new Writer().longBlob('hello').done())).toBe('01050568656c6c6f');
    expect(hex(new Writer().longBlob('').blob(null).done())).toBe('0000');
    expect(new Reader(Buffer.of(255)).blob()).toBeNull();
  });

  test('impossible lengths are refused at once', () => {
    expect(() => new Reader(Buffer.alloc(200, 9)).int()).toThrow(MalformedMessage);
    expect(() => new Reader(Buffer.from('8101', 'hex')).count()).toThrow(MalformedMessage);
    expect(() => new Reader(Buffer.from('04ffffffff', 'hex')).count()).toThrow(ShortOfBytes);
  });
});

describe(`NUMBER (seed ${SEED})`, () => {
  test.each([
    ['0', '80'],
    ['1', 'c102'],
    ['-1', '3e6466'],
    ['10', 'c10b'],
    ['100', 'c202'],
    ['-123.45', '3d644e3866'],
    ['0.01', 'c002'],
    ['123456.789', 'c30d23394f5b'],
    ['9.99', 'c10a64'],
    ['1e125', 'ff0b'],
  ])('%s is %s', (text, bytes) => {
    expect(hex(encodeNumber(text))).toBe(bytes);
    expect(Number(decodeNumber(Buffer.from(bytes, 'hex')))).toBe(Number(text));
  });

  test('decimal texts of up to 38 digits come back digit by digit', () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,18}$/);
    fc.assert(
      fc.property(fc.boolean(), digits, fc.stringMatching(/^\d{0,18}[1-9]$/), (minus, a, b) => {
        const text = `${minus ? '-' : ''}${a}.${b}`;
        expect(decodeNumber(encodeNumber(text))).toBe(text);
      }),
      options,
    );
  });

  test('numbers of JavaScript come back as they are', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e120, max: 1e120 });
    const inRange = double.filter((value) => value === 0 || Math.abs(value) > 1e-120);
    fc.assert(
      fc.property(inRange, (value) => {
        expect(Number(decodeNumber(encodeNumber(value)))).toBeCloseTo(value, 10);
        expect(Number(numberValue(encodeNumber(value)))).toBe(value === 0 ? 0 : value);
      }),
      options,
    );
  });

  test('bytes are ordered as the numbers are', () => {
    const number = fc.integer({ min: -1e9, max: 1e9 }).map((value) => value / 1000);
    fc.assert(
      fc.property(number, number, (a, b) => {
        const order = Buffer.compare(encodeNumber(a), encodeNumber(b));
        expect(order).toBe(Math.sign(a - b) || 0);
      }),
      options,
    );
  });

  test('digits that do not fit are rounded, all the way up if need be', () => {
    expect(decodeNumber(encodeNumber('9'.repeat(41)))).toBe(`1${'0'.repeat(41)}`);
    expect(decodeNumber(encodeNumber(`1.${'0'.repeat(50)}1`))).toBe('1');
    expect(decodeNumber(encodeNumber('1e-140'))).toBe('0');
  });

  test('what is no number, or too great, is an error of Oracle', () => {
    for (const text of ['', 'x', '1x', '.', '--1', 'NaN']) {
      expect(() => encodeNumber(text)).toThrow('ORA-01722');
    }
    expect(() => encodeNumber('1e126')).toThrow('ORA-01426');
    expect(() => encodeNumber(Number.POSITIVE_INFINITY)).toThrow(ServerError);
  });

  test('broken bytes are refused', () => {
    for (const bytes of ['', 'c1ff', 'c100', '3eff']) {
      expect(() => decodeNumber(Buffer.from(bytes, 'hex'))).toThrow(MalformedMessage);
    }
  });
});

describe(`dates (seed ${SEED})`, () => {
  test.each([
    ['2024-02-29T23:59:58', DATE, '787c021d183c3b'],
    ['2024-02-29 00:00:00', TIMESTAMP, '787c021d010101'],
    ['1999-12-31T01:02:03.004', TIMESTAMP, '77c70c1f020304003d0900'],
    ['2024-02-29T12:34:56.789Z', ZONED, '787c021d0d23392f072f40143c'],
  ])('%s', (text, code, bytes) => {
    expect(hex(encodeDatetime(text, code))).toBe(bytes);
  });

  test('instants come back to the millisecond, wall-clock time as its text', () => {
    const min = new Date('0100-01-01T00:00:00Z');
    const max = new Date('9999-12-31T23:59:59Z');
    fc.assert(
      fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
        for (const code of [ZONED, LOCAL_ZONED]) {
          expect(decodeDatetime(encodeDatetime(date, code), code)).toEqual(date);
          expect(decodeDatetime(encodeDatetime(date.toISOString(), code), code)).toEqual(date);
        }
        const wall = date.toISOString().slice(0, 19);
        expect(decodeDatetime(encodeDatetime(wall, DATE), DATE)).toBe(wall);
        expect(decodeDatetime(encodeDatetime(`${wall}.123456789`, TIMESTAMP), TIMESTAMP)).toBe(
          `${wall}.123456789`,
        );
      }),
      options,
    );
  });

  test('what is no date is an error', () => {
    expect(() => encodeDatetime('yesterday', DATE)).toThrow('ORA-01861');
    expect(() => encodeDatetime(Number.NaN, ZONED)).toThrow('ORA-01841');
    expect(() => decodeDatetime(Buffer.alloc(6), DATE)).toThrow(MalformedMessage);
  });
});

describe(`other values (seed ${SEED})`, () => {
  test.each([
    [1.5, 4, 'bfc00000'],
    [-1.5, 4, '403fffff'],
    [0, 8, '8000000000000000'],
    [-2, 8, '3fffffffffffffff'],
  ] as const)('the floating-point number %d in %i bytes', (value, size, bytes) => {
    expect(hex(encodeFloat(value, size))).toBe(bytes);
    expect(decodeFloat(Buffer.from(bytes, 'hex'))).toBe(value);
  });

  test('floating-point numbers, intervals and national text come back', () => {
    const small = fc.integer({ min: -59, max: 59 });
    const large = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        fc.double(),
        fc.float(),
        small,
        large,
        fc.string(),
        (double, float, a, b, text) => {
          expect(decodeFloat(encodeFloat(double, 8))).toBe(double);
          expect(decodeFloat(encodeFloat(float, 4))).toBe(float);
          const yearMonths = { years: b, months: a };
          expect(decodeYearMonths(encodeYearMonths(yearMonths))).toEqual(yearMonths);
          const daySeconds = { days: b, hours: a, minutes: -a || 0, seconds: a, fseconds: b };
          expect(decodeDaySeconds(encodeDaySeconds(daySeconds))).toEqual(daySeconds);
          expect(decodeUtf16(encodeUtf16(text))).toBe(text);
        },
      ),
      options,
    );
  });

  test('a rowid is four numbers in base 64', () => {
    expect(rowidParts('AAAR3sAAEAAAACXAAB')).toEqual([73_196, 4, 151, 1]);
    expect(rowidParts('')).toEqual([0, 0, 0, 0]);
  });

  test('broken bytes are refused', () => {
    expect(() => decodeFloat(Buffer.alloc(5))).toThrow(MalformedMessage);
    expect(() => decodeUtf16(Buffer.alloc(3))).toThrow(MalformedMessage);
    expect(() => decodeYearMonths(Buffer.alloc(4))).toThrow(MalformedMessage);
    expect(() => decodeDaySeconds(Buffer.alloc(10))).toThrow(MalformedMessage);
  });
});
