import { TargetError } from '../../ports/target.ts';
import type { EngineParts, LineMap, LiveSession } from '../plsql/engine-parts.ts';
import type { ErrorScene } from '../plsql/error-scene.ts';
import type { PlsqlConnection, Querier } from '../plsql/querier.ts';
import { Connection, reopenConnection } from './connection.ts';
import { errorNumber, eventFailure, targetError } from './errors.ts';
import { quoteIdentifier } from './quoting.ts';

/** What Oracle does in its own way for a stream's foothold. */
export const oracleParts: EngineParts = {
  open: reopenConnection,
  targetError: explained,
  eventFailure: (code, message) => eventFailure(code, message),
  errorNumber,
  quote: quoteIdentifier,
  // The stack of an error tells its place.
  placeOf: async () => null,
  enter: (connection, handle, attempt) => ours(connection).enter(handle, attempt),
  liveSessions,
  alive,
  cancel,
  kill,
};

/** The session knew no lines when it rejected: the error is read once more with them. */
function explained(error: unknown, scene: ErrorScene, lines: LineMap): TargetError {
  const isFresh =
    error instanceof TargetError && error.cause !== undefined && error.kind !== 'lost';
  return targetError(isFresh ? error.cause : error, scene, lines);
}

function ours(session: Querier | PlsqlConnection): Connection {
  if (session instanceof Connection) return session;
  throw new TypeError('a session of another engine');
}

/** PL/SQL gives back no longer text. */
const LIST_BYTES = 32_767;

async function liveSessions(monitor: Querier, handle: string): Promise<readonly LiveSession[]> {
  const block = 'BEGIN dom$control.live_sessions(:1, :out_sessions); END;';
  const [list = ''] = await ours(monitor).ask(block, [handle], [LIST_BYTES]);
  return entriesOf(list).map((entry) => {
    const [sessionNo = '', serverSession = ''] = entry.split(':', 2);
    return { sessionNo: Number(sessionNo), serverSession };
  });
}

async function alive(
  monitor: Querier,
  serverSessions: readonly string[],
  working = false,
): Promise<ReadonlySet<string>> {
  if (serverSessions.length === 0) return new Set();
  const block = 'BEGIN dom$control.alive(:1, :2, :out_alive); END;';
  const values = [serverSessions.join(';'), working ? 'Y' : 'N'];
  const [list = ''] = await ours(monitor).ask(block, values, [LIST_BYTES]);
  return new Set(entriesOf(list));
}

function entriesOf(list: string): string[] {
  return list.split(';').filter((entry) => entry !== '');
}

/** A break that has done nothing for so long is followed by a request of the monitor session. */
const CANCEL_SQL_AFTER_MS = 1_000;

async function cancel(monitor: Querier, connection: PlsqlConnection): Promise<void> {
  const askedForMs = await ours(connection).cancel();
  if (askedForMs < CANCEL_SQL_AFTER_MS) return;
  const { sid, serial, instance } = sessionId(connection.serverSession);
  await alterSystem(monitor, `CANCEL SQL '${sid}, ${serial}, @${instance}'`);
}

async function kill(monitor: Querier, serverSession: string): Promise<void> {
  const { sid, serial, instance } = sessionId(serverSession);
  await alterSystem(monitor, `KILL SESSION '${sid},${serial},@${instance}' IMMEDIATE`);
}

interface SessionId {
  readonly sid: string;
  /** `?` where nobody may know it. */
  readonly serial: string;
  readonly instance: string;
}

function sessionId(serverSession: string): SessionId {
  const [, sid, serial, instance] = /^\S+ (\d+),(\d+|\?),@(\d+)$/.exec(serverSession) ?? [];
  if (sid === undefined || serial === undefined || instance === undefined)
    throw new RangeError(`"${serverSession}" names no session`);
  return { sid, serial, instance };
}

const NO_PRIVILEGE = 1031;
/** No such session; marked for kill, which ends when its rollback does; the session of the caller. */
const AS_GOOD_AS_DONE = new Set([26, 27, 30, 31]);

/** Monitor sessions that may not alter the system: what they cannot end has to end by itself. */
const powerless = new WeakSet<Querier>();

async function alterSystem(monitor: Querier, what: string): Promise<void> {
  if (powerless.has(monitor) || what.includes('?')) return;
  try {
    await monitor.execute(`ALTER SYSTEM ${what}`);
  } catch (error) {
    const number = errorNumber(error) ?? 0;
    if (number === NO_PRIVILEGE) powerless.add(monitor);
    else if (!AS_GOOD_AS_DONE.has(number)) throw error;
  }
}
