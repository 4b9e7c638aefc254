import { describe, expect, it } from 'vitest';
import { startRun } from '../../../src/control/start-run.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { ControllerInfo, StartedRun } from '../../../src/ports/repository.ts';
import type { PreviewMode, TargetEngine } from '../../../src/ports/target.ts';
import { SimClock } from '../../simulation/sim-clock.ts';
import { sampleDefinitions } from '../cli/samples.ts';

const KILLED: ControllerInfo = { id: 'killed', host: 'here', pid: 1, slots: 1 };

/** An engine whose work cannot be taken back, as no preview of a run for real may ask. */
const adapter: TargetEngine = {
  engine: 'postgres',
  capabilities: { preview: false },
  connect: () => Promise.reject(new Error('nobody connects here')),
  clientScript: () => '',
};

/** A repository in which a controller seems to drive the run until some moment. */
function world(options: { drivenUntilMs: number; beatsEveryMs: number | null }) {
  const clock = new SimClock();
  const started: StartedRun = {
    ...{ runId: '7', kind: 'restarted', instances: ['shop_eu'], packageChanged: [] },
  };
  const ports: Parameters<typeof startRun>[0] = {
    definitions: {
      load: () => Promise.resolve({ revision: 1, definitions: sampleDefinitions }),
      replace: () => Promise.reject(new Error('nothing is applied here')),
    },
    runs: {
      start: () =>
        clock.monotonicMs() >= options.drivenUntilMs
          ? Promise.resolve(started)
          : Promise.reject(
              odtmError('RUN_ALREADY_RUNNING', { operation: 'o', environment: 'e', run: '7' }),
            ),
      wish: () => Promise.reject(new Error('nothing is wished here')),
      cancelWithoutFinal: () => Promise.reject(new Error('nothing is cancelled here')),
      decide: () => Promise.reject(new Error('nothing is decided here')),
    },
    controllers: {
      register: () => Promise.resolve(),
      beat: () => Promise.resolve(),
      unregister: () => Promise.resolve(),
      alive: (withinMs) => {
        const { beatsEveryMs } = options;
        const sinceMs = beatsEveryMs === null ? withinMs + 1 : clock.monotonicMs() % beatsEveryMs;
        return Promise.resolve(sinceMs < withinMs ? [KILLED] : []);
      },
    },
    dispatcher: { admit: () => Promise.resolve(0) },
    engine: (engine) => Promise.resolve({ ...adapter, engine }),
    clock,
  };
  return { clock, ports };
}

async function outcome(
  { clock, ports }: ReturnType<typeof world>,
  preview: PreviewMode | null = null,
): Promise<string> {
  const operation = sampleDefinitions.operations[0];
  const work = startRun(ports, {
    ...{
      operation: operation?.name ?? '',
      environment: operation?.environments[0]?.environment ?? '',
    },
    ...{ variant: null, onlyInstances: null, preview, keepPackage: false },
    ...{ acceptDrift: false, maxStreams: null, by: 'dba' },
  });
  let said = '';
  const told = work.then(
    ({ kind }) => {
      said = kind;
    },
    (error: unknown) => {
      said = String(error);
    },
  );
  await clock.run(told, 60_000);
  return `${said} after ${clock.monotonicMs()} ms`;
}

describe('starting a run that seems to be driven', () => {
  it('is refused once a controller gives a sign of life', async () => {
    const answer = await outcome(world({ drivenUntilMs: 60_000, beatsEveryMs: 2_000 }));
    expect(answer).toMatch(/already running .* as run 7\. after (500|2000|2500) ms$/);
  });

  it('waits for the lease of a controller that was killed, and then goes on', async () => {
    const answer = await outcome(world({ drivenUntilMs: 9_700, beatsEveryMs: null }));
    expect(answer).toBe('restarted after 10000 ms');
  });

  it('does not wait for ever', async () => {
    const answer = await outcome(world({ drivenUntilMs: 999_999, beatsEveryMs: null }));
    expect(answer).toMatch(/already running .* after 20500 ms$/);
  });
});

it('a preview on an engine that has none is refused before anything is begun', async () => {
  const answer = await outcome(world({ drivenUntilMs: 0, beatsEveryMs: null }), 'rollback');
  expect(answer).toMatch(
    /previewed on shop_eu.* engine postgres cannot be taken back\. after 0 ms$/,
  );
});
