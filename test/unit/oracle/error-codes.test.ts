import { describe, expect, test } from 'vitest';
import {
  isDeniedCode,
  isDiscardedCode,
  isLoginCode,
  isLostOfDriver,
  kindOfOra,
} from '../../../src/targets/oracle/error-codes.ts';

type Class = 'lost' | 'retryable' | 'discarded' | 'denied' | 'login' | 'final';

type Row = readonly [number: number, meaning: string, ...classes: readonly Class[]];

/** What Oracle means by the number, in the words of its manual, and what follows from that for a unit. */
const NUMBERS: readonly Row[] = [
  [22, 'invalid session ID; access denied', 'lost'],
  [28, 'your session has been killed', 'lost'],
  [45, 'your session has been terminated with no replay', 'lost'],
  [51, 'timeout occurred while waiting for a resource', 'retryable'],
  [54, 'resource busy and acquire with NOWAIT specified or timeout expired', 'retryable'],
  [60, 'deadlock detected while waiting for resource', 'retryable'],
  [378, 'buffer pools cannot be created as specified', 'lost'],
  [602, 'internal programming exception', 'lost'],
  [603, 'ORACLE server session terminated by fatal error', 'lost'],
  [609, 'could not attach to incoming connection', 'lost'],
  [1005, 'null password given; logon denied', 'login'],
  [1012, 'not logged on', 'lost'],
  [1017, 'invalid username/password; logon denied', 'login'],
  [1031, 'insufficient privileges', 'denied'],
  [1033, 'ORACLE initialization or shutdown in progress', 'lost'],
  [1034, 'ORACLE not available', 'lost'],
  [1035, 'ORACLE only available to users with RESTRICTED SESSION privilege', 'login'],
  [1041, 'internal error. hostdef extension doesn’t exist', 'lost'],
  [1043, 'user side memory corruption', 'lost'],
  [1045, 'user lacks CREATE SESSION privilege; logon denied', 'login'],
  [1089, 'immediate shutdown or close in progress - no operations are permitted', 'lost'],
  [1090, 'shutdown in progress - connection is not permitted', 'lost'],
  [1092, 'ORACLE instance terminated. Disconnection forced', 'lost'],
  [1109, 'database not open', 'lost'],
  [1720, 'grant option does not exist', 'denied'],
  [1924, 'role not granted or does not exist', 'denied'],
  [2396, 'exceeded maximum idle time, please connect again', 'lost'],
  [2399, 'exceeded maximum connect time, you are being logged off', 'lost'],
  [3113, 'end-of-file on communication channel', 'lost'],
  [3114, 'not connected to ORACLE', 'lost'],
  [3117, 'two-task save area overflow', 'lost'],
  [3122, 'attempt to close ORACLE-side window on user side', 'lost'],
  [3135, 'connection lost contact', 'lost'],
  [3136, 'inbound connection timed out', 'lost'],
  [4020, 'deadlock detected while trying to lock object', 'retryable'],
  [4021, 'timeout occurred while waiting to lock object', 'retryable'],
  [4061, 'existing state of the package has been invalidated', 'retryable', 'discarded'],
  [4065, 'not executed, altered or dropped stored procedure', 'retryable', 'discarded'],
  [4068, 'existing state of packages has been discarded', 'retryable', 'discarded'],
  [8103, 'object no longer exists', 'retryable'],
  [8104, 'this index object is being online built or rebuilt', 'retryable'],
  [8176, 'consistent read failure; rollback data not available', 'retryable'],
  [8177, 'can’t serialize access for this transaction', 'retryable'],
  [12_150, 'TNS: unable to send data', 'lost'],
  [12_151, 'TNS: received bad packet type from network layer', 'lost'],
  [12_152, 'TNS: unable to send break message', 'lost'],
  [12_153, 'TNS: not connected', 'lost'],
  [12_154, 'TNS: could not resolve the connect identifier specified', 'login'],
  [12_157, 'TNS: internal network communication error', 'lost'],
  [12_161, 'TNS: internal error: partial data received', 'lost'],
  [12_170, 'TNS: connect timeout occurred', 'lost'],
  [12_224, 'TNS: no listener', 'lost'],
  [12_505, 'TNS: listener does not currently know of SID', 'login'],
  [12_514, 'TNS: listener does not currently know of service', 'lost'],
  [12_516, 'TNS: listener could not find available handler with matching protocol', 'lost'],
  [12_518, 'TNS: listener could not hand off client connection', 'lost'],
  [12_519, 'TNS: no appropriate service handler found', 'lost'],
  [12_520, 'TNS: listener could not find available handler for requested type', 'lost'],
  [12_521, 'TNS: listener does not currently know of instance', 'lost'],
  [12_528, 'TNS: all appropriate instances are blocking new connections', 'lost'],
  [12_537, 'TNS: connection closed', 'lost'],
  [12_541, 'TNS: no listener', 'lost'],
  [12_543, 'TNS: destination host unreachable', 'lost'],
  [12_545, 'connect failed because target host or object does not exist', 'lost'],
  [12_547, 'TNS: lost contact', 'lost'],
  [12_560, 'TNS: protocol adapter error', 'lost'],
  [12_570, 'TNS: packet reader failure', 'lost'],
  [12_571, 'TNS: packet writer failure', 'lost'],
  [12_583, 'TNS: no reader', 'lost'],
  [12_592, 'TNS: bad packet', 'lost'],
  [12_606, 'TNS: application timeout occurred', 'lost'],
  [12_608, 'TNS: send timeout occurred', 'lost'],
  [12_609, 'TNS: receive timeout occurred', 'lost'],
  [12_637, 'packet receive failed', 'lost'],
  [12_829, 'deadlock: ITLs occupied by siblings', 'retryable'],
  [12_842, 'cursor invalidated during parallel execution', 'retryable'],
  [30_006, 'resource busy; acquire with WAIT timeout expired', 'retryable'],
  [14_403, 'cursor invalidation detected after getting DML partition lock', 'retryable'],
  [24_324, 'service handle not initialized', 'lost'],
  [25_400, 'must replay fetch', 'lost'],
  [25_401, 'cannot continue fetches', 'lost'],
  [25_402, 'transaction must roll back', 'lost'],
  [25_403, 'could not reconnect', 'lost'],
  [25_404, 'lost instance', 'lost'],
  [25_405, 'transaction status unknown', 'lost'],
  [25_407, 'connection terminated', 'lost'],
  [25_408, 'cannot safely replay call', 'lost'],
  [25_409, 'failover happened during the network operation, cannot continue', 'lost'],
  [27_146, 'post/wait initialization failed', 'lost'],
  [28_000, 'the account is locked', 'login'],
  [28_001, 'the password has expired', 'login'],
  [28_040, 'no matching authentication protocol', 'login'],
  [28_365, 'wallet is not open', 'login'],
  [28_511, 'lost RPC connection to heterogeneous remote agent', 'lost'],
  [41_900, 'missing privilege', 'denied'],
  [56_600, 'an illegal OCI function call was issued', 'lost'],
  [65_162, 'password of the common user has expired', 'login'],
  // Those that have a meaning for the work only: no second try and no other session can help.
  [1, 'unique constraint violated', 'final'],
  [30, 'user session ID does not exist', 'final'],
  [31, 'session marked for kill', 'final'],
  [600, 'internal error code', 'final'],
  [604, 'error occurred at recursive SQL level', 'final'],
  [942, 'table or view does not exist', 'final'],
  [1013, 'user requested cancel of current operation', 'final'],
  [1422, 'exact fetch returns more than requested number of rows', 'final'],
  [1536, 'space quota exceeded for tablespace', 'final'],
  [1555, 'snapshot too old', 'final'],
  [1652, 'unable to extend temp segment', 'final'],
  [1653, 'unable to extend table', 'final'],
  [1654, 'unable to extend index', 'final'],
  [1658, 'unable to create INITIAL extent', 'final'],
  [2291, 'integrity constraint violated - parent key not found', 'final'],
  [4063, 'has errors', 'final'],
  [7445, 'exception encountered: core dump', 'final'],
  [20_100, 'nothing left', 'final'],
  [30_036, 'unable to extend segment in undo tablespace', 'final'],
];

