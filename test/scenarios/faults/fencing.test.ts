import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_POINTS } from '../../../src/ports/fault-points.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Effects, effectsOf, rowsLeft } from '../support/effects.ts';
import type { OdtmProcess } from '../support/odtm-process.ts';
import { undisturbedEffects } from '../support/undisturbed.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };
const LOST = 'another controller has the stream';
/** After these the stream is over, so that nobody takes it over. */
const AFTER_THE_END = ['stream.after_end', 'stream.after_forget'];
const LONGEST_TAKEOVER_MS = 15_000;

let undisturbed: Effects;
let folder: TempDir;

beforeAll(async () => {
  undisturbed = await undisturbedEffects('bank_a');
  folder = await tempDir();
});

afterAll(() => folder.remove());

function oneBank(): Promise<World> {
  return World.create({ banks: ['bank_a'] });
}

async function attempt(world: World): Promise<number | undefined> {
  const [row] = await world.sql<{ attempt: number }>(
    'SELECT attempt FROM odtm.stream WHERE id = 1',
  );
  return row?.attempt;
}

/** Starts a run that a controller drives which is alive already. */
async function startDetached(world: World): Promise<void> {
  const { code, notes } = await world.run({}, '--detach').ended;
  expect(code, notes).toBe(0);
}

/** The old owner says that it has lost the stream, lives on, and ends when it is told to. */
async function givesUp(zombie: OdtmProcess): Promise<void> {
  await waitFor(() => zombie.notes.includes(LOST));
  expect(await zombie.terminate(), zombie.notes).toMatchObject({ code: 0 });
}

describe.concurrent(
  'a controller that sleeps in mid-unit until another has taken over',
  TIMEOUT,
  () => {
    test.each(['booked', 'spread 31', 'final'])('%s', async (gate) => {
      await using world = await oneBank();
      const bank = world.bank('bank_a');
      const release = await bank.hold(gate);
      const zombie = await world.controller();
      await startDetached(world);
      await world.bank('bank_a').unitWaits();
      const before = await bank.waiting();
      zombie.pause();
      await world.controller();
      await waitFor(async () => (await attempt(world)) === 2, { timeoutMs: 90_000 });
      // Its session is ended on the server before the new owner looks at the record.
      await waitFor(async () => (await bank.waiting()).some((pid) => !before.includes(pid)));
      expect((await bank.waiting()).filter((pid) => before.includes(pid))).toEqual([]);
      zombie.resume();
      await waitFor(() => zombie.notes.includes(LOST));
      await release();
      await world.settled(['completed']);
      await givesUp(zombie);
      expect(await effectsOf(world)).toEqual(undisturbed);
      expect(await attempt(world)).toBe(2);
    });
  },
);

describe.concurrent('a controller that sleeps in the middle of an install', TIMEOUT, () => {
  test('keeps its lock only for a moment', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    const release = await bank.lock('odtm install');
    const zombie = await world.controller();
    await startDetached(world);
    await bank.unitWaits();
    zombie.pause();
    // Its session gets the lock now, and nobody tells it what to do with it.
    await release();
    await world.controller();
    await world.settled(['completed']);
    zombie.resume();
    await givesUp(zombie);
    expect(await effectsOf(world)).toEqual(undisturbed);
  });
});

describe.concurrent('a controller that sleeps at', TIMEOUT, () => {
  const points = FAULT_POINTS.filter((point) => !AFTER_THE_END.includes(point));
  test.each(points)(
    '%s until another has done everything writes nothing any more',
    async (point) => {
      await using world = await oneBank();
      const file = join(folder.path, point);
      const fault = { ODTM_FAULT: point, ODTM_FAULT_ACTION: `pause:${file}` };
      const zombie = await world.controller(fault);
      await startDetached(world);
      await waitFor(async () => (await linesOf(file)) > 0);
      zombie.pause();
      await world.controller();
      await world.settled(['completed']);
      const before = await effectsOf(world);
      expect(before).toEqual(undisturbed);
      await appendFile(`${file}.go`, '');
      zombie.resume();
      await givesUp(zombie);
      expect(await effectsOf(world)).toEqual(undisturbed);
      expect(await attempt(world)).toBe(2);
    },
  );
});

async function linesOf(file: string): Promise<number> {
  return (await readFile(file, 'utf8')).split('\n').length;
}

describe.concurrent('controllers that race', TIMEOUT, () => {
  test('for a stream whose controller was killed: one takes it, within 15 seconds', async () => {
    await using world = await oneBank();
    const release = await world.bank('bank_a').hold('booked');
    const first = await world.controller();
    await startDetached(world);
    await world.bank('bank_a').unitWaits();
    await Promise.all([world.controller(), world.controller(), world.controller()]);
    await first.kill();
    const killed = Date.now();
    await release();
    await waitFor(async () => (await attempt(world)) === 2, { timeoutMs: 90_000 });
    expect(Date.now() - killed).toBeLessThan(LONGEST_TAKEOVER_MS);
    await world.settled(['completed']);
    expect(await effectsOf(world)).toEqual(undisturbed);
    expect(await attempt(world)).toBe(2);
  });

  test('with the same command at the same time: one starts the run, the others name it', async () => {
    await using world = await oneBank();
    await world.bank('bank_a').hold('booked');
    await world.controller();
    const all = [1, 2, 3, 4].map(() => world.run({}, '--detach'));
    const codes = (await Promise.all(all.map((one) => one.ended))).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 4, 4, 4]);
    for (const { notes } of all.filter((one) => one.notes.includes('run 1'))) {
      expect(notes).toContain('running');
    }
    await world.text('cancel', 'last');
    expect(await world.sql('SELECT FROM odtm.run')).toHaveLength(1);
  });

  test('with a controller that lost only the repository: the other one takes over', async () => {
    await using world = await World.create({ banks: ['bank_a'], repositoryProxied: true });
    const release = await world.bank('bank_a').hold('booked');
    const cutOff = await world.controller();
    await startDetached(world);
    await world.bank('bank_a').unitWaits();
    const near = world.pastTheProxy();
    world.repositoryProxy?.refuse();
    await world.controller(near);
    await waitFor(async () => (await attempt(world)) === 2, { timeoutMs: 90_000 });
    await release();
    await world.settled(['completed']);
    world.repositoryProxy?.open();
    await givesUp(cutOff);
    expect(await effectsOf(world)).toEqual(undisturbed);
    expect(await rowsLeft(world.bank('bank_a'))).toBe(0);
  });
});
