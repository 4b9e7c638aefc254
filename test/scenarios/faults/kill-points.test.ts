import { beforeAll, describe, expect, test } from 'vitest';
import { FAULT_POINTS, type FaultPoint } from '../../../src/ports/fault-points.ts';
import { type Effects, effectsOf, rowsLeft } from '../support/effects.ts';
import { World } from '../support/world.ts';

/** Later times at which a point is reached in every run of the operation on two databases. */
const LATER: Readonly<Record<FaultPoint, number>> = {
  'stream.acquired': 2,
  'install.before': 2,
  'install.after': 2,
  'attach.before': 2,
  'attach.after': 2,
  'unit.before': 23,
  'unit.after': 31,
  'log.before_write': 4,
  'log.after_write': 4,
  'log.after_acknowledge': 4,
  'final.before': 3,
  'final.after': 3,
  'stream.before_end': 2,
  'stream.after_end': 2,
  'stream.after_forget': 2,
};

let undisturbed: Effects;

beforeAll(async () => {
  const world = await World.create();
  try {
    expect(await world.run().ended).toMatchObject({ code: 0 });
    undisturbed = await effectsOf(world);
  } finally {
    await world.close();
  }
});

test('an undisturbed run does everything once and leaves nothing open', () => {
  // Two objects on two databases: 3 iterators, a final, and in 2 rounds 6 tasks, a split and 4 chunks.
  expect(undisturbed.units).toHaveLength(2 * 2 * (3 + 1 + 2 * (6 + 1 + 4)));
  expect(undisturbed.units).toEqual([...new Set(undisturbed.units)]);
  expect(undisturbed.open).toEqual([]);
});

describe.concurrent('a controller that is killed at', { timeout: 300_000 }, () => {
  test.each(FAULT_POINTS)('%s: the same command goes on', async (point) => {
    await using world = await World.create();
    await killAt(world, `${point}:1`);
    expect(await world.runAgain()).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
  });

  test.each(FAULT_POINTS)('%s, a later time: another controller goes on', async (point) => {
    await using world = await World.create();
    await killAt(world, `${point}:${LATER[point]}`);
    const other = await world.controller();
    await world.settled(['completed']);
    expect(await other.terminate()).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
    await leavesNothing(world);
  });
});

/** Runs the operation in a process that is killed at the fault point. */
async function killAt(world: World, fault: string): Promise<void> {
  const { signal, notes } = await world.run({ ODTM_FAULT: fault }).ended;
  expect(signal, `${fault} was never reached: ${notes}`).toBe('SIGKILL');
}

/** What a stream leaves that ended just before the kill goes with the next one on the same database. */
async function leavesNothing(world: World): Promise<void> {
  const left = () => Promise.all(world.banks.map(rowsLeft));
  if ((await left()).every((rows) => rows === 0)) return;
  expect(await world.run().ended).toMatchObject({ code: 0 });
  expect(await left()).toEqual([0, 0]);
}
