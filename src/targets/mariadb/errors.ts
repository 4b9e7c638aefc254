import { SqlError } from 'mariadb';
import { type Failure, plainFailure } from '../../core/run/failure.ts';
import { TargetError, type TargetErrorKind } from '../../ports/target.ts';
import { type ErrorScene, RAISED } from '../plsql/error-scene.ts';

/** What a raise_application_error of package code or framework comes as. */
const RAISED_STATE = '45000';
const FIRST_RAISED = 20_000;
const LAST_RAISED = 20_999;

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
/** With innodb_snapshot_isolation: somebody has changed the row since the snapshot. */
const RECORD_CHANGED = 1020;
const RETRYABLE = new Set([DEADLOCK, LOCK_WAIT_TIMEOUT, RECORD_CHANGED]);

const QUERY_INTERRUPTED = 1317;
/** Killed, shut down, aborted, packet broken, gone away; then what the driver itself says of its socket. */
const SESSION_ENDED = new Set([1927, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 2006, 2013]);
const FIRST_OF_DRIVER = 45_000;
const LAST_OF_DRIVER = 45_999;

/** Database, table, command, procedure, column: not granted; SUPER or another global privilege needed. */
const DENIED = new Set([1044, 1142, 1143, 1227, 1370, 1410, 1419]);
/** User and password, host, database, too many of one user. */
const LOGIN_REFUSED = new Set([1045, 1130, 1049, 1044, 1698, 1226, 1820, 1862, 4151]);

/** The number of an error that the server reported, else null. */
export function errno(error: unknown): number | null {
  const cause = error instanceof TargetError ? error.cause : error;
  return cause instanceof SqlError && !isLost(cause) ? cause.errno : null;
}

/** Whether the user lacks a privilege. */
export function isDenied(error: unknown): boolean {
  return DENIED.has(errno(error) ?? 0);
}

/** Whether a person must see to it before this login can succeed. */
export function isLoginRefused(error: unknown): boolean {
  const cause = error instanceof TargetError ? error.cause : error;
  return cause instanceof SqlError && LOGIN_REFUSED.has(cause.errno);
}

const SSL_DISABLED = 45_023;

/** Whether the server has no encryption to offer. */
export function isWithoutSsl(error: unknown): boolean {
  return error instanceof SqlError && error.errno === SSL_DISABLED;
}

/** The errors that say that the connection is over; all of the driver's own are of that kind. */
function isLost({ errno: number, fatal }: SqlError): boolean {
  if (SESSION_ENDED.has(number)) return true;
  if (number >= FIRST_OF_DRIVER && number <= LAST_OF_DRIVER) return true;
  return fatal && number !== QUERY_INTERRUPTED && number < 1000;
}

/** What a rejected statement means. An error that the server did not report is a lost connection. */
export function targetError(error: unknown, scene: ErrorScene = {}): TargetError {
  if (error instanceof TargetError) return error;
  if (!(error instanceof SqlError) || isLost(error))
    return new TargetError('lost', plainFailure('ODTM', reasonOf(error)), error);
  return new TargetError(kindOf(error, scene), failureOf(error, scene), error);
}

function kindOf(error: SqlError, scene: ErrorScene): TargetErrorKind {
  if (isRaised(error.errno) && error.errno === RAISED.fenced) return 'fenced';
  if (RETRYABLE.has(error.errno)) return 'retryable';
  if (error.errno === QUERY_INTERRUPTED && scene.cancelAsked === true) return 'cancelled';
  return 'failed';
}

function isRaised(number: number): boolean {
  return number >= FIRST_RAISED && number <= LAST_RAISED;
}

const HINTS: Readonly<Record<number, string>> = {
  [RAISED.complete]: 'Only the iterator may call DOM.operation_complete.',
  1429: 'Nothing connects to the server of that federated table.',
  1114: 'The table or the temporary space is full: give it more room, or free some.',
  1021: 'The disk of the server is full: free some room; the server goes on by itself.',
  1969: 'max_statement_time ended the statement: raise it for the user of ODTM.',
  1206: 'The lock table is full: raise innodb_buffer_pool_size, or work in smaller chunks.',
  1297: 'max_binlog_cache_size is too small for this transaction: raise it, or work in smaller chunks.',
  1197: 'max_binlog_cache_size is too small for this transaction: raise it, or work in smaller chunks.',
};

function failureOf(error: SqlError, scene: ErrorScene): Failure {
  const number = error.errno;
  const message = error.sqlMessage ?? error.message;
  const raised = isRaised(number) && error.sqlState === RAISED_STATE;
  return {
    ...plainFailure(
      raised ? `ORA-${number}` : String(number),
      raised ? message.replace(/^ORA-\d+: /, '') : message,
      HINTS[number] ?? null,
    ),
    detail: raised ? null : `SQLSTATE ${error.sqlState}`,
    statement: scene.statement ?? null,
  };
}

/** The failure that an event of the live log tells of. */
export function eventFailure(code: number, message: string): Failure {
  const raised = isRaised(code);
  const text = raised ? message.replace(/^ORA-\d+: /, '') : message;
  return plainFailure(raised ? `ORA-${code}` : String(code), text, HINTS[code] ?? null);
}

/** An error in words: what the server said, without the statement that the driver adds. */
export function reasonOf(error: unknown): string {
  if (error instanceof SqlError) return error.sqlMessage ?? error.message;
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
