import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { privilegeOf } from '../../../src/core/definitions/privilege.ts';
import { run, sqlCall } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { Workshop } from './workshop.ts';

const NEEDED = 'is missing: task purge of operation night needs it';
const GRANTED = ['tasks have the privileges that they need'];

describe.skipIf(!hasMariadb())('the privileges that tasks need on MariaDB', () => {
  let shop: Workshop;
  let account: string;
  /** A schema of somebody else, with an underscore in its name. */
  let other: string;

  beforeEach(async () => {
    shop = await Workshop.open();
    const { user } = shop.fixture.instance;
    account = `'${user}'@'%'`;
    other = `other_${user}`;
    await shop.dba.query(`CREATE DATABASE ${other}`);
    await shop.dba.query(`CREATE TABLE ${other}.event (id INTEGER)`);
  });
  afterEach(async () => {
    await shop.dba.query(`DROP DATABASE ${other}`);
    await shop[Symbol.asyncDispose]();
  });

  /** What is said of these privileges, and nothing else. */
  async function said(...privileges: string[]): Promise<string[]> {
    const needs = privileges.map((text) => ({
      operation: 'night',
      task: 'purge',
      privilege: privilegeOf(text),
    }));
    const findings = await (await shop.stand.connect()).check([], needs);
    return findings.filter(({ text }) => text.includes('task')).map(({ text }) => text);
  }

  test('without any need nothing is said of them', async () => {
    expect(await said()).toEqual([]);
  });

  test('on a table: missing, then granted on it alone', async () => {
    const [drop, remove] = [`DROP ON ${other}.event`, `DELETE ON ${other}.event`];
    expect(await said(drop, remove)).toEqual([`${drop} ${NEEDED}`, `${remove} ${NEEDED}`]);
    await shop.dba.query(`GRANT DROP ON ${other}.event TO ${account}`);
    expect(await said(drop, remove)).toEqual([`${remove} ${NEEDED}`]);
    await shop.dba.query(`GRANT DELETE ON ${other}.event TO ${account}`);
    expect(await said(drop, remove)).toEqual(GRANTED);
    expect(await said(`DROP ON ${other}.another`)).toEqual([`DROP ON ${other}.another ${NEEDED}`]);
  });

  test('on its schema, by a pattern, and what the server itself makes of it', async () => {
    const privilege = `DELETE ON ${other}.event`;
    const pattern = `${other.replaceAll('_', '\\_')}%`;
    await shop.dba.query(`GRANT DELETE ON \`${pattern}\`.* TO ${account}`);
    expect(await said(privilege)).toEqual(GRANTED);
    expect(await mayDelete()).toBe(true);
    // A grant on the name itself takes the place of the pattern.
    await shop.dba.query(`GRANT SELECT ON \`${other.replaceAll('_', '\\_')}\`.* TO ${account}`);
    expect(await mayDelete()).toBe(false);
    expect(await said(privilege, `SELECT ON ${other}.event`)).toEqual([`${privilege} ${NEEDED}`]);
    await shop.dba.query(`REVOKE DELETE ON \`${pattern}\`.* FROM ${account}`);
  });

  test('by a role that is another one’s, as the server itself lets package code use it', async () => {
    const { user } = shop.fixture.instance;
    const privilege = `DELETE ON ${other}.event`;
    const [outer, inner] = [`outer_${user}`, `inner_${user}`];
    for (const role of [outer, inner]) await shop.dba.query(`CREATE ROLE ${role}`);
    await shop.dba.query(`GRANT DELETE ON ${other}.* TO ${inner}`);
    await shop.dba.query(`GRANT ${inner} TO ${outer}`);
    await shop.dba.query(`GRANT ${outer} TO ${account}`);
    expect(await mayDelete(), 'nobody has set the role').toBe(false);
    expect(await said(privilege)).toEqual([`${privilege} ${NEEDED}`]);
    await shop.dba.query(`SET DEFAULT ROLE ${outer} FOR ${account}`);
    expect(await mayDelete()).toBe(true);
    expect(await said(privilege)).toEqual(GRANTED);
    for (const role of [outer, inner]) await shop.dba.query(`DROP ROLE ${role}`);
  });

  test('everywhere: also what is of no schema', async () => {
    expect(await said('FILE', 'REPLICATION CLIENT')).toEqual([
      `FILE ${NEEDED}`,
      `REPLICATION CLIENT ${NEEDED}`,
    ]);
    await shop.dba.query(`GRANT FILE, REPLICATION CLIENT, DROP ON *.* TO ${account}`);
    expect(await said('FILE', 'REPLICATION CLIENT', `DROP ON ${other}.event`)).toEqual(GRANTED);
  });

  /** Whether the server lets the user of ODTM do it. */
  async function mayDelete(): Promise<boolean> {
    const session = await (await shop.stand.attach(++attempts)).session();
    const call = sqlCall(`DELETE FROM ${other}.event`, {
      streamAttempt: attempts,
      key: { iteration: attempts },
    });
    const { error } = await run(session, call);
    if (error !== null) expect(error.failure.code).toBe('1142');
    return error === null;
  }
  let attempts = 0;
});
