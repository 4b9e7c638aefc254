import { beforeAll, describe, expect, test } from 'vitest';
import { hasMariadb } from '../support/mariadb/database.ts';
import type { Bank } from './support/bank.ts';
import { type Effects, effectsOf, rowsLeft } from './support/effects.ts';
import { onMariadb } from './support/mariadb-bank.ts';
import { undisturbedEffects } from './support/undisturbed.ts';
import { World } from './support/world.ts';

const TIMEOUT = { timeout: 300_000 };

/**
 * Makes the first work of left_side on the ledger fail with 55P03, and no other. A sequence is not rolled
 * back with the unit, so that the next try finds it further on.
 */
const FAILS_ONCE_ON_POSTGRES = `
  CREATE SEQUENCE bank.tries;
  CREATE FUNCTION bank.fail_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  BEGIN
    IF nextval('bank.tries') = 1 THEN
      RAISE EXCEPTION 'not now' USING ERRCODE = '55P03';
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER fail_once AFTER INSERT ON bank.ledger
    FOR EACH ROW WHEN (NEW.task = 'left_side') EXECUTE FUNCTION bank.fail_once();`;

/** The same in the words of MariaDB, with 1412: the definition of a table has changed. */
const FAILS_ONCE_ON_MARIADB = [
  'CREATE SEQUENCE tries',
  `CREATE TRIGGER fail_once AFTER INSERT ON ledger FOR EACH ROW
   BEGIN
     IF NEW.task = 'left_side' AND NEXT VALUE FOR tries = 1 THEN
       SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1412, MESSAGE_TEXT = 'not now';
     END IF;
   END`,
];

/** Each try of a unit of left_side, as the central log has it. */
async function triesOf(world: World<Bank>): Promise<readonly string[]> {
  const rows = await world.sql<{ text: string }>(
    `SELECT concat_ws(' ', object, iteration, 'try', try, status, failure ->> 'code') AS text
       FROM odtm.unit_log WHERE task = 'left_side' ORDER BY started_at, try`,
  );
  return rows.map(({ text }) => world.banks.reduce((all, bank) => bank.withoutOwnNames(all), text));
}

async function wants(world: World<Bank>, codes: string): Promise<void> {
  const task = 'name: left_side, order: 20';
  await world.edit('operations.yaml', task, `${task}, retry_on: ${codes}`);
}

describe('a task on PostgreSQL that fails once with a code of its retry_on', TIMEOUT, () => {
  let undisturbed: Effects;

  beforeAll(async () => {
    undisturbed = await undisturbedEffects('bank_a');
  });

  async function oneBank(): Promise<World> {
    const world = await World.create({ banks: ['bank_a'] });
    await world.bank('bank_a').sql(FAILS_ONCE_ON_POSTGRES);
    return world;
  }

  test('is tried again: the run completes, with each effect once', async () => {
    await using world = await oneBank();
    await wants(world, '["1412", 55p03]');
    const { code, output } = await world.run().ended;
    expect(code, output).toBe(0);
    expect(await effectsOf(world)).toEqual(undisturbed);
    expect((await triesOf(world)).slice(0, 2)).toEqual([
      'bank.account 1 try 1 failed 55P03',
      'bank.account 1 try 2 done',
    ]);
    expect(await triesOf(world)).toHaveLength(5);
    expect(await rowsLeft(world.bank('bank_a'))).toBe(0);
  });

  test('is not where it has other codes; the same command goes on once it has this one', async () => {
    await using world = await oneBank();
    await wants(world, '["40001"]');
    const { code, output } = await world.run().ended;
    expect(code, output).toBe(1);
    expect(output).toContain('55P03');
    expect(await triesOf(world)).toEqual(['bank.account 1 try 1 failed 55P03']);
    await world.edit('operations.yaml', '["40001"]', '["55P03"]');
    await world.bank('bank_a').sql('ALTER SEQUENCE bank.tries RESTART');
    expect(await world.run().ended).toMatchObject({ code: 0 });
    expect(await effectsOf(world)).toEqual(undisturbed);
  });
});

describe.runIf(hasMariadb())('and on MariaDB', TIMEOUT, () => {
  test('it is tried again: the run completes, with each effect once', async () => {
    const undisturbed = await effectsOnMariadb();
    await using world = await World.on(onMariadb, { banks: ['bank_a'] });
    for (const sql of FAILS_ONCE_ON_MARIADB) await world.bank('bank_a').sql(sql);
    await wants(world, '["1412"]');
    const { code, output } = await world.run().ended;
    expect(code, output).toBe(0);
    expect(await effectsOf(world)).toEqual(undisturbed);
    const tries = await triesOf(world);
    expect(tries).toHaveLength(5);
    expect(tries[0]).toMatch(/ 1 try 1 failed 1412$/);
    expect(tries[1]).toMatch(/ 1 try 2 done$/);
    expect(await rowsLeft(world.bank('bank_a'))).toBe(0);
  });

  async function effectsOnMariadb(): Promise<Effects> {
    await using world = await World.on(onMariadb, { banks: ['bank_a'] });
    expect(await world.run().ended).toMatchObject({ code: 0 });
    return await effectsOf(world);
  }
});
