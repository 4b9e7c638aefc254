import { randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mariadb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunOdtm, textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { hasMariadb, mariadbUrl, rootConnection } from '../support/mariadb/database.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { hold } from './events-fleet.ts';
import { odtmHere } from './odtm-here.ts';
import { OdtmProcess } from './support/odtm-process.ts';

const EXAMPLE = 'examples/drop-partition';
const RUN = ['run', '14', '--env', 'PROD'];
const TIMEOUT = { timeout: 180_000 };

describe.skipIf(!hasMariadb())('the example drop-partition as a run on mariadb', TIMEOUT, () => {
  let folder: TempDir;
  let repository: TestDatabase;
  let root: Connection;
  let odtm: RunOdtm;
  let env: Record<string, string>;
  let names: { readonly app: string; readonly database: string; readonly user: string };

  beforeEach(async () => {
    const own = randomBytes(4).toString('hex');
    names = { app: `app_${own}`, database: `odtm_${own}`, user: `odtm_${own}` };
    folder = await tempDir();
    repository = await createDatabase('repository');
    const password = randomBytes(12).toString('hex');
    env = { ODTM_REPOSITORY: repository.url, ORDERS_PASSWORD: password };
    odtm = odtmHere(folder.path, env);
    root = await rootConnection();
    await createApplication();
    await createUser(password);
    await placeProject();
    await textOf(odtm, 'apply');
  });
  afterEach(async () => {
    const { app, database, user } = names;
    await root.query(`DROP DATABASE IF EXISTS ${database}`);
    await root.query(`DROP DATABASE IF EXISTS ${app}`);
    await root.query(`DROP USER IF EXISTS '${user}'@'%'`);
    await root.end();
    await repository.drop();
    await folder.remove();
  });

  async function statements(script: string): Promise<void> {
    for (const statement of script.replaceAll(/^--.*$/gm, '').split(/;\s*$/m))
      if (statement.trim() !== '') await root.query(statement);
  }

  async function createApplication(): Promise<void> {
    await root.query(`SET sql_mode = 'ORACLE'`);
    await root.query(`CREATE DATABASE ${names.app}`);
    await root.query(`USE ${names.app}`);
    await statements(await readFile(`${EXAMPLE}/app/mariadb.sql`, 'utf8'));
  }

  async function createUser(password: string): Promise<void> {
    const { app, database, user } = names;
    const options = ['--user', user, '--database', database, '--owner', app];
    await statements(await textOf(odtm, 'client-script', '--engine', 'mariadb', ...options));
    await root.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}' ACCOUNT UNLOCK`);
  }

  /** The example as it is, but for where its database is and what the application's schema is called. */
  async function placeProject(): Promise<void> {
    await cp(EXAMPLE, folder.path, { recursive: true });
    const places = [
      'operations/drop-partition.yaml',
      'packages/drop_partition/mariadb/20-package-body.sql',
    ];
    for (const place of places) {
      const text = await readFile(join(EXAMPLE, place), 'utf8');
      await writeFile(join(folder.path, place), text.replaceAll(/\bapp\./g, `${names.app}.`));
    }
    const { hostname, port } = new URL(mariadbUrl());
    const instance = {
      name: 'orders_shop',
      engine: 'mariadb',
      address: `${hostname}:${port}/${names.database}`,
      user: names.user,
      credential: 'env:ORDERS_PASSWORD',
      environments: ['PROD'],
    };
    await writeFile(join(folder.path, 'instances.yaml'), JSON.stringify({ instances: [instance] }));
  }

  async function lines(sql: string): Promise<string[]> {
    const rows: { line: string }[] = await root.query(sql.replaceAll('app.', `${names.app}.`));
    return rows.map(({ line }) => String(line));
  }

  const orders = (where: string) =>
    lines(`SELECT CONCAT(COUNT(*), ' of ', SUM(amount)) AS line FROM app.orders WHERE ${where}`);

  /** Of five partitions two are left, with their orders and with those that are under legal hold. */
  async function expectDone(kept: readonly string[]): Promise<void> {
    expect(
      await lines(`SELECT partition_name AS line FROM information_schema.partitions
        WHERE table_schema = '${names.app}' AND partition_name IS NOT NULL ORDER BY line`),
    ).toEqual(['p_2024_07', 'p_younger']);
    expect(await orders('1 = 1')).toEqual(kept);
    expect(
      await lines(`SELECT table_name AS line FROM information_schema.tables
        WHERE table_schema = '${names.app}' ORDER BY line`),
    ).toEqual(['feed', 'legal_hold', 'orders']);
    expect(await lines('SELECT enabled AS line FROM app.feed')).toEqual(['Y']);
  }

  /** Keeps the exchange waiting that the run comes to first. */
  const holdExchange = () =>
    hold(
      `SELECT COUNT(*) FROM ${names.app}.orders`,
      `ALTER TABLE "${names.app}"."orders" EXCHANGE PARTITION%`,
    );

  const KEPT = `ordered_on >= '2024-07-01' OR customer_id = 7`;

  it('takes what is past retention, and nothing more', async () => {
    const kept = await orders(KEPT);
    await textOf(odtm, ...RUN);
    await expectDone(kept);
    const log = await textOf(odtm, 'log', 'last', '--statements');
    expect(log.match(/EXCHANGE PARTITION/g)).toHaveLength(3);
  });

  it('a session that is killed before its exchange: the exchange is made once', async () => {
    const kept = await orders(KEPT);
    const held = await holdExchange();
    const run = odtm(...RUN);
    await held.someoneWaits();
    await held.killWaiting();
    await held.release();
    expect(await run).toMatchObject({ code: 0 });
    await expectDone(kept);
  });

  it('a controller that is killed while its exchange takes effect: it is not swapped back', async () => {
    const kept = await orders(KEPT);
    const held = await holdExchange();
    const running = new OdtmProcess(RUN, env);
    await held.someoneWaits();
    await running.kill();
    await held.release();
    // The same command again; what the dead one's session did behind its back is found.
    expect(await odtm(...RUN)).toMatchObject({ code: 0 });
    await expectDone(kept);
  });

  it('a task that fails is repaired, and the same command goes on with it', async () => {
    const kept = await orders(KEPT);
    await root.query(`CREATE TABLE ${names.app}.orders_x_20240601 (other INTEGER)`);
    expect(await odtm(...RUN)).toMatchObject({ code: 1 });
    expect(await textOf(odtm, 'log', 'last', '--failed')).toContain('exchange_partition');
    expect(await lines('SELECT enabled AS line FROM app.feed')).toEqual(['Y']);
    // The DBA makes the table as the partition has to have it; the task before is done and stays so.
    await root.query(`DROP TABLE ${names.app}.orders_x_20240601`);
    await root.query(`CREATE TABLE ${names.app}.orders_x_20240601 LIKE ${names.app}.orders`);
    await root.query(`ALTER TABLE ${names.app}.orders_x_20240601 REMOVE PARTITIONING`);
    expect(await odtm(...RUN)).toMatchObject({ code: 0 });
    await expectDone(kept);
  });
});
