import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedServer } from '../../../src/repository/embedded/server.ts';
import { ensureServer } from '../../../src/repository/embedded/supervisor.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type PostgresBank as Bank, withClient } from '../support/bank.ts';
import { type Effects, effectsOf, rowsLeft } from '../support/effects.ts';
import { undisturbedEffects } from '../support/undisturbed.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };

let undisturbed: Effects;
let folder: TempDir;

beforeAll(async () => {
  undisturbed = await undisturbedEffects('bank_a', 'bank_b');
  folder = await tempDir();
});

afterAll(() => folder.remove());

/** A server of this file's own, which is killed. */
async function serverIn(name: string): Promise<EmbeddedServer & AsyncDisposable> {
  const server = await ensureServer({ dataDir: `${folder.path}/${name}` });
  return { ...server, [Symbol.asyncDispose]: () => server.stop('immediate') };
}

async function killAndRestart(server: EmbeddedServer): Promise<void> {
  await server.kill();
  await ensureServer({ dataDir: server.dataDir });
}

async function everyBankWaits({ banks }: World): Promise<void> {
  for (const bank of banks) await bank.unitWaits();
}

async function completesUndisturbed(world: World): Promise<void> {
  const { code, notes, output } = await world.ending(world.newest);
  expect(code, `${notes}\n${output}`).toBe(0);
  expect(await effectsOf(world)).toEqual(undisturbed);
  expect(await Promise.all(world.banks.map(rowsLeft))).toEqual([0, 0]);
}

async function attempts(world: World): Promise<number[]> {
  const rows = await world.sql<{ attempt: number }>('SELECT attempt FROM odtm.stream');
  return rows.map(({ attempt }) => attempt);
}

describe.concurrent('the server of the targets is killed', TIMEOUT, () => {
  test('in mid-unit, and started again: the run goes on by itself', async () => {
    await using server = await serverIn('mid-unit');
    await using world = await World.create({ targetServer: server.url });
    for (const bank of world.banks) await bank.hold('booked');
    world.run();
    await everyBankWaits(world);
    await killAndRestart(server);
    await completesUndisturbed(world);
  });

  test.each([
    ['only the session', terminateCommitted],
    ['the server', killAndRestart],
  ] as const)('between a commit and its answer (%s)', async (what, kill) => {
    await using server = await serverIn(what);
    await using world = await World.create({ targetServer: server.url });
    const release = await Promise.all(world.banks.map((bank) => bank.hold('booked')));
    world.run();
    await everyBankWaits(world);
    // From here on every commit is complete on the server, and waits before it answers.
    await setStandby(server, `'nobody'`);
    try {
      for (const each of release) await each();
      await waitFor(async () => (await committing(server)).length === 2);
      await kill(server);
    } finally {
      await setStandby(server, 'DEFAULT');
    }
    await completesUndisturbed(world);
    const found = await world.sql<{ message: string }>(
      `SELECT message FROM odtm.unit_log WHERE task = 'book' AND status = 'lost'`,
    );
    expect(found).toHaveLength(0);
  });
});

async function setStandby(server: EmbeddedServer, names: string): Promise<void> {
  await withClient(server.url, async (client) => {
    await client.query(`ALTER SYSTEM SET synchronous_standby_names TO ${names}`);
    await client.query('SELECT pg_reload_conf()');
  });
}

function committing(server: EmbeddedServer): Promise<number[]> {
  return withClient(server.url, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%run_unit%'`,
    );
    return rows.map(({ pid }) => pid);
  });
}

async function terminateCommitted(server: EmbeddedServer): Promise<void> {
  const pids = await committing(server);
  await withClient(server.url, (client) =>
    client.query('SELECT pg_terminate_backend(p) FROM unnest($1::integer[]) p', [pids]),
  );
}

describe.concurrent('the repository', TIMEOUT, () => {
  test('is killed while units run: they finish, and the same attempt goes on', async () => {
    await using server = await serverIn('repository');
    await using world = await World.create({ repositoryServer: server.url });
    const release = await Promise.all(world.banks.map((bank) => bank.hold('booked')));
    world.run();
    await everyBankWaits(world);
    await server.kill();
    for (const each of release) await each();
    for (const bank of world.banks) await waitFor(() => isBooked(bank));
    await ensureServer({ dataDir: server.dataDir });
    await completesUndisturbed(world);
    expect(await attempts(world)).toEqual([1, 1]);
  });

  test('is out of reach for longer than leases live: units finish, nothing more starts', async () => {
    await using world = await World.create({ repositoryProxied: true });
    const release = await Promise.all(world.banks.map((bank) => bank.hold('booked')));
    world.run();
    await everyBankWaits(world);
    world.repositoryProxy?.refuse();
    await world.leasesExpired();
    for (const each of release) await each();
    for (const bank of world.banks) {
      await waitFor(() => isBooked(bank));
      expect(await tasksBegun(bank)).toEqual(['book']);
    }
    world.repositoryProxy?.open();
    await completesUndisturbed(world);
    expect(await attempts(world)).toEqual([1, 1]);
  });

  test('does not answer for a while, without a word', async () => {
    await using world = await World.create({ repositoryProxied: true });
    const release = await Promise.all(world.banks.map((bank) => bank.hold('booked')));
    world.run();
    await everyBankWaits(world);
    world.repositoryProxy?.hang();
    await world.leasesExpired();
    for (const each of release) await each();
    for (const bank of world.banks) await waitFor(() => isBooked(bank));
    world.repositoryProxy?.open();
    await completesUndisturbed(world);
  });
});

async function isBooked(bank: Bank): Promise<boolean> {
  const rows = await bank.sql(`SELECT FROM bank.ledger WHERE task = 'book' AND remark = 'after'`);
  return rows.length > 0;
}

async function tasksBegun(bank: Bank): Promise<string[]> {
  const rows = await bank.sql<{ task: string }>(
    `SELECT task FROM dom.dom$unit WHERE kind IN ('task', 'split') ORDER BY unit_id`,
  );
  return rows.map(({ task }) => task);
}