/** The driver's own numbers: there is no connection, or none could be made. */
const DRIVER_NUMBERS: readonly (readonly [number: number, meaning: string, lost: boolean])[] = [
  [3, 'invalid or closed connection', true],
  [11, 'encountered bind value and type mismatch', false],
  [40, 'connection request timeout', true],
  [44, 'bind object must contain one of the keys', false],
  [123, 'call timeout exceeded', true],
  [500, 'connection to Oracle Database was closed or broken', true],
  [501, 'connection terminated unexpectedly', true],
  [503, 'connection could not be established', true],
  [504, 'connection establishment through a web proxy failed', true],
  [506, 'TLS handshake failure', true],
  [510, 'connection timed out', true],
  [511, 'connection to listener was refused', true],
  [512, 'invalid connection string parameters', true],
  [513, 'error received through in-band notification', true],
  [514, 'syntax error in connection string', false],
  [518, 'service is not registered with the listener', true],
  [521, 'received end-of-file on communication channel', true],
];

const ORA_MAX = 65_999;
const NJS_MAX = 999;

function classesOf(number: number): Class[] {
  const kind = kindOfOra(number);
  const classes: Class[] = kind === 'lost' || kind === 'retryable' ? [kind] : [];
  if (isDiscardedCode(number)) classes.push('discarded');
  if (isDeniedCode(number)) classes.push('denied');
  if (isLoginCode(number)) classes.push('login');
  return classes.length === 0 ? ['final'] : classes;
}

function upTo(max: number): number[] {
  return Array.from({ length: max + 1 }, (_, number) => number);
}

describe('what a number of the server means', () => {
  test.each(NUMBERS.map(([number, meaning, ...classes]) => ({ number, meaning, classes })))(
    'ORA $number: $meaning',
    ({ number, classes }) => {
      expect(classesOf(number)).toEqual(classes);
      const isOfConnection = classes.includes('lost') || classes.includes('retryable');
      if (!isOfConnection) expect(kindOfOra(number)).toBe('failed');
    },
  );

  test('every number that has a class stands in this table, once', () => {
    const told = NUMBERS.map(([number]) => number);
    expect(new Set(told).size).toBe(told.length);
    const classed = upTo(ORA_MAX).filter((number) => classesOf(number)[0] !== 'final');
    expect(classed.filter((number) => !told.includes(number))).toEqual([]);
  });
});

describe('what a number of the driver means', () => {
  test.each(DRIVER_NUMBERS)('NJS %i: %s', (number, _meaning, lost) => {
    expect(isLostOfDriver(number)).toBe(lost);
  });

  test('every number of the driver that is of a lost connection stands in this table', () => {
    const told = DRIVER_NUMBERS.flatMap(([number, , lost]) => (lost ? [number] : []));
    expect(upTo(NJS_MAX).filter(isLostOfDriver)).toEqual(told);
  });
});
