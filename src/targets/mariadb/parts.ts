import type { ConnectOptions } from '../../ports/target.ts';
import type { EngineParts, LiveSession, OpenOptions } from '../plsql/engine-parts.ts';
import type { PlsqlConnection, Querier } from '../plsql/querier.ts';
import { failedWith, reopenConnection } from './connection.ts';
import { errno, eventFailure, targetError } from './errors.ts';
import { quoteIdentifier } from './quoting.ts';

const NO_SUCH_TABLE = 1146;
const NO_SUCH_THREAD = 1094;
/** A session counts as another user's while it is in a routine that belongs to that user. */
const NOT_OWNER = 1095;

/** What MariaDB does in its own way for a stream's foothold. */
export const mariadbParts: EngineParts = {
  open: (options: ConnectOptions, how: OpenOptions) =>
    reopenConnection(options, { ...how, database: options.instance.database }),
  targetError: (error, scene) => targetError(error, scene),
  eventFailure,
  errorNumber: errno,
  quote: quoteIdentifier,
  placeOf,
  enter,
  liveSessions,
  alive,
  cancel: async (monitor, connection) => kill(monitor, 'QUERY', connection.serverSession),
  kill: (monitor, serverSession) => kill(monitor, 'CONNECTION', serverSession),
};

/** Package code leaves a mark `file:line:routine` before each statement: the server tells no line itself. */
async function placeOf(connection: Querier): ReturnType<EngineParts['placeOf']> {
  const rows = await connection.query<{ mark: string | null }>('SELECT @dom$at AS mark FROM dual');
  const [, file, line, routine] = /^(.*):(\d+):(.*)$/.exec(rows[0]?.mark ?? '') ?? [];
  if (file === undefined) return null;
  return { file, line: Number(line), context: `at ${routine}, ${file} line ${line}` };
}

async function enter(
  connection: PlsqlConnection,
  handle: string,
  attempt: number,
): Promise<number> {
  const sets = await connection.query<{ session_no: number }[]>(
    'BEGIN dom$run.enter(:1, :2, @dom$session); SELECT @dom$session AS session_no; END;',
    [handle, attempt],
  );
  const session = sets[0]?.[0]?.session_no;
  if (session === undefined) throw new Error('a session got no number');
  return session;
}

/** Sessions whose named lock somebody holds: the very session that took it, whatever ids are used again. */
async function liveSessions(monitor: Querier, handle: string): Promise<readonly LiveSession[]> {
  const rows = await monitor.query<{ session_no: number; holder: number | null }>(
    `SELECT s.session_no, IS_USED_LOCK(dom$control.session_lock(s.session_no)) AS holder
     FROM dom$session s WHERE s.handle = :1`,
    [handle],
  );
  return rows.flatMap(({ session_no, holder }) =>
    holder === null ? [] : [{ sessionNo: session_no, serverSession: String(holder) }],
  );
}

/** A session idle for seconds, while we wait for its answer, has sent that answer into nothing. */
const IDLE_SECONDS = 3;

/**
 * What the list of processes shows; and who holds a lock of a session, as the list does not show a session
 * that is in a routine of somebody else to a user without PROCESS.
 */
async function alive(
  monitor: Querier,
  serverSessions: readonly string[],
  working = false,
): Promise<ReadonlySet<string>> {
  const ids = serverSessions.map(Number).filter(Number.isSafeInteger);
  if (ids.length === 0) return new Set();
  const places = ids.map((_, index) => `:${index + 1}`).join(', ');
  const rows = await monitor.query<{ id: number; idle: number }>(
    `SELECT p.id, p.command = 'Sleep' AND p.time >= ${IDLE_SECONDS} AS idle
     FROM information_schema.processlist p WHERE p.id IN (${places})`,
    ids,
  );
  const shown = new Set(rows.map(({ id }) => id));
  const there = rows.filter(({ idle }) => !(working && idle === 1)).map(({ id }) => id);
  const hidden = ids.filter((id) => !shown.has(id));
  return new Set([...there, ...(await holders(monitor, hidden))].map(String));
}

async function holders(monitor: Querier, ids: readonly number[]): Promise<readonly number[]> {
  if (ids.length === 0) return [];
  const places = ids.map((_, index) => `:${index + 1}`).join(', ');
  const locks = monitor.query<{ holder: number | null }>(
    `SELECT IS_USED_LOCK(dom$control.session_lock(s.session_no)) AS holder
     FROM dom$session s WHERE s.server_session IN (${places})`,
    ids.map(String),
  );
  const rows = await locks.catch((error: unknown) => {
    // A preview has its framework in a schema of its own, and its session takes no lock.
    if (failedWith(error, NO_SUCH_TABLE)) return [];
    throw error;
  });
  return rows.flatMap(({ holder }) => (holder !== null && ids.includes(holder) ? [holder] : []));
}

/** A session that this user may not end yet will come out of the routine: whoever asks goes on asking. */
async function kill(
  monitor: Querier,
  what: 'QUERY' | 'CONNECTION',
  serverSession: string,
): Promise<void> {
  const id = Number(serverSession);
  if (!Number.isSafeInteger(id)) throw new RangeError(`${serverSession} is no connection id`);
  try {
    await monitor.query(`KILL ${what} ${id}`);
  } catch (error) {
    if (!failedWith(error, NO_SUCH_THREAD, NOT_OWNER)) throw error;
  }
}
