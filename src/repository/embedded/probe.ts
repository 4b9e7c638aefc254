import { readFile, realpath } from 'node:fs/promises';
import { Client, DatabaseError } from 'pg';
import type { Place } from './location.ts';
import { SERVER_HOST, SERVER_USER } from './server.ts';

/** How a server answered a real connection. */
export type Answer =
  | {
      readonly state: 'up';
      readonly access: Access;
      readonly versionNumber: number;
      readonly version: string;
    }
  /** It runs, and takes no connections yet or no more. */
  | { readonly state: 'busy'; readonly reason: string }
  | { readonly state: 'down'; readonly reason: string };

export interface Access {
  readonly port: number;
  readonly password: string;
}

const CONNECT_MS = 5_000;
/** cannot_connect_now (starting or shutting down) and too_many_connections. */
const BUSY_STATES = new Set(['57P03', '53300']);

/**
 * Whether the server of this place runs, decided by a connection and never by its pid file, and by
 * the server's own word about its data directory: another server may have got the port meanwhile.
 */
export async function probe(place: Place): Promise<Answer> {
  const access = await recordedAccess(place);
  if (access === undefined) return { state: 'down', reason: 'it has never been started' };
  const client = new Client({
    host: SERVER_HOST,
    port: access.port,
    user: SERVER_USER,
    password: access.password,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  // An error event after the answer would otherwise end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await identify(client, place, access);
  } catch (error) {
    return explain(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function identify(client: Client, place: Place, access: Access): Promise<Answer> {
  const { rows } = await client.query<{ directory: string; number: string; version: string }>(
    `SELECT current_setting('data_directory') AS directory,
            current_setting('server_version_num') AS number,
            current_setting('server_version') AS version`,
  );
  const row = rows[0];
  if (row === undefined || (await real(row.directory)) !== (await real(place.cluster))) {
    return { state: 'down', reason: `port ${access.port} belongs to another server` };
  }
  return { state: 'up', access, versionNumber: Number(row.number), version: row.version };
}

async function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function explain(error: unknown): Answer {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  const busy = error instanceof DatabaseError && BUSY_STATES.has(error.code ?? '');
  return { state: busy ? 'busy' : 'down', reason };
}

/** Port and password as the last start left them. */
async function recordedAccess(place: Place): Promise<Access | undefined> {
  const [port, password] = await Promise.all([
    readFile(place.portFile, 'utf8').catch(() => ''),
    readFile(place.passwordFile, 'utf8').catch(() => ''),
  ]);
  if (port === '' || password === '') return undefined;
  return { port: Number(port), password: password.trim() };
}
