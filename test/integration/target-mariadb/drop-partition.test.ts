import { readFileSync } from 'node:fs';
import type { Connection } from 'mariadb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { packageFile, packageVersion } from '../../../src/definition-files/package-files.ts';
import type { UnitSession } from '../../../src/ports/target.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { mariadbFixture } from '../../conformance/target/mariadb-fixture.ts';
import { callOf, parameter, run, Stand } from '../../conformance/target/stand.ts';
import { rootConnection } from '../../support/mariadb/database.ts';

const EXAMPLE = 'examples/drop-partition';
const FILES = ['state.sql', '10-package.sql', '20-package-body.sql'];
const TASKS = [
  'create_exchange',
  'exchange_partition',
  'drop_partition',
  'reinsert_kept',
  'drop_table',
  'drop_tablespace',
  'close_account',
];

describe('the example drop-partition on mariadb', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Connection;
  let app: string;

  beforeEach(async () => {
    const own = await mariadbFixture();
    app = own.keyTables.owner;
    fixture = { ...own, package: examplePackage() };
    stand = new Stand(fixture);
    dba = await rootConnection(app);
    await dba.query(`SET sql_mode = 'ORACLE'`);
    for (const statement of read('app/mariadb.sql').split(/;\n/))
      if (statement.trim() !== '') await dba.query(statement);
  });
  afterEach(async () => {
    await stand.close();
    await dba.end();
    await fixture.drop();
  });

  function read(path: string): string {
    return readFileSync(`${EXAMPLE}/${path}`, 'utf8').replaceAll('app.', `${app}.`);
  }

  function examplePackage(): PackageVersion {
    const files = FILES.map((name) =>
      packageFile(name, read(`packages/drop_partition/mariadb/${name}`)),
    );
    return packageVersion('drop_partition', 'mariadb', files);
  }

  async function open(): Promise<UnitSession> {
    const parameters = [
      parameter('months_kept', 'number', '24'),
      parameter('reference_date', 'date', '2026-07-01'),
      parameter(
        'keep_where',
        'string',
        `EXISTS (SELECT 1 FROM ${app}.legal_hold h WHERE h.customer_id = r.customer_id)`,
      ),
    ];
    const object = { id: `${app}.orders`, owner: app, name: 'orders', parameters };
    return (await stand.attach(1, { objects: [object] })).session();
  }

  async function perform(session: UnitSession, task: string, iteration: number): Promise<string> {
    const object = { id: `${app}.orders`, owner: app, name: 'orders', parameters: [] };
    const call = callOf(task, { object, key: { object: object.id, iteration } });
    const { result, error } = await run(session, call);
    expect(error?.failure ?? null, task).toBeNull();
    return result?.outcome ?? '';
  }

  async function partitions(): Promise<string[]> {
    const rows: { name: string }[] = await dba.query(
      `SELECT partition_name AS name FROM information_schema.partitions
       WHERE table_schema = ? AND table_name = 'orders' ORDER BY partition_ordinal_position`,
      [app],
    );
    return rows.map(({ name }) => name);
  }

  async function count(sql: string): Promise<number> {
    const rows: { n: number | bigint }[] = await dba.query(`SELECT COUNT(*) AS n FROM ${sql}`);
    return Number(rows[0]?.n);
  }

  test('drops what is past retention, keeps what is on hold, and turns the feed off meanwhile', async () => {
    const held = await count(`orders WHERE customer_id = 7`);
    const young = await count(`orders WHERE ordered_on >= '2024-07-01' AND customer_id <> 7`);
    const session = await open();
    for (let iteration = 1; iteration <= 3; iteration += 1) {
      expect(await perform(session, 'iterator', iteration)).toBe('done');
      if (iteration === 1) await perform(session, 'initial', iteration);
      expect(await count(`feed WHERE enabled = 'N'`)).toBe(1);
      for (const task of TASKS) await perform(session, task, iteration);
    }
    expect(await perform(session, 'iterator', 4)).toBe('complete');
    await perform(session, 'final', 4);
    expect(await partitions()).toEqual(['p_2024_07', 'p_younger']);
    expect(await count('orders')).toBe(held + young);
    expect(await count('orders WHERE customer_id = 7')).toBe(held);
    expect(await count(`feed WHERE enabled = 'Y'`)).toBe(1);
    expect(
      await count(`information_schema.tables WHERE table_schema = '${app}'
      AND table_name LIKE 'orders$_x$_%' ESCAPE '$'`),
    ).toBe(0);
  });
});
