import { beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { withClient } from '../support/bank.ts';
import { type Effects, effectsOf } from '../support/effects.ts';
import { undisturbedEffects } from '../support/undisturbed.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };

let undisturbed: Effects;

beforeAll(async () => {
  undisturbed = await undisturbedEffects('bank_a');
});

function oneBank(): Promise<World> {
  return World.create({ banks: ['bank_a'] });
}

describe.concurrent('a running statement', TIMEOUT, () => {
  test('stands in the central log within a second', async () => {
    await using world = await oneBank();
    const release = await world.bank('bank_a').hold('book');
    const run = world.run();
    const age = await waitFor(
      async () => {
        const [row] = await world.sql<{ age: number }>(
          `SELECT extract(epoch FROM clock_timestamp() - started_at)::float8 * 1000 AS age
           FROM odtm.statement_log WHERE status = 'running' AND text = 'SELECT torture.pass(''book'')'`,
        );
        return row?.age;
      },
      { timeoutMs: 90_000 },
    );
    expect(age).toBeLessThan(1_000);
    const statements = await world.text('log', 'last', '--task', 'book');
    expect(statements).toContain(`SELECT torture.pass('book')`);
    await release();
    expect(await run.ended).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
  });
});

describe.concurrent('the maximum duration', TIMEOUT, () => {
  test('stops a stream cleanly before its next unit, and the same command goes on', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    await world.edit(
      'operations.yaml',
      'name: torture\n',
      'name: torture\n    max_duration: 15s\n',
    );
    const release = await bank.hold('booked');
    const run = world.run();
    await bank.unitWaits();
    // The stream's own clock starts a moment after the attempt.
    await waitFor(async () => {
      const late = `SELECT FROM odtm.stream WHERE attempt_started_at < now() - interval '16 seconds'`;
      return (await world.sql(late)).length > 0;
    });
    await release();
    const { code, output } = await run.ended;
    expect(code, output).toBe(3);
    expect(output).toContain('the maximum duration has passed');
    expect(await world.statuses()).toEqual({ bank_a: 'expired' });
    const booked = await bank.sql(`SELECT DISTINCT task FROM bank.ledger`);
    expect(booked).toEqual([{ task: 'book' }]);
    await world.edit('operations.yaml', '    max_duration: 15s\n', '');
    expect(await world.run().ended).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
  });
});

const REFUSAL = `ALTER TABLE bank.ledger ADD CONSTRAINT no_right
  CHECK (task <> 'right_side' OR object <> 'bank.saving')`;

async function failsInRightSide(world: World): Promise<void> {
  const bank = world.bank('bank_a');
  await bank.sql(REFUSAL);
  const { code, output } = await world.run().ended;
  expect(code, output).toBe(1);
  expect(output).toContain('23514');
  expect(await bank.sql('SELECT is_on FROM bank.switch')).toEqual([{ is_on: true }]);
  await bank.sql('ALTER TABLE bank.ledger DROP CONSTRAINT no_right');
}

describe.concurrent('a task that fails', TIMEOUT, () => {
  test('runs again when the cause is gone, and nothing else does', async () => {
    await using world = await oneBank();
    await failsInRightSide(world);
    expect(await world.run().ended).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
  });

  test('can be skipped, with a reason that is recorded', async () => {
    await using world = await oneBank();
    await failsInRightSide(world);
    const skip = ['skip', 'last', '--instance', 'bank_a'];
    expect(await world.odtm(skip).ended).toMatchObject({ code: 2 });
    await world.text(...skip, '--reason', 'done by hand, ticket 4711');
    expect(await world.run().ended).toMatchObject({ code: 0 });
    const effects = await effectsOf(world);
    const skipped = 'bank_a bank.saving 1 right_side 0 task skipped';
    expect(effects.units).toEqual(
      undisturbed.units.map((unit) =>
        unit === skipped.replace('skipped', 'done') ? skipped : unit,
      ),
    );
    const side = await world
      .bank('bank_a')
      .sql('SELECT name, effects FROM bank.side ORDER BY name');
    expect(side).toEqual([
      { name: 'left', effects: 4 },
      { name: 'right', effects: 3 },
    ]);
    expect(await world.text('log', 'last', '--json')).toContain('done by hand, ticket 4711');
    expect(await world.text('show', 'last')).toContain('done by hand, ticket 4711');
  });
});

