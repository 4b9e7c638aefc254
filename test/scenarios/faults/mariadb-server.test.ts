import type { Connection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTo, hasMariadb } from '../../support/mariadb/database.ts';
import { type MariadbServer, startMariadb } from '../../support/mariadb/server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Effects, effectsOf, rowsLeft } from '../support/effects.ts';
import { type MariadbBank, onMariadb } from '../support/mariadb-bank.ts';
import { World } from '../support/world.ts';

const TIMEOUT = { timeout: 300_000 };

let server: MariadbServer;
let undisturbed: Effects;

function world(): Promise<World<MariadbBank>> {
  return World.on(onMariadb, { targetServer: server.url });
}

describe.skipIf(!hasMariadb())('the MariaDB server of a fleet is killed', TIMEOUT, () => {
  beforeAll(async () => {
    server = await startMariadb();
    await using calm = await world();
    const { code, notes } = await calm.run().ended;
    expect(code, notes).toBe(0);
    undisturbed = await effectsOf(calm);
  });
  afterAll(() => server.stop());

  async function killAndRestart(): Promise<void> {
    await server.kill();
    await server.restart();
  }

  async function completes(fleet: World<MariadbBank>): Promise<void> {
    const { code, notes, output } = await fleet.ending(fleet.newest, 60_000);
    expect(code, `${notes}\n${output}`).toBe(0);
    expect(await effectsOf(fleet)).toEqual(undisturbed);
    expect(await Promise.all(fleet.banks.map(rowsLeft))).toEqual([0, 0]);
  }

  test('in the middle of chunks: the run goes on by itself', async () => {
    await using fleet = await world();
    for (const bank of fleet.banks) await bank.hold('spread 31');
    fleet.run();
    for (const bank of fleet.banks) await bank.unitWaits();
    await killAndRestart();
    await completes(fleet);
  });

  test('before an exchange takes effect, and behind another: none is swapped back', async () => {
    await using fleet = await world();
    const [before, behind] = fleet.banks;
    if (before === undefined || behind === undefined) throw new Error('there are two banks');
    // A read of the table keeps the exchange from it; a locked journal keeps its end from being recorded.
    const readers = await Promise.all(
      [before, behind].map(({ database }) => holds(`SELECT * FROM ${database}.spare`)),
    );
    fleet.run();
    for (const bank of fleet.banks) await exchanging(bank, 'ALTER TABLE swapped%');
    const journal = await holds(
      `SELECT * FROM ${behind.database}.dom$statement WHERE status = 'started' FOR UPDATE`,
    );
    await readers[1]?.end();
    await exchanging(behind, 'UPDATE dom$statement%');
    await killAndRestart();
    for (const each of [readers[0], journal]) each?.destroy();
    await completes(fleet);
    const messages = await fleet.sql<{ instance: string }>(
      `SELECT s.instance FROM odtm.unit_log u JOIN odtm.stream s ON s.id = u.stream_id
       WHERE u.message LIKE 'Found in effect after an earlier try%'`,
    );
    expect(messages).toEqual([{ instance: behind.name }]);
  });

  /** A transaction of somebody else, which the server's end will end. */
  async function holds(query: string): Promise<Connection> {
    const holder = await connectTo(server.url);
    holder.on('error', () => undefined);
    await holder.query('START TRANSACTION');
    await holder.query(query);
    return holder;
  }

  function exchanging(bank: MariadbBank, statement: string): Promise<unknown> {
    const query = `SELECT 1 FROM information_schema.processlist WHERE db = ? AND info LIKE ?`;
    return waitFor(async () => (await bank.sql(query, [bank.database, statement])).length > 0, {
      timeoutMs: 90_000,
    });
  }
});
