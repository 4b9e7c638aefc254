import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isFeedOn } from '../../examples/purge-orders/demo/account.ts';
import { checksOf } from '../../examples/purge-orders/demo/checks.ts';
import { type Outcome, textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import {
  firstTaskOfNewestAttempt,
  readRun,
  streamOf,
  unitsDoneTwice,
  unitsOf,
} from '../../examples/purge-orders/demo/run-record.ts';
import { limitTemporaryFiles, withClient } from '../../examples/purge-orders/demo/shop.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  createShopFleet,
  createShopModel,
  faultsOfAll,
  type ShopFleet,
  type ShopModel,
} from './shop-fleet.ts';

const RUN = ['run', '12', '--env', 'PROD'];

/** Enough that the rows under hold of a December do not fit into the sort memory of shop_asia. */
const ORDERS_A_MONTH = 1000;

let model: ShopModel;
let fleet: ShopFleet;

beforeAll(async () => {
  model = await createShopModel(ORDERS_A_MONTH);
});

beforeEach(async () => {
  fleet = await createShopFleet(model);
});

afterEach(() => fleet[Symbol.asyncDispose]());
afterAll(() => model[Symbol.asyncDispose]());

describe('a failure', () => {
  it('stops its stream alone, and the same command goes on from the failed task', async () => {
    const before = await fleet.accounts();
    await limitTemporaryFiles(fleet.shop('shop_asia'), '0');
    const first = await fleet.odtm(...RUN);
    const failed = await readRun(fleet.odtm);
    const feedsOnAfterFailure = (await feeds()).every((on) => on);

    await limitTemporaryFiles(fleet.shop('shop_asia'), null);
    const second = await fleet.odtm(...RUN);
    const checks = checksOf({
      failing: 'shop_asia',
      exitCodes: [first.code, second.code],
      failed,
      ended: await readRun(fleet.odtm),
      feedsOnAfterFailure,
      before,
      after: await fleet.accounts(),
    });
    expect(checks.length).toBeGreaterThan(10);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('of the package is told with file and line, and the repaired package goes on', async () => {
    const before = await fleet.accounts();
    const file = 'packages/purge_orders/postgres/60-purge.sql';
    await fleet.edit(file, "format('DROP TABLE %s'", "format('DROP TABLE %s_typo'");
    await textOf(fleet.odtm, 'apply');
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 1 });
    const failed = await readRun(fleet.odtm);
    expect(failed.streams.map(({ failure }) => failure)).toMatchObject(
      Array(4).fill({ code: '42P01', file: '60-purge.sql', line: expect.any(Number) }),
    );

    await fleet.edit(file, '%s_typo', '%s');
    await textOf(fleet.odtm, 'apply');
    expect(await fleet.odtm(...RUN)).toMatchObject({
      code: 0,
      notes: expect.stringContaining('The package is a newer one on'),
    });
    const ended = await readRun(fleet.odtm);
    expect(ended.runId).toBe(failed.runId);
    expect(firstTaskOfNewestAttempt(ended, 'shop_eu')).toBe('1/drop_detached');
    expect(faultsOfAll(before, await fleet.accounts())).toEqual([]);
  });
});

describe('in the middle of a run', () => {
  it('a halt lets the running unit end, and the same command resumes after it', async () => {
    const before = await fleet.accounts();
    const run = await whileDetachIsHeld(async () => {
      await textOf(fleet.odtm, 'halt', 'last', '--no-wait');
    });
    expect(run).toMatchObject({ code: 3 });
    const halted = await readRun(fleet.odtm);
    expect(streamOf(halted, 'shop_us')?.status).toBe('halted');
    const units = unitsOf(halted, 'shop_us');
    expect(units.at(-1)).toMatchObject({ task: 'final_error', status: 'done' });
    // The halt is noticed within a second, in which more of the month may have been done.
    const done = units.filter(({ iteration, status }) => iteration === 4 && status === 'done');
    expect(done.map(({ task }) => task)).toContain('detach_partition');
    expect(await feeds()).toEqual([true, true, true, true]);

    const restartedAt = await resume(before);
    expect(done.map(({ iteration, task }) => `${iteration}/${task}`)).not.toContain(restartedAt);
  });

  it('a halt now cancels the running statement, which has no effect then', async () => {
    const before = await fleet.accounts();
    const run = await whileDetachIsHeld(async () => {
      await textOf(fleet.odtm, 'halt', 'last', '--now');
    });
    expect(run).toMatchObject({ code: 3 });
    const units = unitsOf(await readRun(fleet.odtm), 'shop_us').map(
      ({ task, status }) => `${task} ${status}`,
    );
    expect(units.slice(-2)).toEqual(['detach_partition cancelled', 'final_error done']);
    expect(await feeds()).toEqual([true, true, true, true]);

    expect(await resume(before)).toBe('4/detach_partition');
  });

  it('a cancel ends the run for good, and the next one ends the month that was begun', async () => {
    const before = await fleet.accounts();
    await whileDetachIsHeld(async () => {
      await textOf(fleet.odtm, 'halt', 'last', '--now');
    });
    await textOf(fleet.odtm, 'cancel', 'last');
    const cancelled = await readRun(fleet.odtm);
    expect(streamOf(cancelled, 'shop_us')?.status).toBe('cancelled');
    const begun = await withClient(fleet.shop('shop_us').url, (client) =>
      client.query("SELECT FROM purge_orders.state WHERE status = 'working'"),
    );
    expect(begun.rowCount).toBe(1);

    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    const next = await readRun(fleet.odtm);
    expect(next.runId).not.toBe(cancelled.runId);
    expect(faultsOfAll(before, await fleet.accounts())).toEqual([]);
  });
});

/**
 * Runs the operation, and does something while shop_us waits in iteration 4 for a lock that the detaching
 * of the partition needs. Gives what the run has come to after the lock is gone.
 */
function whileDetachIsHeld(act: () => Promise<void>): Promise<Outcome> {
  const shop = fleet.shop('shop_us');
  return withClient(shop.url, async (client) => {
    await client.query('BEGIN; LOCK TABLE app.orders_2023_10 IN ACCESS SHARE MODE');
    const run = fleet.odtm(...RUN);
    await waitFor(async () => {
      const waiting = await client.query(
        `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
          WHERE NOT l.granted AND l.relation = 'app.orders_2023_10'::regclass
            AND d.datname = current_database()`,
      );
      return waiting.rowCount === 1;
    });
    await act();
    await client.query('COMMIT');
    return run;
  });
}

/** Runs the operation to its end, and says where shop_us went on. */
async function resume(before: Awaited<ReturnType<ShopFleet['accounts']>>): Promise<string> {
  const halted = await readRun(fleet.odtm);
  expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
  const ended = await readRun(fleet.odtm);
  expect(ended).toMatchObject({ runId: halted.runId, status: 'completed' });
  expect(unitsDoneTwice(ended)).toEqual([]);
  expect(faultsOfAll(before, await fleet.accounts())).toEqual([]);
  return firstTaskOfNewestAttempt(ended, 'shop_us');
}

function feeds(): Promise<boolean[]> {
  return Promise.all(fleet.shops.map(isFeedOn));
}
