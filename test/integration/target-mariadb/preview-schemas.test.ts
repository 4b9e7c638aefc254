import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callOf, run } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Workshop } from './workshop.ts';

describe.skipIf(!hasMariadb())('schemas of previews on MariaDB', () => {
  let shop: Workshop;
  const foreign: string[] = [];

  beforeEach(async () => {
    shop = await Workshop.open(() => ({ write_row: `put('row');` }));
  });
  afterEach(async () => {
    for (const name of foreign.splice(0)) await shop.dba.query(`DROP DATABASE ${name}`);
    await shop[Symbol.asyncDispose]();
  });

  /** A schema of somebody else, whose name begins as that of a preview. */
  async function makeForeign(end: string): Promise<string> {
    const name = `${shop.schema}_preview_${end}`;
    await shop.dba.query(`CREATE DATABASE ${name}`);
    await shop.dba.query(`CREATE TABLE ${name}.precious (id INTEGER)`);
    foreign.push(name);
    return name;
  }

  async function schemas(): Promise<unknown[]> {
    const like = `${shop.schema.replaceAll('_', '\\_')}\\_preview\\_%`;
    const query = 'SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?';
    return (await shop.column(query, [like])).sort();
  }

  const preview = () => shop.stand.attach(1, { preview: 'rollback' });

  /** Ends all sessions in that schema, as a controller that is killed does. */
  async function abandon(name: string): Promise<void> {
    const inSchema = 'SELECT id FROM information_schema.processlist WHERE db = ?';
    for (const id of await shop.column(inSchema, [name])) await shop.dba.query(`KILL ${id}`);
    await waitFor(async () => (await shop.column(inSchema, [name])).length === 0);
  }

  test('one of somebody else stays, also where its name is like that of a preview', async () => {
    const theirs = [await makeForeign('eu'), await makeForeign('0123abcd'), await makeForeign('x')];
    const attachment = await preview();
    const ran = await run(await attachment.session(), callOf('write_row'));
    expect(ran.result?.outcome).toBe('done');
    await attachment.close();
    expect(await schemas()).toEqual(theirs.sort());
  });

  test('the next preview drops one whose session is gone, and none that is in use', async () => {
    await preview();
    const [abandoned] = await schemas();
    await preview();
    const inUse = (await schemas()).filter((name) => name !== abandoned);
    expect(inUse).toHaveLength(1);
    await abandon(String(abandoned));
    await preview();
    const left = await schemas();
    expect(left).toHaveLength(2);
    expect(left).toEqual(expect.arrayContaining(inUse));
    expect(left).not.toContain(abandoned);
  });
});
