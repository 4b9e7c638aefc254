import { beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { type PostgresBank as Bank, withClient } from '../support/bank.ts';
import { type Effects, effectsOf, rowsLeft } from '../support/effects.ts';
import type { OdtmProcess } from '../support/odtm-process.ts';
import { undisturbedEffects } from '../support/undisturbed.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };
/** Gates in the middle of units of every kind: alone, parallel, chunked, and around them. */
const GATES = ['initial', 'book', 'booked', 'left_side', 'spread 31', 'seal', 'final'];

let undisturbed: Effects;

beforeAll(async () => {
  undisturbed = await undisturbedEffects('bank_a');
});

interface Stage {
  readonly world: World;
  readonly bank: Bank;
}

async function stageOf(): Promise<Stage & AsyncDisposable> {
  const world = await World.create({ banks: ['bank_a'], proxied: ['bank_a'] });
  return {
    world,
    bank: world.bank('bank_a'),
    [Symbol.asyncDispose]: () => world.close(),
  };
}

/** Starts a run and does something while a unit is held in the middle. */
async function inMidUnit(
  { world, bank }: Stage,
  gate: string,
  act: () => Promise<void>,
): Promise<OdtmProcess> {
  const release = await bank.hold(gate);
  const run = world.run();
  await bank.unitWaits();
  await act();
  await release();
  return run;
}

async function completesUndisturbed({ world, bank }: Stage, run: OdtmProcess): Promise<void> {
  const { code, notes, output } = await world.ending(run);
  expect(code, `${notes}\n${output}`).toBe(0);
  expect(await effectsOf(world)).toEqual(undisturbed);
  expect(await rowsLeft(bank)).toBe(0);
}

/** Tries of units that the central log has as lost. */
async function lostTries({ world }: Stage): Promise<string[]> {
  const rows = await world.sql<{ task: string }>(
    `SELECT task FROM odtm.unit_log WHERE status = 'lost' ORDER BY started_at`,
  );
  return rows.map(({ task }) => task);
}

async function terminate(bank: Bank, condition: string): Promise<void> {
  const rows = await bank.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = $1 AND usename = $2 AND ${condition}`,
    [bank.database, bank.login.user],
  );
  expect(rows.length).toBeGreaterThan(0);
}

describe.concurrent('a backend that is terminated', TIMEOUT, () => {
  test.each(GATES)('in mid-unit (%s): the unit runs again, once', async (gate) => {
    await using stage = await stageOf();
    const waits = `wait_event = 'advisory'`;
    const run = await inMidUnit(stage, gate, () => terminate(stage.bank, waits));
    await completesUndisturbed(stage, run);
    expect((await lostTries(stage)).length).toBeGreaterThan(0);
  });

  test('together with all others of the stream', async () => {
    await using stage = await stageOf();
    const run = await inMidUnit(stage, 'spread 31', () => terminate(stage.bank, 'true'));
    await completesUndisturbed(stage, run);
  });

  test('in the middle of the commit', async () => {
    await using stage = await stageOf();
    const { bank } = stage;
    await bank.sql(
      `CREATE FUNCTION bank.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM torture.pass('commit'); RETURN NULL; END $$;
       CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON bank.ledger DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION bank.at_commit()`,
    );
    const waits = `wait_event = 'advisory'`;
    const run = await inMidUnit(stage, 'commit', () => terminate(bank, waits));
    await completesUndisturbed(stage, run);
    expect(await lostTries(stage)).toEqual(['book']);
  });

  test('in the middle of CREATE INDEX CONCURRENTLY: the invalid index goes, another one comes', async () => {
    await using stage = await stageOf();
    const { world, bank } = stage;
    const run = await withClient(bank.url, async (snapshot) => {
      // The index waits for every transaction that may not see it.
      await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
      const started = world.run();
      const waits = `wait_event = 'virtualxid'`;
      await waitFor(() => terminate(bank, waits).then(() => true));
      await snapshot.query('COMMIT');
      return started;
    });
    await completesUndisturbed(stage, run);
    expect(await lostTries(stage)).toEqual(['index_ledger']);
  });
});

describe.concurrent('a network that', TIMEOUT, () => {
  test.each(GATES)('is cut in mid-unit (%s)', async (gate) => {
    await using stage = await stageOf();
    // The server notices nothing: the unit may well come to its end there.
    const run = await inMidUnit(stage, gate, async () => stage.bank.proxy.cut());
    await completesUndisturbed(stage, run);
  });

  test.each([
    ['book', 1],
    ['left_side', 1],
    ['spread', 1],
    ['spread', 3],
    ['seal', 1],
    ['final', 1],
    ['VACUUM', 2],
  ] as const)('loses the answer of the commit of %s (message %i)', async (text, times) => {
    await using stage = await stageOf();
    await losesAnswer(stage, text, times);
  });

  test.each([
    ['intent', 1],
    ['effect', 2],
    ['outcome', 3],
  ] as const)('loses the answer to the %s of CREATE INDEX CONCURRENTLY', async (_what, times) => {
    await using stage = await stageOf();
    await losesAnswer(stage, 'CREATE INDEX CONCURRENTLY', times);
  });

  test('refuses for a while in mid-unit', async () => {
    await using stage = await stageOf();
    const { world, bank } = stage;
    const run = await inMidUnit(stage, 'booked', async () => {
      bank.proxy.refuse();
      await waitFor(() => /target is away/.test(world.newest.notes));
      bank.proxy.open();
    });
    await completesUndisturbed(stage, run);
  });

  test('hangs in mid-unit without a word, and works again later', async () => {
    await using stage = await stageOf();
    const { world, bank } = stage;
    const run = await inMidUnit(stage, 'booked', async () => {
      bank.proxy.hang();
      await waitFor(() => /target is away/.test(world.newest.notes), { timeoutMs: 90_000 });
      bank.proxy.open();
    });
    await completesUndisturbed(stage, run);
  });
});

/** The server does what it is asked for and commits, and nobody hears of it. */
async function losesAnswer(stage: Stage, text: string, times: number): Promise<void> {
  const { bank } = stage;
  let swallowed: Promise<void> | null = null;
  // Before the hold the package was installed, in which everything is named.
  const run = await inMidUnit(stage, 'initial', async () => {
    swallowed = bank.proxy.swallowAnswerTo(text, times);
  });
  await swallowed;
  await completesUndisturbed(stage, run);
}
