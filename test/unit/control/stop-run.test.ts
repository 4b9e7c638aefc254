import { describe, expect, it } from 'vitest';
import { awaitStop, type StopPorts } from '../../../src/control/stop-run.ts';
import { SimClock } from '../../simulation/sim-clock.ts';
import { aRun, aStream } from '../cli/samples.ts';

const KILLED = { id: 'killed', host: 'here', pid: 1, slots: 1 };

/** A run whose controller was killed at the start, or beats on; the wish is followed when seen to. */
async function wait(beats: boolean) {
  const clock = new SimClock();
  let seenToAtMs: number[] = [];
  const endsAtMs = () => (beats ? 30_000 : (seenToAtMs[0] ?? Infinity) + 1_000);
  const ports: StopPorts = {
    clock,
    queries: {
      run: () => {
        const status = clock.monotonicMs() >= endsAtMs() ? 'halted' : 'running';
        return Promise.resolve(aRun({}, [aStream('shop_eu', { status })]));
      },
    },
    controllers: {
      alive: (withinMs) => Promise.resolve(beats || clock.monotonicMs() < withinMs ? [KILLED] : []),
    },
  };
  const work = awaitStop(ports, '7', {
    whenUnattended: async () => {
      seenToAtMs = [...seenToAtMs, clock.monotonicMs()];
    },
  });
  await clock.run(
    work.then(() => {}),
    60_000,
  );
  return { ...(await work), seenToAtMs };
}

describe('waiting for the acknowledgement of a halt or cancel', () => {
  it('leaves it to a controller that is alive, however long its units take', async () => {
    expect(await wait(true)).toMatchObject({ acknowledged: true, seenToAtMs: [] });
  });

  it('sees to it once when the controller turns out to be dead', async () => {
    const { acknowledged, seenToAtMs } = await wait(false);
    expect(acknowledged).toBe(true);
    expect(seenToAtMs).toHaveLength(1);
    expect(seenToAtMs[0]).toBeGreaterThan(12_900);
    expect(seenToAtMs[0]).toBeLessThan(14_000);
  });
});