describe.concurrent('a killed CREATE INDEX CONCURRENTLY', TIMEOUT, () => {
  test('is found in effect afterwards', async () => {
    await using world = await oneBank();
    await killedWhileIndexing(world);
    expect(await world.runAgain()).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
  });

  test('is in doubt beside an index that somebody made meanwhile, until a person decides', async () => {
    await using world = await oneBank();
    await killedWhileIndexing(world);
    const bank = world.bank('bank_a');
    await bank.sql('CREATE INDEX by_hand ON bank.ledger (remark)');
    expect(await world.runAgain()).toMatchObject({ code: 1 });
    expect(await world.statuses()).toEqual({ bank_a: 'in_doubt' });
    // The same command does not help: a person must say it.
    expect(await world.run().ended).toMatchObject({ code: 1 });
    expect(await world.statuses()).toEqual({ bank_a: 'in_doubt' });
    const resolve = ['resolve', 'last', '--instance', 'bank_a', '--as', 'done'];
    await world.text(...resolve, '--reason', 'both indexes are there');
    expect(await world.run().ended).toMatchObject({ code: 0 });
    await bank.sql('DROP INDEX bank.by_hand');
    const { banks, units, open } = await effectsOf(world);
    expect({ banks, units, open }).toEqual({
      banks: undisturbed.banks,
      units: undisturbed.units,
      open: [],
    });
  });
});

/** Kills the controller while the server builds the index; the server comes to the end with it. */
async function killedWhileIndexing(world: World): Promise<void> {
  const bank = world.bank('bank_a');
  const building = () =>
    bank.sql(`SELECT FROM pg_stat_progress_create_index WHERE datname = $1`, [bank.database]);
  await withClient(bank.url, async (snapshot) => {
    // The index waits for every transaction that may not see it.
    await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    const run = world.run();
    await waitFor(async () => (await building()).length > 0, { timeoutMs: 90_000 });
    // Asleep it keeps its socket: the server would give up an index whose client it finds gone.
    run.pause();
    await snapshot.query('COMMIT');
    await waitFor(async () => (await building()).length === 0);
    await run.kill();
  });
}

describe.concurrent('code that somebody changed by hand', TIMEOUT, () => {
  test('is found before anything runs, and reinstalled when that is accepted', async () => {
    await using world = await oneBank();
    const bank = world.bank('bank_a');
    expect(await world.run().ended).toMatchObject({ code: 0 });
    await bank.sql('DELETE FROM torture.round');
    await bank.sql(
      `CREATE OR REPLACE PROCEDURE torture.seal(p_handle text) LANGUAGE sql AS 'DELETE FROM bank.ledger'`,
    );
    const before = (await effectsOf(world)).banks;
    const { code, output } = await world.run().ended;
    expect(code).toBe(1);
    expect(output).toContain('torture.seal');
    expect((await effectsOf(world)).banks).toEqual(before);
    const kinds = await world.sql(`SELECT DISTINCT kind FROM odtm.unit_log WHERE run_id = 2`);
    expect(kinds).toEqual([{ kind: 'install' }]);
    // The names of the seals are taken by the first run.
    for (const name of ['account_1', 'account_2', 'saving_1', 'saving_2'])
      await bank.sql(`DROP TABLE torture.seal_bank_${name}`);
    expect(await world.run({}, '--accept-drift').ended).toMatchObject({ code: 0 });
    expect((await effectsOf(world, '2')).units).toEqual(undisturbed.units);
  });
});

describe.concurrent('an instance that', TIMEOUT, () => {
  test.each(['refuse', 'hang'] as const)(
    'does not answer (%s) delays nobody else',
    async (mood) => {
      const both = await undisturbedEffects('bank_a', 'bank_b');
      await using world = await World.create({ proxied: ['bank_b'] });
      const { proxy } = world.bank('bank_b');
      proxy[mood]();
      const run = world.run();
      await waitFor(async () => (await world.statuses()).bank_a === 'completed', {
        timeoutMs: 90_000,
      });
      expect(['running', 'waiting', 'admitted']).toContain((await world.statuses()).bank_b);
      const [row] = await world.sql<{ ms: number }>(
        `SELECT extract(epoch FROM max(u.ended_at) - min(u.started_at))::float8 * 1000 AS ms
         FROM odtm.unit_log u JOIN odtm.stream s ON s.id = u.stream_id WHERE s.instance = 'bank_a'`,
      );
      // As long as alone: what the other one waits for is ten seconds and more.
      expect(row?.ms).toBeLessThan(8_000);
      proxy.open();
      expect(await run.ended).toMatchObject({ code: 0 });
      expect(await effectsOf(world)).toEqual(both);
    },
  );

  test('is away holds no place that another one needs', async () => {
    const both = await undisturbedEffects('bank_a', 'bank_b');
    await using world = await World.create({ proxied: ['bank_a'] });
    const { proxy } = world.bank('bank_a');
    proxy.refuse();
    const run = world.run({}, '--max-streams', '1');
    await waitFor(async () => (await world.statuses()).bank_b === 'completed', {
      timeoutMs: 90_000,
    });
    expect(['running', 'waiting', 'admitted']).toContain((await world.statuses()).bank_a);
    proxy.open();
    expect(await run.ended).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(both);
  });
});
