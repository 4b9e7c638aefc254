import { describe, expect, test } from 'vitest';
import {
  type DriverError,
  errorNumber,
  eventFailure,
  isDenied,
  isLoginRefused,
  isStateDiscarded,
  reasonOf,
  targetError,
} from '../../../src/targets/oracle/errors.ts';

/** An error as the driver makes it from what the server says. */
function ora(number: number, text = 'what the server says', rest = ''): DriverError {
  const code = `ORA-${String(number).padStart(5, '0')}`;
  return Object.assign(new Error(`${code}: ${text}${rest}`), { errorNum: number, code, offset: 0 });
}

/** An error of the driver's own; with the server's message below where it has put its own on top. */
function njs(number: number, message: string): DriverError {
  const code = `NJS-${String(number).padStart(3, '0')}`;
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

/** One or more of each kind; all numbers stand in error-codes.test.ts. */
const KINDS: readonly (readonly [kind: string, ...numbers: number[]])[] = [
  ['lost', 28, 3113, 12_170, 25_408],
  ['retryable', 54, 60, 4021],
  ['retryable', 4061, 4065, 4068],
  ['fenced', 20_409],
  ['failed', 942, 1013, 1555, 1653, 20_007, 20_100, 20_115, 20_410, 20_999, 65_000],
];

describe('what a number means', () => {
  test.each(
    KINDS.flatMap(([kind, ...numbers]) => numbers.map((number) => [number, kind] as const)),
  )('ORA %i: %s', (number, kind) => {
    const error = targetError(ora(number));
    expect(error.kind).toBe(kind);
    expect(error.failure.code).toBe(`ORA-${String(number).padStart(5, '0')}`);
    expect(errorNumber(ora(number))).toBe(kind === 'lost' ? null : number);
  });

  test.each([3, 500, 521])('NJS %i: lost', (number) => {
    expect(targetError(njs(number, 'the connection is gone')).kind).toBe('lost');
  });

  test('a wrong use of the driver is a failure with the driver code', () => {
    const { kind, failure } = targetError(njs(44, 'bind object must contain one of the keys'));
    expect(kind).toBe('failed');
    expect(failure).toMatchObject({
      code: 'NJS-044',
      message: 'bind object must contain one of the keys',
    });
  });

  test('an end of statement that we asked for is a cancel, any other a failure', () => {
    const error = ora(1013, 'user requested cancel of current operation');
    expect(targetError(error, { cancelAsked: true }).kind).toBe('cancelled');
    expect(targetError(error).kind).toBe('failed');
  });

  test('a session that dies of the cancel is lost, not cancelled', () => {
    expect(targetError(ora(28), { cancelAsked: true }).kind).toBe('lost');
  });

  test('an error that nobody has numbered comes from the network', () => {
    const error = new AggregateError([new Error('ECONNREFUSED ::1'), new Error('ECONNREFUSED')]);
    error.message = '';
    expect(targetError(error)).toMatchObject({
      kind: 'lost',
      failure: { code: 'ORA-03113', message: 'ECONNREFUSED ::1; ECONNREFUSED' },
    });
    expect(reasonOf('plain text')).toBe('plain text');
  });

  test('the number of the server counts where the driver puts its own on top', () => {
    const closed = njs(500, 'connection to the Oracle Database was broken\nORA-03113: end-of-file');
    expect(targetError(closed)).toMatchObject({ kind: 'lost', failure: { code: 'ORA-03113' } });
    const internal = njs(500, 'connection was broken\nORA-00600: internal error code [kcbz]');
    expect(targetError(internal)).toMatchObject({
      kind: 'failed',
      failure: { code: 'ORA-00600', message: 'internal error code [kcbz]' },
    });
  });

  test('behind an error of recursive SQL or of a parallel server stands the cause', () => {
    const deadlock = ora(
      12_801,
      'error signaled in parallel query server P001',
      '\nORA-00060: deadlock',
    );
    expect(targetError(deadlock)).toMatchObject({
      kind: 'retryable',
      failure: { code: 'ORA-00060' },
    });
    expect(errorNumber(ora(604, 'error occurred at level 1', '\nORA-20001: no'))).toBe(20_001);
    expect(errorNumber(ora(604, 'nothing behind it'))).toBe(604);
  });

  test('an error that is understood stays as it is', () => {
    const first = targetError(ora(942));
    expect(targetError(first)).toBe(first);
    expect(errorNumber(first)).toBe(942);
  });

  test('rights, logins and discarded packages have their names', () => {
    expect([1031, 41_900, 942].map((number) => isDenied(ora(number)))).toEqual([true, true, false]);
    expect([1017, 28_000, 12_541].map((number) => isLoginRefused(ora(number)))).toEqual([
      true,
      true,
      false,
    ]);
    expect([4061, 4065, 4068, 4063].map((number) => isStateDiscarded(ora(number)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('what a person can do', () => {
  test('the hint of a failure is made of its message', () => {
    const error = ora(1653, 'unable to extend table APP.ORDERS by 128 in tablespace USERS');
    expect(targetError(error).failure.hint).toContain('USERS has no room for table APP.ORDERS');
  });

  test('an error without a remedy of its own has no hint', () => {
    expect(targetError(ora(1, 'unique constraint (APP.PK) violated')).failure.hint).toBeNull();
  });
});

describe('where it failed', () => {
  const LINES = { PURGE: { file: '20-body.sql', line: 11 } };
  const STACK = [
    'ORA-06512: at "ODTM.DOM$DOOR", line 210',
    'ORA-06512: at "ODTM.PURGE", line 7',
    'ORA-06512: at line 1',
  ].join('\n');

  test('message, stack, statement, file and line', () => {
    const error = ora(
      942,
      'table or view does not exist',
      `\n${STACK}\nHelp: https://docs.oracle.com/x`,
    );
    expect(targetError(error, { statement: 'DROP TABLE app.t' }, LINES).failure).toMatchObject({
      code: 'ORA-00942',
      message: 'table or view does not exist',
      context: STACK,
      statement: 'DROP TABLE app.t',
      file: '20-body.sql',
      line: 17,
    });
  });

  test('an event of the live log has the same parts', () => {
    const failure = eventFailure(942, `ORA-00942: table or view does not exist\n${STACK}`, LINES);
    expect(failure).toMatchObject({
      code: 'ORA-00942',
      message: 'table or view does not exist',
      context: STACK,
      file: '20-body.sql',
      line: 17,
    });
  });

  test('a stack without the package has no place', () => {
    const { failure } = targetError(ora(942, 'gone', '\nORA-06512: at line 1'), {}, LINES);
    expect(failure).toMatchObject({ context: 'ORA-06512: at line 1', file: null, line: null });
    expect(targetError(ora(942, 'gone'), {}, LINES).failure).toMatchObject({
      context: null,
      file: null,
    });
  });
});
