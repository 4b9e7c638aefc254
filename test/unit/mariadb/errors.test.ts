import { SqlError } from 'mariadb';
import { describe, expect, test } from 'vitest';
import { TargetError } from '../../../src/ports/target.ts';
import {
  errno,
  eventFailure,
  isDenied,
  isLoginRefused,
  isWithoutSsl,
  reasonOf,
  targetError,
} from '../../../src/targets/mariadb/errors.ts';

/** The driver's class as it is; its types leave the constructor out. */
const Constructor = SqlError as unknown as new (
  message: string,
  sql: string | null,
  fatal: boolean,
  info: object,
  sqlState: string,
  errno: number,
) => SqlError;

/** An error as the driver makes it from what the server says. */
function sqlError(number: number, message = 'what the server says', fatal = false): SqlError {
  const state = number >= 20_000 && number < 21_000 ? '45000' : 'HY000';
  return new Constructor(message, 'SELECT secret', fatal, { threadId: 7 }, state, number);
}

const KINDS: readonly (readonly [kind: string, ...numbers: number[]])[] = [
  // Killed, shut down, aborted, network; then the driver's own of its socket.
  ['lost', 1927, 1053, 1152, 1158, 1159, 1160, 1161, 2006, 2013],
  ['lost', 45_009, 45_012, 45_013, 45_026, 45_042],
  ['retryable', 1213, 1205, 1020],
  ['fenced', 20_409],
  ['failed', 1054, 1062, 1064, 1146, 1317, 1365, 1451, 1507, 1969, 4025, 1114, 1021, 1030, 145],
  ['failed', 20_007, 20_100, 20_115, 20_410, 20_999],
];

describe('what a number means', () => {
  test.each(
    KINDS.flatMap(([kind, ...numbers]) => numbers.map((number) => [number, kind] as const)),
  )('%i: %s', (number, kind) => {
    const error = targetError(sqlError(number));
    expect(error.kind).toBe(kind);
    expect(errno(error)).toBe(kind === 'lost' ? null : number);
  });

  test('1317 is a cancel only where we have asked for one; the driver calls it fatal', () => {
    const interrupted = sqlError(1317, 'Query execution was interrupted', true);
    expect(targetError(interrupted, { cancelAsked: true }).kind).toBe('cancelled');
    expect(targetError(interrupted, { cancelAsked: false }).kind).toBe('failed');
  });

  test('whatever the server has not said is a lost connection', () => {
    expect(targetError(new Error('read ECONNRESET'))).toMatchObject({
      kind: 'lost',
      message: 'read ECONNRESET',
    });
    expect(targetError('nothing of the kind').kind).toBe('lost');
  });

  test('an error that has been read is not read again', () => {
    const once = targetError(sqlError(1213));
    expect(targetError(once, { cancelAsked: true })).toBe(once);
    expect(once).toBeInstanceOf(TargetError);
  });
});

describe('what is told of it', () => {
  test('what package code raised comes under its own number, without the mark in its text', () => {
    const { failure } = targetError(sqlError(20_115, 'ORA-20115: Parameter a has no value'));
    expect(failure).toMatchObject({
      code: 'ORA-20115',
      message: 'Parameter a has no value',
      detail: null,
    });
  });

  test('an error of the server comes under its number, and never with the statement of the driver', () => {
    const { failure } = targetError(sqlError(1062, "Duplicate entry '1'"), {
      statement: 'INSERT …',
    });
    expect(failure).toMatchObject({
      code: '1062',
      message: "Duplicate entry '1'",
      detail: 'SQLSTATE HY000',
      statement: 'INSERT …',
    });
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  test.each([
    [1114, /give it more room/],
    [1021, /disk of the server is full/],
    [1969, /max_statement_time/],
    [1206, /innodb_buffer_pool_size/],
    [1197, /max_binlog_cache_size/],
    [20_100, /Only the iterator/],
  ])('%i has a hint', (number, hint) => {
    expect(targetError(sqlError(number)).failure.hint).toMatch(hint);
    expect(eventFailure(number, 'text').hint).toMatch(hint);
  });

  test('an event of the log reads as the error does', () => {
    expect(eventFailure(20_999, 'ORA-20999: no')).toMatchObject({
      code: 'ORA-20999',
      message: 'no',
    });
    expect(eventFailure(1365, 'Division by 0')).toMatchObject({ code: '1365' });
  });

  test('several reasons of one failed connect are told together', () => {
    const both = new AggregateError([new Error('one'), new Error('two')], '');
    expect(reasonOf(both)).toBe('one; two');
    expect(reasonOf(sqlError(1045, 'Access denied'))).toBe('Access denied');
  });
});

test.each([1044, 1142, 1143, 1227, 1370])('%i: not granted', (number) => {
  expect(isDenied(targetError(sqlError(number)))).toBe(true);
  expect(isDenied(targetError(sqlError(1146)))).toBe(false);
});

test.each([1045, 1049, 1130, 1044, 1698, 4151])('%i: the login is refused', (number) => {
  expect(isLoginRefused(sqlError(number))).toBe(true);
  expect(isLoginRefused(new Error('ECONNREFUSED'))).toBe(false);
});

test('a server without encryption says so by a number of the driver', () => {
  expect(isWithoutSsl(sqlError(45_023))).toBe(true);
  expect(isWithoutSsl(sqlError(45_009))).toBe(false);
});
