import { beforeAll, describe, expect, test } from 'vitest';
import { FAULT_POINTS, type FaultPoint } from '../../../src/ports/fault-points.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Effects, effectsOf, rowsLeft } from '../support/effects.ts';
import { type MariadbBank, onMariadb } from '../support/mariadb-bank.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };
/**
 * Every fault point, and how often it is to be reached before the kill. Those of a line strike one run, one
 * after the other, so that it is killed again and again while it recovers.
 */
const KILLS: readonly (readonly [FaultPoint, number])[][] = [
  [
    ['stream.acquired', 1],
    ['install.after', 1],
    ['unit.before', 5],
    ['final.before', 1],
  ],
  [
    ['install.before', 1],
    ['attach.after', 1],
    ['unit.after', 12],
    ['final.after', 2],
  ],
  [
    ['log.before_write', 3],
    ['unit.after', 3],
    ['log.after_acknowledge', 3],
    ['stream.after_end', 1],
  ],
  [
    ['attach.before', 1],
    ['log.after_write', 3],
    ['stream.before_end', 1],
    ['stream.after_forget', 1],
  ],
];
/** Gates in the middle of units: alone, parallel, chunked, after a commit of their own, and around them. */
const GATES = ['initial', 'booked', 'left_side', 'spread 31', 'seal', 'final'];

let undisturbed: Effects;

beforeAll(async () => {
  if (!hasMariadb()) return;
  await using world = await oneBank();
  const { code, notes } = await world.run().ended;
  expect(code, notes).toBe(0);
  undisturbed = await effectsOf(world);
});

function oneBank(): Promise<World<MariadbBank>> {
  return World.on(onMariadb, { banks: ['bank_a'], proxied: ['bank_a'] });
}

/** A statement that commits by itself stays in the log of each try that has executed it. */
function onceEach({ statements, ...rest }: Effects): Effects {
  const repeated = (text: string): boolean => text.includes('CREATE TABLE IF NOT EXISTS');
  const first = (text: string, index: number): boolean => statements.indexOf(text) === index;
  return {
    ...rest,
    statements: statements.filter((text, index) => !repeated(text) || first(text, index)),
  };
}

async function isUndisturbed(world: World<MariadbBank>): Promise<void> {
  expect(onceEach(await effectsOf(world))).toEqual(undisturbed);
  expect(await rowsLeft(world.bank('bank_a'))).toBe(0);
}

/** Runs the operation, and does something whenever a unit is in the middle, at one gate after the other. */
async function inEachUnit(
  world: World<MariadbBank>,
  act: (bank: MariadbBank, waiting: readonly number[]) => Promise<void>,
): Promise<void> {
  const bank = world.bank('bank_a');
  const holds = [];
  for (const gate of GATES) holds.push(await bank.hold(gate));
  const run = world.run();
  const struck = new Set<number>();
  for (const release of holds) {
    const waiting = await waitFor(
      async () => {
        const ids = (await bank.waiting()).filter((id) => !struck.has(id));
        return ids.length > 0 ? ids : null;
      },
      { timeoutMs: 90_000 },
    );
    for (const id of waiting) struck.add(id);
    await act(bank, waiting);
    await release();
  }
  const { code, notes, output } = await world.ending(run);
  expect(code, `${notes}\n${output}`).toBe(0);
  await isUndisturbed(world);
}

describe.skipIf(!hasMariadb()).concurrent('on MariaDB', TIMEOUT, () => {
  test('an undisturbed run does everything once and leaves nothing open', () => {
    // Two objects: 3 iterators, a final, and in 2 rounds 6 tasks, a split and 4 chunks.
    expect(undisturbed.units).toHaveLength(2 * (3 + 1 + 2 * (6 + 1 + 4)));
    expect(undisturbed.units).toEqual([...new Set(undisturbed.units)]);
    expect(undisturbed.open).toEqual([]);
  });

  test('controllers are killed at every fault point', () => {
    const points = KILLS.flatMap((line) => line.map(([point]) => point));
    expect([...new Set(points)].sort()).toEqual([...FAULT_POINTS].sort());
  });

  const lines = KILLS.map((line) => [line.map(([point]) => point).join(', '), line] as const);
  test.each(lines)('a run whose controllers are killed at %s', async (_points, kills) => {
    await using world = await oneBank();
    for (const [point, times] of kills) {
      await world.leasesExpired();
      const { signal, notes } = await world.run({ ODTM_FAULT: `${point}:${times}` }).ended;
      expect(signal, `${point} was never reached: ${notes}`).toBe('SIGKILL');
    }
    // Behind the end there is nothing to go on with, and what is left goes with the next stream.
    const isOver = (await world.statuses()).bank_a === 'completed';
    if (!isOver) expect(await world.runAgain()).toMatchObject({ code: 0 });
    expect(onceEach(await effectsOf(world))).toEqual(undisturbed);
  });

  test('sessions that are killed in mid-unit: each unit runs again, once', async () => {
    await using world = await oneBank();
    await inEachUnit(world, (bank, waiting) => bank.kill(waiting));
    const lost = await world.sql(`SELECT task FROM odtm.unit_log WHERE status = 'lost'`);
    expect(lost.length).toBeGreaterThanOrEqual(GATES.length);
  });

  test('a network that is cut in mid-unit', async () => {
    await using world = await oneBank();
    // The server notices nothing: the unit may well come to its end there.
    await inEachUnit(world, async (bank) => bank.proxy.cut());
  });

  test('a network that hangs in mid-unit without a word, and works again later', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    const release = await bank.hold('booked');
    const run = world.run();
    await bank.unitWaits();
    bank.proxy.hang();
    await waitFor(() => /target is away/.test(world.newest.notes), { timeoutMs: 90_000 });
    bank.proxy.open();
    await release();
    const { code, notes, output } = await world.ending(run);
    expect(code, `${notes}\n${output}`).toBe(0);
    await isUndisturbed(world);
  });
});
