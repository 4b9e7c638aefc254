import { OdtmError } from '../../core/errors/catalogue.ts';
import { accountOf, createCluster, hasCluster, preparePlace } from './cluster.ts';
import { serverFailure } from './failure.ts';
import { usableInstall } from './install.ts';
import { type Place, placeOf } from './location.ts';
import { withLock } from './lock.ts';
import { startPostmaster, stopPostmaster } from './postmaster.ts';
import { type Answer, probe } from './probe.ts';
import { killCluster, livePostmaster, until } from './processes.ts';
import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  SERVER_HOST,
  SERVER_USER,
  type ServerStatus,
  type StopMode,
} from './server.ts';

const SETTLE_MS = 60_000;

type Up = Extract<Answer, { state: 'up' }>;

/**
 * The running server of a data directory: found, or made and started. A server outlives the process
 * that started it, and the next caller adopts it. Safe when several processes call it at once.
 * @throws EMBEDDED_SERVER_FAILED with the reason and the end of the server's log.
 */
export async function ensureServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const place = placeOf(options.dataDir);
  return withLock(place.dataDir, async () => {
    try {
      return await adoptOrStart(place, options);
    } catch (error) {
      if (error instanceof OdtmError) throw error;
      // Mostly the file system refusing something; its message names the path.
      throw await serverFailure(place, 'start', errorText(error), error);
    }
  });
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function adoptOrStart(place: Place, options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const found = await settledAnswer(place);
  if (found.state === 'up') return describe(place, found, true);
  await start(place, options);
  const started = await probe(place);
  if (started.state === 'up') return describe(place, started, false);
  throw await serverFailure(place, 'answer after its start', started.reason);
}

async function start(place: Place, options: EmbeddedServerOptions): Promise<void> {
  const account = await accountOf(place);
  await preparePlace(place, account);
  const install = await usableInstall(place, account, options.installDir);
  if (!(await hasCluster(place))) await createCluster(place, account, install);
  await startPostmaster({ place, account, install, settings: options.settings ?? {} });
}

/** Waits for a server that is about to come up or to go down; one that lives on in silence is an error. */
async function settledAnswer(place: Place): Promise<Answer> {
  let answer = await probe(place);
  if (answer.state === 'up' || (await livePostmaster(place)) === undefined) return answer;
  const settled = await until(async () => {
    answer = await probe(place);
    return answer.state === 'up' || (await livePostmaster(place)) === undefined;
  }, SETTLE_MS);
  if (settled) return answer;
  const pid = await livePostmaster(place);
  throw await serverFailure(place, 'answer', `process ${pid} runs, but: ${answer.reason}`);
}

function describe(place: Place, answer: Up, adopted: boolean): EmbeddedServer {
  const { port, password } = answer.access;
  return {
    url: `postgresql://${SERVER_USER}:${password}@${SERVER_HOST}:${port}/postgres`,
    host: SERVER_HOST,
    port,
    user: SERVER_USER,
    password,
    dataDir: place.dataDir,
    adopted,
    majorVersion: Math.floor(answer.versionNumber / 10_000),
    stop: async (mode) => {
      await stopServer(place.dataDir, mode);
    },
    kill: () => killCluster(place),
  };
}

/**
 * Stops the server of a data directory. False when none was running.
 * @throws EMBEDDED_SERVER_FAILED when it does not end within a minute.
 */
export function stopServer(dataDir: string, mode: StopMode = 'fast'): Promise<boolean> {
  const place = placeOf(dataDir);
  return withLock(place.dataDir, () => stopPostmaster(place, mode));
}

/** Whether the server of a data directory runs, decided by a connection. Changes nothing. */
export async function serverStatus(dataDir: string): Promise<ServerStatus> {
  const place = placeOf(dataDir);
  const answer = await probe(place);
  if (answer.state !== 'up') return { running: false };
  const pid = await livePostmaster(place);
  return {
    running: true,
    port: answer.access.port,
    version: answer.version,
    ...(pid === undefined ? {} : { pid }),
  };
}
