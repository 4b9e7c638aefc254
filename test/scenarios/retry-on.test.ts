import { beforeAll, describe, expect, test } from 'vitest';
import { expectedAccount } from '../../examples/purge-events/demo/event-data.ts';
import { accountIn } from '../../examples/purge-events/demo/event-store.ts';
import { textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { hasMariadb } from '../support/mariadb/database.ts';
import { createEventsFleet, EVENTS_A_MONTH, MONTHS_KEPT } from './events-fleet.ts';
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

/** The same in the words of MariaDB, for rows of which the condition holds. */
function failsOnceOnMariadb(
  schema: string,
  table: string,
  condition: string,
  errno: number,
): string[] {
  return [
    `CREATE SEQUENCE ${schema}.tries`,
    `CREATE TRIGGER ${schema}.fail_once AFTER INSERT ON ${schema}.${table} FOR EACH ROW
     BEGIN
       IF ${condition} AND NEXT VALUE FOR ${schema}.tries = 1 THEN
         SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'not now';
       END IF;
     END`,
  ];
}

/** Each try of a unit of the task, as the central log has it. */
async function triesOf(world: World<Bank>, task = 'left_side'): Promise<readonly string[]> {
  const rows = await world.sql<{ text: string }>(
    `SELECT concat_ws(' ', object, iteration, 'try', try, status, failure ->> 'code') AS text
       FROM odtm.unit_log WHERE task = $1 ORDER BY started_at, try`,
    [task],
  );
  return rows.map(({ text }) => world.banks.reduce((all, bank) => bank.withoutOwnNames(all), text));
}

async function wants(world: World<Bank>, codes: string, task = 'left_side'): Promise<void> {
  const name = `name: ${task},`;
  await world.edit('operations.yaml', name, `${name} retry_on: ${codes},`);
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
  let undisturbed: Effects;

  beforeAll(async () => {
    await using world = await World.on(onMariadb, { banks: ['bank_a'] });
    expect(await world.run().ended).toMatchObject({ code: 0 });
    undisturbed = await effectsOf(world);
  });

  // seal has made a table by then, and that has committed by itself.
  test.each(['left_side', 'seal'])('%s is tried again, with each effect once', async (task) => {
    await using world = await World.on(onMariadb, { banks: ['bank_a'] });
    const bank = world.bank('bank_a');
    for (const sql of failsOnceOnMariadb(bank.owner, 'ledger', `NEW.task = '${task}'`, 1412))
      await bank.sql(sql);
    await wants(world, '["1412"]', task);
    const { code, output } = await world.run().ended;
    expect(code, output).toBe(0);
    const effects = await effectsOf(world);
    expect({ ...effects, statements: [...new Set(effects.statements)] }).toEqual({
      ...undisturbed,
      statements: [...new Set(undisturbed.statements)],
    });
    // Only what has committed by itself is in the log of both tries.
    const twice = effects.statements.length - undisturbed.statements.length;
    expect(twice).toBe(task === 'seal' ? 1 : 0);
    const tries = await triesOf(world, task);
    expect(tries).toHaveLength(5);
    expect(tries[0]).toMatch(/ 1 try 1 failed 1412$/);
    expect(tries[1]).toMatch(/ 1 try 2 done$/);
    expect(await rowsLeft(bank)).toBe(0);
  });
});

describe.runIf(hasMariadb())('and on the wire of Oracle', TIMEOUT, () => {
  test('it is tried again by a code of the operation, with each effect once', async () => {
    await using fleet = await createEventsFleet(['africa']);
    const store = fleet.store('events_africa');
    for (const sql of failsOnceOnMariadb(store.owner, 'event_rollup', 'TRUE', 4025))
      await store.execute(sql);
    const run = ['run', '30', '--env', 'PROD', '--only-instances', 'events_africa'];
    await fleet.edit(
      'operations/purge-events.yaml',
      'tasks:\n',
      'retry_on: [ora-2290]\n    tasks:\n',
    );
    await textOf(fleet.odtm, 'apply');
    expect(await fleet.odtm(...run)).toMatchObject({ code: 0 });
    const tries = await fleet.sql<{ text: string }>(
      `SELECT concat_ws(' ', iteration, try, status, failure ->> 'code') AS text
         FROM odtm.unit_log WHERE task = 'build_rollup' ORDER BY started_at`,
    );
    expect(tries.map(({ text }) => text)).toEqual([
      ...['1 1 failed ORA-02290', '1 2 done', '2 1 done', '3 1 done'],
    ]);
    const kept = MONTHS_KEPT.events_africa ?? 0;
    expect(await accountIn(store)).toEqual(expectedAccount(EVENTS_A_MONTH, kept));
  });
});
