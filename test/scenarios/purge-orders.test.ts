import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import {
  loggedRows,
  readRun,
  unitsDoneTwice,
  unitsOf,
} from '../../examples/purge-orders/demo/run-record.ts';
import { type Shop, withClient } from '../../examples/purge-orders/demo/shop.ts';
import {
  createShopFleet,
  createShopModel,
  faultsOfAll,
  inProduction,
  type ShopFleet,
  type ShopModel,
} from './shop-fleet.ts';

const RUN = ['run', '12', '--env', 'PROD'];
const ORDERS_A_MONTH = 300;

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

describe('a run of the example', () => {
  it('takes exactly what is due, everywhere, and leaves no trace of itself', async () => {
    const before = await fleet.accounts();
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    const after = await fleet.accounts();
    expect(faultsOfAll(before, after)).toEqual([]);

    const run = await readRun(fleet.odtm);
    expect(run.status).toBe('completed');
    expect(unitsDoneTwice(run)).toEqual([]);
    for (const { name } of fleet.shops) {
      expect(loggedRows(run, name, 'purge_items')).toBe(before.get(name)?.due.items);
      const months = 36 - inProduction(name).monthsKept;
      const dropped = unitsOf(run, name).filter(({ task }) => task === 'drop_detached');
      expect(dropped.map(({ iteration }) => iteration)).toEqual(
        Array.from({ length: months }, (_, month) => month + 1),
      );
    }
    for (const shop of fleet.shops) expect(await leftOnTarget(shop)).toEqual({ rows: 0 });
  });

  it('finds nothing to do when it is run again', async () => {
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    const before = await fleet.accounts();
    const first = await readRun(fleet.odtm);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    expect(await fleet.accounts()).toEqual(before);
    const second = await readRun(fleet.odtm);
    expect(second.runId).not.toBe(first.runId);
    const kinds = second.units.map(({ kind }) => kind).filter((kind) => kind !== 'install');
    expect([...new Set(kinds)].sort()).toEqual(['final', 'iterator']);
  });

  it('goes by the parameters of the environment', async () => {
    const retention = () => ({ referenceDate: '2026-07-01', monthsKept: 12 });
    const before = await fleet.accounts(retention);
    expect(await fleet.odtm('run', 'purge_orders', '--env', '2')).toMatchObject({ code: 0 });
    const after = await fleet.accounts(retention);
    const run = await readRun(fleet.odtm);
    expect(run.streams.map(({ instance }) => instance)).toEqual(['shop_eu']);
    expect(faultsOfAll(before, after).filter((fault) => fault.startsWith('shop_eu'))).toEqual([]);
    for (const name of ['shop_us', 'shop_asia', 'shop_latam']) {
      expect(after.get(name)).toEqual(before.get(name));
    }
  });

  it('stops at the row limit, and the next run takes the next months', async () => {
    const limit = 'name: row_limit, value: ';
    await fleet.edit('operations/purge-orders.yaml', `${limit}5000000`, `${limit}500`);
    await textOf(fleet.odtm, 'apply');
    const only = [...RUN, '--only-instances', 'shop_eu'];
    // 300 orders a month, of which a fifth is under hold: three make 720. November has twice as many.
    for (const monthsDone of [3, 5]) {
      expect(await fleet.odtm(...only)).toMatchObject({ code: 0 });
      const months = await withClient(fleet.shop('shop_eu').url, (client) =>
        client.query("SELECT FROM purge_orders.state WHERE status = 'done'"),
      );
      expect(months.rowCount).toBe(monthsDone);
      expect(await textOf(fleet.odtm, 'log', 'last')).toContain(
        'The row limit of 500 orders is reached.',
      );
    }
  });
});

describe('a preview', () => {
  it('runs everything and changes nothing', async () => {
    const accounts = await fleet.accounts();
    const catalogues = await Promise.all(fleet.shops.map(catalogueOf));
    expect(await fleet.odtm(...RUN, '--preview')).toMatchObject({ code: 0 });
    expect(await fleet.accounts()).toEqual(accounts);
    expect(await Promise.all(fleet.shops.map(catalogueOf))).toEqual(catalogues);
    const statements = await textOf(fleet.odtm, 'log', 'last', '--statements');
    expect(statements).toContain('DETACH PARTITION app.orders_2023_07');
    expect(statements).toContain('DELETE FROM app.order_items');
    expect(statements).not.toMatch(/\bcommitted\b/);
  });
});

/** Rows of the framework that a completed stream must not leave. */
function leftOnTarget(shop: Shop): Promise<{ rows: number }> {
  return withClient(shop.url, async (client) => {
    const { rows } = await client.query(
      `SELECT ((SELECT count(*) FROM dom.dom$unit) + (SELECT count(*) FROM dom.dom$statement)
             + (SELECT count(*) FROM dom.dom$chunk) + (SELECT count(*) FROM dom.dom$parameter)
             + (SELECT count(*) FROM dom.dom$stream))::integer AS rows`,
    );
    return rows[0];
  });
}

/** Every schema, relation and routine of a database that is not the server's own. */
function catalogueOf(shop: Shop): Promise<unknown[]> {
  return withClient(shop.url, async (client) => {
    const { rows } = await client.query(
      `WITH own AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)')
       SELECT nspname AS name, oid FROM own
       UNION ALL SELECT nspname || '.' || relname, c.oid FROM pg_class c JOIN own ON own.oid = relnamespace
       UNION ALL SELECT nspname || '.' || proname, p.oid FROM pg_proc p JOIN own ON own.oid = pronamespace
       ORDER BY 1, 2`,
    );
    return rows;
  });
}
