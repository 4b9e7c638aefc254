import type { TargetErrorKind } from '../../ports/target.ts';

/** The session or the way to it is over: what became of its work is unknown until the record is read. */
const LOST = [
  22, // invalid session id; the driver says so of a session that is gone
  28, // your session has been killed
  45, // your session has been terminated with no replay
  378, // buffer pools cannot be created: the instance is going down
  602, // internal programming exception
  603, // server session terminated by fatal error
  609, // could not attach to incoming connection
  1012, // not logged on
  1033, // initialization or shutdown in progress
  1034, // not available
  1041, // internal error; hostdef extension does not exist
  1043, // user side memory corruption
  1089, // immediate shutdown in progress
  1090, // shutdown in progress
  1092, // instance terminated, disconnection forced
  1109, // database not open
  2396, // exceeded maximum idle time
  2399, // exceeded maximum connect time
  3113, // end-of-file on communication channel
  3114, // not connected
  3117, // two-task save area overflow
  3122, // attempt to close a window while it is in use
  3135, // connection lost contact
  3136, // inbound connection timed out
  12150, // unable to send data
  12151, // bad type of packet
  12152, // unable to send a break
  12153, // not connected
  12157, // internal error of the network
  12161, // partial data received
  12170, // connect timeout occurred
  12224, // no listener
  12514, // listener does not know of the service yet
  12516, // listener has no free handler
  12518, // listener could not hand off
  12519, // no appropriate service handler
  12520, // listener has no handler of this type
  12521, // listener does not know of the instance yet
  12528, // all instances are blocking new connections
  12537, // connection closed
  12541, // no listener
  12543, // destination host unreachable
  12545, // host does not exist or cannot be reached
  12547, // lost contact
  12560, // protocol adapter error
  12570, // packet reader failure
  12571, // packet writer failure
  12583, // no reader
  12592, // bad packet
  12606, // application timeout
  12608, // send timed out
  12609, // receive timed out
  12637, // packet receive failed
  24324, // service handle not initialised
  25400, // failover: must replay fetch
  25401, // cannot continue fetches
  25402, // transaction must roll back
  25403, // could not reconnect
  25404, // lost instance
  25405, // transaction status unknown
  25407, // connection terminated
  25408, // cannot safely replay call
  25409, // failover happened during the call
  27146, // post/wait initialisation failed
  28511, // lost its remote connection
  56600, // illegal call
] as const;

/** Trying again may help: nothing is wrong with the work itself. */
const RETRYABLE = [
  51, // timeout while waiting for a resource
  54, // resource busy and NOWAIT or timeout
  60, // deadlock
  8103, // object no longer exists: it was moved or truncated under a query
  8104, // index is being built online
  8176, // changed without undo under a query: an index was built, or rows were loaded directly
  8177, // cannot serialize access
  12_829, // deadlock among parallel servers
  12_842, // schema changed during parallel execution
  4020, // deadlock on an object of the library cache
  4021, // timeout waiting to lock an object of the library cache
  14_403, // the cursor must be parsed again
  30_006, // resource busy, and WAIT n is over
] as const;

/** The package was replaced beneath the session: a fresh session has no such memory. */
const DISCARDED = [4061, 4065, 4068] as const;

/** A right is missing. ORA-00942 may say so too, and says the same of what is not there. */
const DENIED = [1031, 1720, 1924, 41_900] as const;

/** A person must see to it before this login can succeed. */
const LOGIN_REFUSED = [
  1005, // null password given
  1017, // invalid user or password
  1035, // only users with RESTRICTED SESSION
  1045, // user lacks CREATE SESSION
  12_154, // the name of the connection cannot be resolved
  12_505, // the listener does not know this SID
  28_000, // account is locked
  28_001, // password has expired
  28_040, // no matching authentication protocol
  28_365, // wallet is not open
  65_162, // password of the common user has expired
] as const;

/** What the driver says of itself: the connection is over or could not be made. */
const LOST_BY_DRIVER = [3, 40, 123, 500, 501, 503, 504, 506, 510, 511, 512, 513, 518, 521] as const;

/** The user asked for the end of the statement (ORA-01013), or ALTER SYSTEM CANCEL SQL did. */
export const CANCELLED: ReadonlySet<number> = new Set([1013]);

const KINDS: ReadonlyMap<number, TargetErrorKind> = new Map<number, TargetErrorKind>([
  ...LOST.map((code) => [code, 'lost'] as const),
  ...RETRYABLE.map((code) => [code, 'retryable'] as const),
  ...DISCARDED.map((code) => [code, 'retryable'] as const),
]);

const DRIVER_LOST: ReadonlySet<number> = new Set(LOST_BY_DRIVER);
const DENIED_CODES: ReadonlySet<number> = new Set(DENIED);
const LOGIN_CODES: ReadonlySet<number> = new Set(LOGIN_REFUSED);
const DISCARDED_CODES: ReadonlySet<number> = new Set(DISCARDED);

/** What an ORA number means; everything that is not in the table is final. */
export function kindOfOra(number: number): TargetErrorKind {
  return KINDS.get(number) ?? 'failed';
}

/** Whether a number of the driver's own (NJS-…) says that there is no connection. */
export function isLostOfDriver(number: number): boolean {
  return DRIVER_LOST.has(number);
}

/** Whether an ORA number says that a right is missing. */
export function isDeniedCode(number: number): boolean {
  return DENIED_CODES.has(number);
}

/** Whether an ORA number says that this login will not succeed by trying again. */
export function isLoginCode(number: number): boolean {
  return LOGIN_CODES.has(number);
}

/** Whether an ORA number says that the state of packages in the session has been discarded. */
export function isDiscardedCode(number: number): boolean {
  return DISCARDED_CODES.has(number);
}

/** The code as Oracle writes it: ORA-00942. */
export function oraCode(number: number): string {
  return `ORA-${String(number).padStart(5, '0')}`;
}
