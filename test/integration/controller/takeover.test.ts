import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Fleet } from './fleet.ts';

const LONGEST_TAKEOVER_MS = 15_000;

let database: TestDatabase;
let fleet: Fleet;

beforeEach(async () => {
  database = await createDatabase('takeover');
});

afterEach(async () => {
  await fleet.close();
  await database.drop();
});

test('after kill -9 of a controller a live one goes on with its streams within 15 seconds', async () => {
  fleet = await Fleet.create(database.url, { instances: 4 }, 60_000);
  await fleet.start();
  const first = await fleet.controller('a', 4);
  await waitFor(async () => (await fleet.noted()).length === 4);
  await fleet.controller('b', 4);
  const killed = Date.now();
  await first.end('SIGKILL');
  await fleet.completed(LONGEST_TAKEOVER_MS + 5_000);
  const taken = (await fleet.driven()).filter(({ controller }) => controller === 'b');
  expect(taken.map(({ attempt }) => attempt)).toEqual([2, 2, 2, 2]);
  const tookMs = Math.max(...taken.map(({ at }) => at - killed));
  expect(tookMs).toBeLessThan(LONGEST_TAKEOVER_MS);
});

test('a controller without a free slot does not take over: one with free slots does', async () => {
  fleet = await Fleet.create(database.url, { instances: 3 }, 60_000);
  await fleet.start();
  const first = await fleet.controller('a', 2);
  await waitFor(async () => (await fleet.noted()).length === 2);
  // The only slot of the second controller is taken by a stream of its own.
  const second = await fleet.controller('b', 1);
  await waitFor(async () => (await fleet.noted()).length === 3);
  await first.end('SIGKILL');
  await fleet.controller('c', 2);
  await waitFor(async () => (await fleet.statuses()).completed === 2, {
    timeoutMs: LONGEST_TAKEOVER_MS + 5_000,
  });
  const driven = await fleet.driven();
  const busy = driven.filter(({ controller }) => controller === 'b');
  expect(busy.map(({ attempt }) => attempt)).toEqual([1]);
  expect(driven.filter(({ attempt }) => attempt === 2).map(({ controller }) => controller)).toEqual(
    ['c', 'c'],
  );
  expect(second.child.exitCode).toBeNull();
});

test('with no controller alive, the same command again goes on', async () => {
  fleet = await Fleet.create(database.url, { instances: 2 }, 60_000);
  const run = await fleet.start();
  const first = await fleet.controller('a', 2);
  await waitFor(async () => (await fleet.noted()).length === 2);
  await expect(fleet.start()).rejects.toThrow(`run ${run}`);
  await first.end('SIGKILL');
  await waitFor(async () => (await fleet.start()) === run, { pollMs: 200, timeoutMs: 15_000 });
  await fleet.controller('b', 2);
  await fleet.completed(5_000);
});
