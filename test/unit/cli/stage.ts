import { Writable } from 'node:stream';
import type {
  CliServices,
  CliSession,
  RunningController,
  Signal,
} from '../../../src/cli/services.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { RunDetail } from '../../../src/ports/run-queries.ts';
import { aRun, sampleDefinitions } from './samples.ts';

/** A text stream that remembers what was written. */
export class Paper extends Writable {
  text = '';
  isTTY = false;
  columns: number | undefined;
  rows: number | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Time that stands still but while somebody sleeps, which takes no time at all. */
export class StillClock implements Clock {
  private ms = Date.parse('2026-11-21T10:00:00Z');
  slept = 0;

  now(): Date {
    return new Date(this.ms);
  }

  monotonicMs(): number {
    return this.ms;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    this.slept++;
    this.ms += delayMs;
    await new Promise((resolve) => setImmediate(resolve));
  }

  every(): () => void {
    throw new Error('Nothing in the commands repeats by a timer.');
  }
}

/** A controller that only counts. */
export class StillController implements RunningController {
  readonly id = 'controller-1';
  driven = 0;
  stops = 0;

  active(): number {
    return this.driven;
  }

  async stop(): Promise<void> {
    this.stops++;
  }
}

function refuse(what: string): () => never {
  return () => {
    throw new Error(`This test did not expect ${what}.`);
  };
}

/** A session over the sample definitions and these runs; what a test does not expect is an error. */
export function aSession(runs: readonly RunDetail[], clock: Clock): CliSession {
  return {
    address: 'postgres://odtm@db.example:5432/odtm',
    definitions: {
      load: async () => ({ revision: 4, definitions: sampleDefinitions }),
      replace: refuse('definitions to be replaced'),
    },
    runs: {
      start: refuse('a start'),
      wish: refuse('a wish'),
      cancelWithoutFinal: refuse('a cancel'),
      decide: refuse('a decision'),
    },
    streams: { over: async () => [] },
    queries: {
      runs: async ({ limit }) => runs.map(({ run }) => run).slice(0, limit),
      run: async (runId) => runs.find(({ run }) => run.runId === runId) ?? null,
      units: async () => ({ rows: [], position: '0' }),
      statements: async () => ({ rows: [], position: '0' }),
      prune: refuse('logs to be pruned'),
    },
    controllers: {
      register: refuse('a controller to register'),
      beat: refuse('a controller to beat'),
      unregister: refuse('a controller to unregister'),
      alive: async () => [],
    },
    dispatcher: { admit: async () => 0 },
    credentials: { resolve: refuse('a credential to be read') },
    engine: async (engine) => ({
      engine,
      capabilities: { preview: true },
      connect: refuse('an instance to connect to'),
      clientScript: refuse('a script for a DBA'),
    }),
    clock,
    startController: refuse('a controller to start'),
    ensureController: async () => null,
    spawnController: async () => null,
    close: async () => {},
  };
}

export interface Stage {
  readonly services: CliServices;
  readonly session: CliSession;
  readonly out: Paper;
  readonly err: Paper;
  readonly clock: StillClock;
  /** Gives a signal to whoever listens. */
  signal(signal: Signal): void;
}

/** The program around the commands, held still. */
export function aStage(
  parts: { readonly session?: Partial<CliSession>; readonly runs?: readonly RunDetail[] } = {},
): Stage {
  const [out, err, clock] = [new Paper(), new Paper(), new StillClock()];
  const session = { ...aSession(parts.runs ?? [aRun({ runId: '7' })], clock), ...parts.session };
  const listeners = new Set<(signal: Signal) => void>();
  const services: CliServices = {
    version: '0.1.0',
    out,
    err,
    env: {},
    user: 'ann@desk',
    cwd: '/project',
    clock,
    projects: {
      read: async (project) => {
        throw odtmError('PROJECT_UNREADABLE', { project, reason: 'there is no such folder' });
      },
    },
    connect: async () => session,
    engine: session.engine,
    embedded: {
      start: refuse('a server to start'),
      stop: refuse('a server to stop'),
      status: refuse('the status of a server'),
    },
    schema: async () => '{"title":"ODTM definitions"}\n',
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const signal = (name: Signal): void => {
    for (const listener of listeners) listener(name);
  };
  return { services, session, out, err, clock, signal };
}
