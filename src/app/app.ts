import { hostname } from 'node:os';
import { PgBossDispatcher } from '../dispatch/pg-boss-dispatcher.ts';
import { type ServingController, startController } from '../executor/controller.ts';
import { driveStream } from '../executor/drive-stream.ts';
import { LogWriter } from '../executor/log-writer.ts';
import { DEFAULT_SETTINGS, type ExecutorPorts, type ExecutorSettings } from '../executor/ports.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { Journal } from '../ports/journal.ts';
import { admitStreams } from '../repository/admission.ts';
import { openRepository, type Repository } from '../repository/repository.ts';
import type { Environment } from './configuration.ts';
import { ReferencedCredentials } from './credentials.ts';
import { engineFor } from './engines.ts';
import { faultsOf } from './fault-points.ts';
import { systemClock, systemIds } from './system-clock.ts';

/** A controller that is told to stop ends after this at the latest; its leases then expire by themselves. */
const LONGEST_STOP_MS = 10_000;
const LONGEST_CLOSE_MS = 3_000;

export interface AppOptions {
  /** URL of the repository's database. */
  readonly url: string;
  readonly env: Environment;
  readonly journal: Journal;
  readonly settings?: Partial<ExecutorSettings>;
}

/** The program around one repository. */
export interface App {
  readonly repository: Repository;
  readonly dispatcher: PgBossDispatcher;
  readonly credentials: Credentials;
  startController(slots: number): Promise<ServingController>;
  /** Stops the controllers that were started here and closes every connection. */
  close(): Promise<void>;
}

/**
 * Opens and migrates the repository and builds everything around it.
 * @throws OdtmError REPOSITORY_UNREACHABLE, REPOSITORY_NEWER
 */
export async function buildApp(options: AppOptions): Promise<App> {
  const { url, env, journal } = options;
  const clock = systemClock;
  const repository = await openMigrated(url, journal);
  const credentials = new ReferencedCredentials({ env, journal });
  const dispatcher = new PgBossDispatcher({
    url,
    clock,
    ids: systemIds,
    journal,
    admitStreams: (send) => admitStreams(repository, send),
  });
  const executor: ExecutorPorts = {
    streams: repository.streams,
    packages: repository.packages,
    instances: repository.instances,
    credentials,
    engine: engineFor,
    clock,
    journal,
    faults: faultsOf(env, clock),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
  };
  const controllers: ServingController[] = [];
  return {
    repository,
    dispatcher,
    credentials,
    startController: async (slots) => {
      const controller = await serve(executor, repository, dispatcher, slots);
      controllers.push(controller);
      return controller;
    },
    close: async () => {
      await Promise.all(controllers.map((controller) => controller.stop()));
      const closing = Promise.all([dispatcher.stop(), repository.close()]);
      await atMost(LONGEST_CLOSE_MS, closing, () => undefined);
    },
  };
}

async function openMigrated(url: string, journal: Journal): Promise<Repository> {
  const repository = await openRepository({ url, journal });
  try {
    const names = await repository.migrate();
    if (names.length > 0) journal.info('the repository was migrated', { migrations: names });
    return repository;
  } catch (error) {
    await repository.close();
    throw error;
  }
}

async function serve(
  executor: ExecutorPorts,
  repository: Repository,
  dispatcher: PgBossDispatcher,
  slots: number,
): Promise<ServingController> {
  const { streams, clock, journal } = executor;
  const writer = new LogWriter(executor);
  const host = hostname();
  const id = `${host}-${process.pid}-${systemIds.uuid().slice(0, 8)}`;
  const controller = await startController(
    {
      streams,
      controllers: repository.controllers,
      dispatcher,
      clock,
      journal,
      drive: (stream, control) => driveStream(executor, writer, stream, control),
    },
    { id, host, pid: process.pid, slots },
  );
  return {
    id: controller.id,
    active: () => controller.active(),
    stop: () =>
      atMost(LONGEST_STOP_MS, controller.stop(), () =>
        journal.warn('the controller ends without having handed over everything', { id }),
      ),
  };
}

/** Waits for something that may hang, for instance on a repository that does not answer. */
async function atMost(limitMs: number, work: Promise<unknown>, late: () => void): Promise<void> {
  const done = new AbortController();
  const finished = work.finally(() => done.abort());
  const limit = systemClock.sleep(limitMs, done.signal).then(() => {
    if (!done.signal.aborted) late();
  });
  await Promise.race([finished, limit]);
}
