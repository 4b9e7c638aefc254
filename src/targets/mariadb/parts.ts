import type { ConnectOptions } from '../../ports/target.ts';
import type { EngineParts, LiveSession, OpenOptions } from '../plsql/engine-parts.ts';
import type { PlsqlConnection, Querier } from '../plsql/querier.ts';
import { reopenConnection } from './connection.ts';
import { errno, eventFailure, targetError } from './errors.ts';
import { quoteIdentifier } from './quoting.ts';

const NO_SUCH_THREAD = 1094;

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
  const held = rows.filter(({ holder }) => holder !== null);
  const there = await alive(
    monitor,
    held.map(({ holder }) => String(holder)),
  );
  return held
    .filter(({ holder }) => there.has(String(holder)))
    .map(({ session_no, holder }) => ({ sessionNo: session_no, serverSession: String(holder) }));
}

/** A session idle for seconds, while we wait for its answer, has sent that answer into nothing. */
const IDLE_SECONDS = 3;

async function alive(
  monitor: Querier,
  serverSessions: readonly string[],
  working = false,
): Promise<ReadonlySet<string>> {
  const ids = serverSessions.map(Number).filter(Number.isSafeInteger);
  if (ids.length === 0) return new Set();
  const idle = working ? `AND NOT (p.command = 'Sleep' AND p.time >= ${IDLE_SECONDS})` : '';
  const rows = await monitor.query<{ id: number }>(
    `SELECT p.id FROM information_schema.processlist p
     WHERE p.id IN (${ids.map((_, index) => `:${index + 1}`).join(', ')}) ${idle}`,
    ids,
  );
  return new Set(rows.map(({ id }) => String(id)));
}

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
    if (errno(error) !== NO_SUCH_THREAD) throw error;
  }
}
