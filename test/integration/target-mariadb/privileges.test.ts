import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import type { CheckFinding } from '../../../src/ports/target.ts';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';
import { runScript } from '../../conformance/target/mariadb-fixture.ts';
import { callOf, run, sqlCall } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { packageOfTasks, Workshop } from './workshop.ts';

const TASKS = (): Record<string, string> => ({ write_row: `put('row');` });

describe.skipIf(!hasMariadb())('the bootstrap script on MariaDB', () => {
  let shop: Workshop;
  let account: string;

  beforeEach(async () => {
    shop = await Workshop.open(TASKS);
    account = `'${shop.fixture.instance.user}'@'%'`;
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  function script(): string {
    const { user, database } = shop.fixture.instance;
    return mariadbEngine.clientScript({ user, database, packages: null, owners: [shop.app] });
  }

  /** Takes a privilege away again, under every pattern by which the script grants it. */
  async function revoke(privilege: string): Promise<void> {
    await shop.dba.query(`REVOKE ${privilege} ON ${granted()}.* FROM ${account}`);
  }

  /** The schema as the script names it in a grant: an underscore would stand for any character. */
  function granted(): string {
    return `\`${shop.schema.replaceAll('_', '\\_')}\``;
  }

  async function missing(): Promise<CheckFinding[]> {
    const findings = await (await shop.stand.connect()).check([shop.fixture.package], []);
    return findings.filter(({ ok }) => !ok);
  }

  test('gives a reason for every grant', () => {
    const lines = script().split('\n');
    const grants = lines.flatMap((line, index) => (line.startsWith('GRANT') ? [index] : []));
    expect(grants).toHaveLength(4);
    for (const index of grants) {
      const comment = lines.slice(0, index).findLastIndex((text) => !text.startsWith('--')) + 1;
      expect(lines[comment], lines[index]).toMatch(/^-- Reason: /);
    }
  });

  test('may be run again, and then still lets the user in', async () => {
    await runScript(shop.dba, script());
    const session = await (await shop.stand.attach()).session();
    expect((await run(session, callOf('write_row'))).error).toBeNull();
    const sql = `ALTER TABLE ${shop.app}.keys ADD COLUMN seen DATETIME`;
    expect((await run(session, sqlCall(sql))).error).toBeNull();
    expect(await missing()).toEqual([]);
  });

  test('makes no administrator', async () => {
    const privileges = await shop.column(
      `SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = ?`,
      [account],
    );
    expect(privileges).toEqual(['PROCESS']);
    await shop.stand.attach();
    const session = await (await shop.stand.attach(2)).session();
    const elsewhere = sqlCall('CREATE DATABASE elsewhere', { streamAttempt: 2 });
    expect((await run(session, elsewhere)).error?.failure.code).toBe('1044');
  });

  test.each(['CREATE', 'INSERT', 'SELECT', 'CREATE ROUTINE', 'ALTER ROUTINE'])(
    'without %s nothing is installed, and what lacks is named',
    async (privilege) => {
      await revoke(privilege);
      const text = expect.stringContaining(`${privilege} is missing`);
      expect(await missing()).toContainEqual({ what: 'privilege', ok: false, text });
      const target = await shop.stand.connect();
      const error = await target
        .install({ package: shop.fixture.package, acceptDrift: false })
        .then(() => null)
        .catch((thrown: unknown) => thrown);
      expect(isOdtmError(error, 'PRIVILEGE_MISSING'), String(error)).toBe(true);
      expect(String(error)).toMatch(new RegExp(`\\b${privilege}\\b`));
      const left = await shop.column(
        `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()
       UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()`,
      );
      expect(left).toEqual([]);
      await shop.dba.query(`GRANT ${privilege} ON ${granted()}.* TO ${account}`);
      const report = await (await shop.stand.connect()).install({
        package: shop.fixture.package,
        acceptDrift: false,
      });
      expect(report.installed).toEqual(['framework', 'package', 'state']);
    },
  );

  test('what cannot be translated is refused before the first change', async () => {
    await revoke('CREATE');
    const files = packageOfTasks({ merges: 'MERGE INTO a USING b ON (a.id = b.id);' }).files;
    const target = await shop.stand.connect();
    const work = target.install({
      package: { ...shop.fixture.package, files },
      acceptDrift: false,
    });
    await expect(work).rejects.toThrow(/MERGE/);
  });

  test('lets the user into no schema whose name differs in the place of an underscore', async () => {
    const others = [shop.schema, shop.app].map((name) => name.replaceAll('_', 'x'));
    const session = await (await shop.stand.attach()).session();
    try {
      for (const other of others) {
        await shop.dba.query(`CREATE DATABASE ${other}`);
        await shop.dba.query(`CREATE TABLE ${other}.secret (id INTEGER)`);
        const { error } = await run(session, sqlCall(`DELETE FROM ${other}.secret`));
        expect(error?.failure.code, other).toBe('1142');
      }
    } finally {
      for (const other of others) await shop.dba.query(`DROP DATABASE IF EXISTS ${other}`);
    }
  });

  test('a privilege under a wider name, which the server does not look at, counts as missing', async () => {
    await revoke('EXECUTE');
    await shop.dba.query(`GRANT EXECUTE ON ${shop.schema}.* TO ${account}`);
    const text = 'EXECUTE is missing here, to call packages';
    expect(await missing()).toEqual([{ what: 'privilege', ok: false, text }]);
  });

  test('a table of the application that is not granted fails the unit by name', async () => {
    await shop.dba.query('CREATE DATABASE IF NOT EXISTS elsewhere_odtm_test');
    await shop.dba.query('CREATE TABLE elsewhere_odtm_test.secret (id INTEGER)');
    const session = await (await shop.stand.attach()).session();
    const { error } = await run(session, sqlCall('DELETE FROM elsewhere_odtm_test.secret'));
    await shop.dba.query('DROP DATABASE elsewhere_odtm_test');
    expect(error).toMatchObject({ kind: 'failed', failure: { code: '1142' } });
    expect(error?.message).toMatch(/DELETE command denied .*secret/);
  });
});
