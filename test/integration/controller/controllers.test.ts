import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Fleet, mostAtOnce } from './fleet.ts';
import type { FleetShape } from './fleet-definitions.ts';

let database: TestDatabase;
let fleet: Fleet | null = null;

beforeEach(async () => {
  database = await createDatabase('controller');
});

afterEach(async () => {
  await fleet?.close();
  fleet = null;
  await database.drop();
});

async function createFleet(shape: FleetShape, workMs: number): Promise<Fleet> {
  fleet = await Fleet.create(database.url, shape, workMs);
  return fleet;
}

describe('several controllers', () => {
  test('share the streams, and no limit is ever exceeded', async () => {
    const shape = { instances: 8, operations: 3, perEnvironment: 5, perRun: 4 };
    const all = await createFleet(shape, 250);
    await Promise.all([1, 2, 3].map((operation) => all.start(operation)));
    await Promise.all([all.controller('a', 3), all.controller('b', 3)]);
    await all.completed();
    const driven = await all.driven();
    expect(driven).toHaveLength(24);
    expect(new Set(driven.map(({ stream }) => stream)).size).toBe(24);
    expect(mostAtOnce(driven, () => 'environment')).toBe(5);
    expect(mostAtOnce(driven, ({ run }) => run)).toBeLessThanOrEqual(4);
    expect(mostAtOnce(driven, ({ instance }) => instance)).toBe(1);
    expect(mostAtOnce(driven, ({ controller }) => controller)).toBeLessThanOrEqual(3);
    expect(new Set(driven.map(({ controller }) => controller))).toEqual(new Set(['a', 'b']));
  });

  test('one slow stream delays nobody', async () => {
    const all = await createFleet({ instances: 20 }, 10);
    await all.sql(`update fleet.work set ms = 60000 where instance = 'db1'`);
    await all.start();
    await all.controller('a', 2);
    await waitFor(async () => (await all.statuses()).completed === 19);
    expect(await all.statuses()).toEqual({ completed: 19, running: 1 });
  });
});

describe('a wish', () => {
  test('reaches a running stream within a second', async () => {
    const all = await createFleet({ instances: 2 }, 60_000);
    const run = await all.start();
    await all.controller('a', 2);
    await waitFor(async () => (await all.noted()).length === 2);
    const wished = Date.now();
    await all.repository.runs.wish(run, 'halt', 'test');
    await waitFor(async () => (await all.statuses()).halted === 2);
    const halted = (await all.noted()).filter(({ what }) => what === 'halted');
    for (const { at } of halted) expect(at - wished).toBeLessThan(1_000);
  });
});

describe('SIGTERM', () => {
  test('holds the streams, hands them to another controller and ends in seconds', async () => {
    const all = await createFleet({ instances: 3 }, 60_000);
    await all.start();
    const first = await all.controller('a', 3);
    await waitFor(async () => (await all.noted()).length === 3);
    await all.controller('b', 3);
    const tookMs = await first.end('SIGTERM');
    expect(tookMs).toBeLessThan(3_000);
    expect(first.child.exitCode).toBe(0);
    await all.completed();
    const driven = await all.driven();
    expect(driven.map(({ controller, attempt }) => `${controller}${attempt}`).toSorted()).toEqual([
      'a1',
      'a1',
      'a1',
      'b2',
      'b2',
      'b2',
    ]);
    const held = (await all.noted()).filter(({ what }) => what === 'waiting');
    expect(held).toHaveLength(3);
    const alive = await all.repository.controllers.alive(10_000);
    expect(alive.map(({ id }) => id)).toEqual(['b']);
  });

  test('with nobody else, the streams wait and the next controller goes on at once', async () => {
    const all = await createFleet({ instances: 2 }, 60_000);
    await all.start();
    const first = await all.controller('a', 2);
    await waitFor(async () => (await all.noted()).length === 2);
    await first.end('SIGTERM');
    expect(await all.statuses()).toEqual({ waiting: 2 });
    const began = performance.now();
    await all.controller('b', 2);
    await all.completed();
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
