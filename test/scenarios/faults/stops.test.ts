import { beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import type { PostgresBank as Bank } from '../support/bank.ts';
import { type Effects, effectsOf } from '../support/effects.ts';
import { undisturbedEffects } from '../support/undisturbed.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };
const GATES = ['initial', 'booked', 'left_side', 'spread 31', 'seal', 'final'];
/** A controller that is told to end does so within this time. */
const LONGEST_GOODBYE_MS = 5_000;

let undisturbed: Effects;

beforeAll(async () => {
  undisturbed = await undisturbedEffects('bank_a');
});

function oneBank(): Promise<World> {
  return World.create({ banks: ['bank_a'] });
}

/** Looks in a row that must agree: between two units a session is idle for a moment, too. */
const LOOKS = 8;

/** Only the unit at the gate is still at work: those that ran beside it have ended. */
async function onlyTheHeldRuns(bank: Bank): Promise<void> {
  await bank.unitWaits();
  let alike = 0;
  let before = '';
  await waitFor(async () => {
    const [now] = await bank.sql<{ busy: number; units: number }>(
      `SELECT (SELECT count(*)::int FROM pg_stat_activity
                WHERE datname = $1 AND usename = $2 AND state <> 'idle') AS busy,
              (SELECT count(*)::int FROM dom.dom$unit) AS units`,
      [bank.database, bank.login.user],
    );
    const seen = JSON.stringify(now);
    alike = now?.busy === 1 && seen === before ? alike + 1 : 0;
    before = seen;
    return alike >= LOOKS;
  });
}

interface Unit {
  readonly task: string;
  readonly status: string;
}

/** Units that began after the wish was written, and those that ran then. */
async function unitsAfterWish(world: World): Promise<Unit[]> {
  return world.sql<Unit>(
    `SELECT u.task, u.status FROM odtm.unit_log u
      WHERE u.started_at > (SELECT max(at) FROM odtm.run_event WHERE kind IN ('halt', 'halt_now', 'cancel'))
      ORDER BY u.started_at`,
  );
}

/**
 * The controller has renewed its lease since the wish was written, and has read the wish with it. A renewal
 * at the very moment of the wish may have been answered before the wish had committed.
 */
async function controllerKnows(world: World): Promise<boolean> {
  const rows = await world.sql(
    `SELECT FROM odtm.stream s WHERE s.renewed_at - interval '1 s' >
       (SELECT max(at) FROM odtm.run_event WHERE kind = 'halt')`,
  );
  return rows.length > 0;
}

async function isOn(bank: Bank): Promise<boolean> {
  const [row] = await bank.sql<{ is_on: boolean }>('SELECT is_on FROM bank.switch');
  return row?.is_on === true;
}

async function resumesUndisturbed(world: World): Promise<void> {
  expect(await world.run().ended).toMatchObject({ code: 0 });
  expect(await effectsOf(world)).toEqual(undisturbed);
}

describe.concurrent('a halt', TIMEOUT, () => {
  test.each(GATES)(
    'in %s: the unit ends, nothing more is started, the rest comes later',
    async (gate) => {
      await using world = await oneBank();
      const bank = world.bank('bank_a');
      const release = await bank.hold(gate);
      const run = world.run();
      await onlyTheHeldRuns(bank);
      const halt = world.odtm(['halt', 'last']);
      await waitFor(() => controllerKnows(world), { timeoutMs: 90_000 });
      expect(halt.isOver).toBe(false);
      await release();
      expect(await halt.ended).toMatchObject({ code: 0 });
      // A final that was running has completed the object: none is due then.
      const due = gate === 'final' ? [] : [{ task: 'final_error', status: 'done' }];
      expect(await unitsAfterWish(world)).toEqual(due);
      expect(await world.statuses()).toEqual({ bank_a: 'halted' });
      expect(await isOn(bank)).toBe(true);
      expect(await run.ended).toMatchObject({ code: 3 });
      await resumesUndisturbed(world);
    },
  );

  test.each(GATES)('now, in %s: what runs is rolled back, the rest comes later', async (gate) => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    const release = await bank.hold(gate);
    const run = world.run();
    await onlyTheHeldRuns(bank);
    // A final after the stop waits at the same gate as the final that is cancelled.
    const halt = world.odtm(['halt', 'last', '--now']);
    if (gate === 'final') {
      await waitFor(async () => (await unitsAfterWish(world)).length > 0);
      await release();
    }
    expect(await halt.ended).toMatchObject({ code: 0 });
    expect(await unitsAfterWish(world)).toEqual([{ task: 'final_error', status: 'done' }]);
    const cancelled = await world.sql(`SELECT FROM odtm.unit_log WHERE status = 'cancelled'`);
    expect(cancelled).toHaveLength(1);
    expect(await isOn(bank)).toBe(true);
    expect(await run.ended).toMatchObject({ code: 3 });
    await release();
    await resumesUndisturbed(world);
  });

  test('while the controller is dead: acknowledged at once, the same command goes on', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    await world.run({ ODTM_FAULT: 'unit.after:5' }).ended;
    await world.leasesExpired();
    expect(await world.odtm(['halt', 'last']).ended).toMatchObject({ code: 0 });
    expect(await world.statuses()).toEqual({ bank_a: 'halted' });
    // Nobody was there to run the final.
    expect(await isOn(bank)).toBe(false);
    await resumesUndisturbed(world);
  });
});

describe.concurrent('a cancel', TIMEOUT, () => {
  test('after a crash runs the final that is due, and the run is over for good', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    await world.run({ ODTM_FAULT: 'unit.after:5' }).ended;
    expect(await isOn(bank)).toBe(false);
    await world.leasesExpired();
    expect(await world.odtm(['cancel', 'last']).ended).toMatchObject({ code: 0 });
    expect(await world.statuses()).toEqual({ bank_a: 'cancelled' });
    expect(await isOn(bank)).toBe(true);
    expect(await unitsAfterWish(world)).toContainEqual({ task: 'final_error', status: 'done' });
    // The next run takes the open round over and does what is left.
    expect(await world.run().ended).toMatchObject({ code: 0 });
    const runs = await world.sql(`SELECT status FROM odtm.run_status ORDER BY run_id`);
    expect(runs).toEqual([{ status: 'cancelled' }, { status: 'completed' }]);
  });

  test('in mid-unit cancels what runs, runs the final, and ends the run', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    await bank.hold('booked');
    const run = world.run();
    await onlyTheHeldRuns(bank);
    expect(await world.odtm(['cancel', 'last']).ended).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 3 });
    expect(await unitsAfterWish(world)).toEqual([{ task: 'final_error', status: 'done' }]);
    expect(await isOn(bank)).toBe(true);
    expect(await bank.sql('SELECT FROM bank.ledger')).toEqual([]);
  });
});

describe.concurrent('SIGTERM', TIMEOUT, () => {
  test.each(GATES)('in %s: the stream is held, and another controller goes on', async (gate) => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    const release = await bank.hold(gate);
    const first = await world.controller();
    expect(await world.run({}, '--detach').ended).toMatchObject({ code: 0 });
    await bank.unitWaits();
    const toldMs = performance.now();
    expect(await first.terminate()).toMatchObject({ code: 0 });
    expect(performance.now() - toldMs).toBeLessThan(LONGEST_GOODBYE_MS);
    expect(await world.statuses()).toEqual({ bank_a: 'waiting' });
    expect(await world.sql('SELECT FROM odtm.stream WHERE lease_until IS NOT NULL')).toEqual([]);
    await release();
    await world.controller();
    await world.settled(['completed']);
    expect(await effectsOf(world)).toEqual(undisturbed);
  });
});
