import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { packageFile, packageVersion } from '../../../src/definition-files/package-files.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { Workshop } from './workshop.ts';

describe.skipIf(!hasMariadb())('an install that fails on MariaDB', () => {
  let shop: Workshop;

  beforeEach(async () => {
    shop = await Workshop.open();
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  /** The package of the workshop with more files, the last of which fails. */
  function failing(...texts: readonly string[]): PackageVersion {
    const more = [...texts, 'CREATE OR REPLACE VIEW broken AS SELECT n.id FROM nowhere n'];
    return packageVersion('conf', 'mariadb', [
      ...shop.fixture.package.files,
      ...more.map((text, index) => packageFile(`${30 + index}-more.sql`, `${text}\n/\n`)),
    ]);
  }

  async function errorOf(version: PackageVersion): Promise<string> {
    const target = await shop.stand.connect();
    return target.install({ package: version, acceptDrift: false }).then(
      () => 'none',
      (error: unknown) => String(error),
    );
  }

  const views = () =>
    shop.column(
      `SELECT CONCAT(table_name, ' ', view_definition) FROM information_schema.views
       WHERE table_schema = DATABASE()`,
    );
  const SEEN = 'CREATE OR REPLACE VIEW seen AS SELECT 2 AS n FROM dual';

  test('takes back what it has replaced', async () => {
    await shop.dba.query('CREATE VIEW seen AS SELECT 1 AS n');
    const before = await views();
    expect(await errorOf(failing(SEEN))).toMatch(/31-more\.sql:1.*nowhere/s);
    expect(await views()).toEqual(before);
  });

  test('leaves an object alone of which the server does not say how it is', async () => {
    await shop.dba.query('CREATE VIEW seen AS SELECT 1 AS n');
    const before = await views();
    const { schema } = shop;
    const pattern = schema.replaceAll('_', '\\_');
    await shop.dba.query(
      `REVOKE SHOW VIEW ON \`${pattern}\`.* FROM '${shop.fixture.instance.user}'@'%'`,
    );
    expect(await errorOf(failing(SEEN))).toMatch(/SHOW VIEW command denied.*30-more\.sql:1/s);
    expect(await views()).toEqual(before);
  });

  test('leaves code of somebody else, whose text it may not see', async () => {
    await shop.dba.query(`SET SESSION sql_mode = 'ORACLE'`);
    await shop.dba.query('CREATE FUNCTION theirs RETURN INTEGER AS BEGIN RETURN 1; END');
    const replace = 'CREATE OR REPLACE FUNCTION theirs RETURN INTEGER AS BEGIN RETURN 2; END;';
    expect(await errorOf(failing(replace))).toMatch(/nowhere/);
    const there = `SELECT routine_name FROM information_schema.routines
      WHERE routine_schema = DATABASE() AND routine_name = 'theirs'`;
    expect(await shop.column(there)).toEqual(['theirs']);
  });
});
