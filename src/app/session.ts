import type { CliSession, ConnectionOptions, RunningController } from '../cli/services.ts';
import { CONTROLLER_ALIVE_MS } from '../core/run/controller-life.ts';
import { type App, buildApp } from './app.ts';
import { spawnController } from './background-controller.ts';
import { type Configuration, configurationOf, type Environment } from './configuration.ts';
import { engineFor } from './engines.ts';
import { LineJournal, type LogLevel } from './journal.ts';
import { serverOf } from './repository-server.ts';
import { systemClock } from './system-clock.ts';

export interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  /** Where the journal goes. */
  readonly err: { write(text: string): unknown };
  /** A live view may be on the screen, which lines of the journal would tear apart. */
  readonly live: boolean;
}

/** Opens the repository for one command. @throws OdtmError */
export async function openSession(
  options: ConnectionOptions,
  surroundings: Surroundings,
): Promise<CliSession> {
  const { env, cwd, err, live } = surroundings;
  const configuration = configurationOf(options, env, cwd);
  const journal = new LineJournal({
    level: configuration.logLevel ?? (live ? 'error' : 'warn'),
    format: configuration.logFormat,
    write: (line) => err.write(line),
    now: () => systemClock.now(),
  });
  const { url, address } = await serverOf(configuration.repository);
  const app = await buildApp({ url, env, journal });
  const setLevel = (level: LogLevel) => {
    journal.level = configuration.logLevel ?? level;
  };
  return sessionOf(app, { address, configuration, env, setLevel });
}

interface SessionParts {
  readonly address: string;
  readonly configuration: Configuration;
  readonly env: Environment;
  /** The level that a command wants, where the operator has not said another one. */
  readonly setLevel: (level: LogLevel) => void;
}

function sessionOf(app: App, parts: SessionParts): CliSession {
  const { address, configuration, env, setLevel } = parts;
  const { definitions, runs, streams, queries, controllers } = app.repository;
  const isServed = async () => (await controllers.alive(CONTROLLER_ALIVE_MS)).length > 0;
  const start = (slots = configuration.slots): Promise<RunningController> =>
    app.startController(slots);
  return {
    address,
    definitions,
    runs,
    streams,
    queries,
    controllers,
    dispatcher: app.dispatcher,
    credentials: app.credentials,
    engine: engineFor,
    clock: systemClock,
    startController: ({ slots }) => {
      setLevel('info');
      return start(slots);
    },
    ensureController: async () => ((await isServed()) ? null : start()),
    spawnController: async () => {
      if (await isServed()) return null;
      const place = configuration.repository;
      return spawnController({ place, env, clock: systemClock, controllers });
    },
    close: () => app.close(),
  };
}
