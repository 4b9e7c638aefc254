import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import { postgresEngine } from '../../../src/targets/postgres/engine.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { callOf, run, Stand, sqlCall } from '../../conformance/target/stand.ts';
import { asSuperuser, createRole, dropRole, urlOf } from '../../support/database.ts';

describe('the bootstrap script', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Client;
  const user = `odtm_${randomBytes(5).toString('hex')}`;
  const owner = `owner_${randomBytes(5).toString('hex')}`;

  beforeEach(async () => {
    const direct = await postgresFixture();
    await createRole(owner, 'unused');
    fixture = { ...direct, instance: { ...direct.instance, user } };
    stand = new Stand(fixture);
    dba = new Client({ connectionString: urlOf(fixture.instance.database) });
    await dba.connect();
    await dba.query(`CREATE TABLE app.owned (id integer); ALTER TABLE app.owned OWNER TO ${owner};
      GRANT USAGE ON SCHEMA app TO ${owner}`);
  });
  afterEach(async () => {
    await stand.close();
    await dba.end();
    await fixture.drop();
    await dropRole(user);
    await dropRole(owner);
  });

  async function bootstrap(packages: readonly string[] | null, owners: readonly string[]) {
    const { database } = fixture.instance;
    const script = postgresEngine.clientScript({ user, database, packages, owners });
    await asSuperuser(script, urlOf(database));
    await asSuperuser(script, urlOf(database));
    await dba.query(`ALTER ROLE ${user} PASSWORD '${fixture.secret}'`);
    return script;
  }

  test('gives a reason for every grant', async () => {
    const script = await bootstrap(null, [owner]);
    const lines = script.split('\n');
    for (const [i, line] of lines.entries()) {
      if (!/^(GRANT|CREATE SCHEMA)/.test(line)) continue;
      const comment = lines.slice(0, i).findLastIndex((text) => !text.startsWith('--')) + 1;
      expect(lines[comment], line).toMatch(/^-- Reason: /);
    }
    expect(lines.filter((line) => line.startsWith('GRANT'))).toHaveLength(3);
  });

  test('makes a role that is no superuser, and with which everything works', async () => {
    await bootstrap(null, [owner]);
    const { rows } = await dba.query('SELECT * FROM pg_roles WHERE rolname = $1', [user]);
    expect(rows[0]).toMatchObject({
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolbypassrls: false,
      rolreplication: false,
    });
    const session = await (await stand.attach()).session();
    expect((await run(session, callOf('write_row'))).error).toBeNull();
    const sql = 'ALTER TABLE app.owned ADD COLUMN seen timestamptz';
    expect((await run(session, sqlCall(sql))).error, 'as a member of the owner').toBeNull();
  });

  test('with the schemas made by the DBA, the role needs not create any', async () => {
    await bootstrap(['conf'], []);
    const before = await fixture.snapshot();
    const attachment = await stand.attach();
    await run(await attachment.session(), callOf('write_row'));
    await attachment.forget();
    await attachment.close();
    const target = await stand.connect();
    expect((await target.check([fixture.package], [])).filter(({ ok }) => !ok)).toEqual([]);
    await target.uninstall({ package: null, force: false });
    expect(await fixture.snapshot(), 'the DBA’s schemas stay, empty').toBe(before);
  });

  test('a missing privilege is named', async () => {
    await bootstrap([], []);
    const target = await stand.connect();
    const findings = await target.check([fixture.package], []);
    expect(findings.filter(({ ok }) => !ok)).toEqual([
      {
        what: 'privilege',
        ok: false,
        text: expect.stringMatching(/schema conf .*may not be created/),
      },
    ]);
    const error = await target
      .install({ package: fixture.package, acceptDrift: false })
      .catch((thrown: unknown) => thrown);
    expect(isOdtmError(error, 'PRIVILEGE_MISSING')).toBe(true);
    expect(String(error)).toMatch(
      /lacks a privilege: CREATE on the database, to create schema conf/,
    );
    await dba.query('CREATE SCHEMA conf');
    const denied = await target
      .install({ package: fixture.package, acceptDrift: false })
      .catch((thrown: unknown) => thrown);
    expect(String(denied)).toMatch(/USAGE and CREATE on schema conf/);
  });

  test('a schema that is in use by something else is left alone', async () => {
    await bootstrap(null, []);
    await dba.query('CREATE SCHEMA conf; CREATE TABLE conf.precious (id integer)');
    const target = await stand.connect();
    const work = target.install({ package: fixture.package, acceptDrift: false });
    await expect(work).rejects.toThrow(/schema conf is in use already/);
  });
});
