import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Account, run } from './account.ts';
import { configure } from './cluster.ts';
import { logTail, serverFailure } from './failure.ts';
import type { Install } from './install.ts';
import type { Place } from './location.ts';
import { clusterProcesses, killCluster, livePostmaster, signal, until } from './processes.ts';
import { SERVER_HOST, type StopMode } from './server.ts';

const START_SECONDS = '120';
const STOP_MS = 60_000;
const ORPHAN_MS = 2_000;
const PORT_TRIES = 5;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/** What a start needs to know. */
export interface StartOrder {
  readonly place: Place;
  readonly account: Account | undefined;
  readonly install: Install;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts the postmaster and waits until it takes connections. The port of the last start is kept
 * where it is still free.
 * @throws EMBEDDED_SERVER_FAILED with the end of the server's log.
 */
export async function startPostmaster(order: StartOrder): Promise<void> {
  await clearTraces(order.place);
  await limitLog(order.place);
  let port = await usualPort(order.place);
  for (let attempt = 1; ; attempt += 1) {
    await configure(order.place, port, order.settings);
    const said = await tryStart(order);
    if (said === undefined) return;
    // Between the look for a free port and the start somebody else may have taken it.
    const portTaken = /Address already in use|could not bind/.test(said);
    if (!portTaken || attempt === PORT_TRIES) {
      throw await serverFailure(order.place, 'start', said.split('\n').at(-1) ?? said);
    }
    port = await freePort(0);
  }
}

/** What the failed start left in the log; undefined when it went well. */
async function tryStart({ place, account, install }: StartOrder): Promise<string | undefined> {
  const { size } = await stat(place.logFile);
  const { code, output } = await run(account, join(install, 'bin', 'pg_ctl'), [
    ...['start', '--wait', '--timeout', START_SECONDS, '--silent'],
    ...['--pgdata', place.cluster, '--log', place.logFile],
  ]);
  return code === 0 ? undefined : `${await logTail(place, size)}\n${output}`;
}

/**
 * What a killed postmaster leaves: children that still hold its memory, and a pid file whose pid is a
 * zombie or a stranger's by now, which PostgreSQL would take for a running server.
 */
async function clearTraces(place: Place): Promise<void> {
  const gone = async () => (await clusterProcesses(place)).length === 0;
  if (!(await until(gone, ORPHAN_MS))) await killCluster(place);
  await rm(join(place.cluster, 'postmaster.pid'), { force: true });
}

async function limitLog(place: Place): Promise<void> {
  const { size, uid, gid } = await stat(place.logFile);
  if (size <= LOG_LIMIT_BYTES) return;
  await rename(place.logFile, `${place.logFile}.1`);
  await using file = await open(place.logFile, 'wx', 0o600);
  if (process.getuid?.() === 0) await file.chown(uid, gid);
}

async function usualPort(place: Place): Promise<number> {
  const text = await readFile(place.portFile, 'utf8').catch(() => '');
  return freePort(Number(text) || 0).catch(() => freePort(0));
}

/** The port, when it can be listened on now; for 0 any free one. Rejects when it is taken. */
function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: SERVER_HOST, port, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(found));
    });
  });
}

/**
 * Stops the postmaster and waits until it is gone. False when none was running.
 * @throws EMBEDDED_SERVER_FAILED when it does not end within a minute.
 */
export async function stopPostmaster(place: Place, mode: StopMode): Promise<boolean> {
  const pid = await livePostmaster(place);
  if (pid === undefined) return false;
  signal(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const ended = await until(async () => (await livePostmaster(place)) !== pid, STOP_MS);
  if (!ended) throw await serverFailure(place, 'stop', `process ${pid} still runs after a minute`);
  return true;
}
