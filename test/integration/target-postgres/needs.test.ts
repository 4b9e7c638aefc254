import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { privilegeOf } from '../../../src/core/definitions/privilege.ts';
import type { Target } from '../../../src/ports/target.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { Stand } from '../../conformance/target/stand.ts';
import { createRole, dropRole, urlOf } from '../../support/database.ts';

const NEEDED = 'is missing: task purge of operation night needs it';

/** A role with nothing but the right to log in, and a DBA who grants. */
describe('the privileges that tasks need on PostgreSQL', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let target: Target;
  let dba: Client;
  const user = `needy_${randomBytes(5).toString('hex')}`;
  const owner = `owner_${randomBytes(5).toString('hex')}`;

  beforeEach(async () => {
    const direct = await postgresFixture();
    await createRole(owner, 'unused');
    await createRole(user, direct.secret);
    fixture = { ...direct, instance: { ...direct.instance, user } };
    stand = new Stand(fixture);
    dba = new Client({ connectionString: urlOf(fixture.instance.database) });
    await dba.connect();
    await dba.query(`CREATE SCHEMA shop; CREATE TABLE shop.orders (id integer);
      ALTER TABLE shop.orders OWNER TO ${owner}; CREATE SEQUENCE shop.ids;
      CREATE FUNCTION shop.tidy() RETURNS integer LANGUAGE sql AS 'SELECT 1';
      REVOKE EXECUTE ON FUNCTION shop.tidy FROM PUBLIC;
      REVOKE TEMPORARY ON DATABASE ${fixture.instance.database} FROM PUBLIC`);
    target = await stand.connect();
  });
  afterEach(async () => {
    await stand.close();
    await dba.end();
    await fixture.drop();
    await dropRole(user);
    await dropRole(owner);
  });

  /** What is said of these privileges, and nothing else. */
  async function said(...privileges: string[]): Promise<string[]> {
    const needs = privileges.map((text) => ({
      operation: 'night',
      task: 'purge',
      privilege: privilegeOf(text),
    }));
    const findings = await target.check([], needs);
    const own = findings.filter(({ text }) => text.includes('task'));
    for (const { ok, text } of own) expect(ok).toBe(!text.includes('missing'));
    return own.map(({ text }) => text);
  }

  const GRANTED = ['tasks have the privileges that they need'];

  test('without any need nothing is said of them', async () => {
    expect(await said()).toEqual([]);
  });

  test.each([
    ['DELETE ON shop.orders', 'GRANT DELETE ON shop.orders TO'],
    ['USAGE ON shop.ids', 'GRANT USAGE ON SEQUENCE shop.ids TO'],
    ['EXECUTE ON shop.tidy', 'GRANT EXECUTE ON FUNCTION shop.tidy TO'],
    ['CREATE ON shop.orders_old', 'GRANT CREATE ON SCHEMA shop TO'],
    ['TEMPORARY', 'GRANT TEMPORARY ON DATABASE @db TO'],
    ['PG_SIGNAL_BACKEND', 'GRANT pg_signal_backend TO'],
  ])('%s is missing, and then granted', async (privilege, grant) => {
    await dba.query(`GRANT USAGE ON SCHEMA shop TO ${user}`);
    expect(await said(privilege)).toEqual([`${privilege} ${NEEDED}`]);
    await dba.query(`${grant.replace('@db', fixture.instance.database)} ${user}`);
    expect(await said(privilege)).toEqual(GRANTED);
  });

  test('an attribute of the role', async () => {
    expect(await said('CREATEDB', 'BYPASSRLS')).toEqual([
      `CREATEDB ${NEEDED}`,
      `BYPASSRLS ${NEEDED}`,
    ]);
    await dba.query(`ALTER ROLE ${user} CREATEDB`);
    expect(await said('CREATEDB', 'BYPASSRLS')).toEqual([`BYPASSRLS ${NEEDED}`]);
  });

  test('what only the owner may do, and by a role that owns it', async () => {
    await dba.query(`GRANT USAGE ON SCHEMA shop TO ${user}`);
    expect(await said('ALTER ON shop.orders')).toEqual([
      `ALTER ON shop.orders ${NEEDED} (only a member of its owner may do so)`,
    ]);
    await dba.query(`GRANT ${owner} TO ${user}`);
    expect(await said('ALTER ON shop.orders', 'DELETE ON shop.orders')).toEqual(GRANTED);
  });

  test('a grant on a table helps nobody who may not use its schema', async () => {
    await dba.query(`GRANT DELETE ON shop.orders TO ${user}`);
    expect(await said('DELETE ON shop.orders')).toEqual([
      `DELETE ON shop.orders ${NEEDED} (so is USAGE on schema shop)`,
    ]);
  });

  test('what is not there, and what is no privilege, says so', async () => {
    await dba.query(`GRANT USAGE ON SCHEMA shop TO ${user}`);
    const texts = await said('DELETE ON shop.none', 'DELETE ON none.t', 'EXECUTE ON shop.orders');
    expect(texts).toEqual([
      `DELETE ON shop.none ${NEEDED} (shop.none is not there)`,
      `DELETE ON none.t ${NEEDED} (there is no schema none)`,
      `EXECUTE ON shop.orders ${NEEDED} (there is no routine shop.orders)`,
    ]);
    const [text] = await said('DROP TABLESPACE');
    expect(text).toMatch(/^DROP TABLESPACE is missing: .* \(it is no attribute of a role/);
    expect((await said('ERASE ON shop.orders'))[0]).toMatch(/knows no such privilege on a table/);
  });
});
