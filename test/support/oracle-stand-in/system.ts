import type { Connection } from '../../../src/targets/mariadb/connection.ts';
import { mariadbParts } from '../../../src/targets/mariadb/parts.ts';
import type { ExecuteResult } from '../orawire/server.ts';
import type { Backing } from './backing.ts';

/** What statements about sessions need of the stand-in. */
export interface SessionHost {
  /** A session of MariaDB with every right. */
  readonly admin: Connection;
  /** The session of the wire with this sid, as long as it lives. */
  find(sid: number): Backing | undefined;
  /** The name of a session that lives or lived. */
  nameOf(sid: number): string;
  kill(backing: Backing): Promise<void>;
}

const NO_SUCH_SESSION = { code: 30, message: 'User session ID does not exist.' };

/** ALTER SYSTEM, as far as a controller says it; null: it is another statement. */
export async function alterSystem(
  sql: string,
  caller: Backing,
  host: SessionHost,
): Promise<ExecuteResult | null> {
  const [, what, sid] =
    /^ALTER SYSTEM (KILL SESSION|CANCEL SQL) '(\d+), ?\d+, ?@1'(?: IMMEDIATE)?$/.exec(sql) ?? [];
  if (what === undefined) return null;
  const backing = host.find(Number(sid));
  if (backing === undefined) throw NO_SUCH_SESSION;
  if (backing === caller) throw { code: 27, message: 'cannot kill current session' };
  if (what === 'KILL SESSION') await host.kill(backing);
  else await host.admin.query(`KILL QUERY ${backing.id}`);
  return {};
}

/** dom$control.live_sessions, by what MariaDB knows of its sessions. */
export async function liveSessions(
  handle: string,
  caller: Backing,
  host: SessionHost,
): Promise<ExecuteResult> {
  const { connection } = caller;
  const live = await mariadbParts.liveSessions(connection, handle);
  const others = live.filter(({ serverSession }) => Number(serverSession) !== caller.id);
  const rows = await connection.query<{ session_no: number }>(
    'SELECT s.session_no FROM dom$session s WHERE s.handle = :1',
    [handle],
  );
  for (const { session_no } of rows) {
    if (live.some(({ sessionNo }) => sessionNo === session_no)) continue;
    await connection.execute('DELETE FROM dom$log WHERE session_no = :1', [session_no]);
    await connection.execute('DELETE FROM dom$session WHERE session_no = :1', [session_no]);
  }
  await connection.commit();
  const list = others.map((each) => `${each.sessionNo}:${host.nameOf(Number(each.serverSession))}`);
  return out('out_sessions', list);
}

/** dom$control.alive, by what MariaDB knows of its sessions. */
export async function alive(
  names: string,
  working: string,
  host: SessionHost,
): Promise<ExecuteResult> {
  const all = names.split(';');
  const ids = all.map((name) => String(sidOf(name)));
  const there = await mariadbParts.alive(host.admin, ids, working === 'Y');
  return out(
    'out_alive',
    all.filter((name) => there.has(String(sidOf(name)))),
  );
}

function sidOf(name: string): number {
  return Number(/ (\d+),/.exec(name)?.[1]);
}

function out(name: string, list: readonly string[]): ExecuteResult {
  const value = list.length === 0 ? null : list.join(';');
  return { outBinds: { [name]: value }, pureOut: [name] };
}
