import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { SpawnedController } from '../cli/services.ts';
import { odtmError } from '../core/errors/catalogue.ts';
import { CONTROLLER_ALIVE_MS } from '../core/run/controller-life.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControllerStore } from '../ports/repository.ts';
import type { Environment, RepositoryPlace } from './configuration.ts';
import { controllerLogOf } from './repository-server.ts';

const LOOK_EVERY_MS = 50;
const LONGEST_START_MS = 20_000;

export interface BackgroundParts {
  readonly place: RepositoryPlace;
  readonly env: Environment;
  readonly clock: Clock;
  readonly controllers: Pick<ControllerStore, 'alive'>;
}

/**
 * Starts a controller that outlives this process and ends when nothing is left to do; resolves when it has
 * signed on.
 */
export async function spawnController(parts: BackgroundParts): Promise<SpawnedController> {
  const { place, clock, controllers } = parts;
  const logFile = controllerLogOf(place);
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, 'a', 0o600);
  const main = join(import.meta.dirname, `main${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, main, 'controller', '--until-idle'], {
    // By variables and not by flags, because a URL may hold a password and flags are seen by everybody.
    env: { ...parts.env, ...repositoryVariables(place) },
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  child.unref();
  await log.close();
  const startedMs = clock.monotonicMs();
  while (clock.monotonicMs() - startedMs < LONGEST_START_MS && child.exitCode === null) {
    const alive = await controllers.alive(CONTROLLER_ALIVE_MS);
    if (alive.length > 0) return { pid: child.pid ?? 0, logFile };
    await clock.sleep(LOOK_EVERY_MS);
  }
  const reason = `the background controller did not sign on; its log is ${logFile}`;
  throw odtmError('INTERNAL', { reason });
}

function repositoryVariables(place: RepositoryPlace): Record<string, string> {
  return place.kind === 'url'
    ? { ODTM_REPOSITORY: place.url, ODTM_DATA_DIR: '' }
    : { ODTM_REPOSITORY: '', ODTM_DATA_DIR: place.dataDir };
}
