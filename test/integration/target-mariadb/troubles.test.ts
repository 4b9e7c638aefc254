import { afterEach, describe, expect, test } from 'vitest';
import { callOf, type Ran, run, sqlCall } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { Workshop } from './workshop.ts';

const TASKS = (app: string): Record<string, string> => {
  const update = (table: string, id: number) =>
    `DOM.execute_immediate(p_handle, 'UPDATE ${app}.${table} SET id = id WHERE id = ${id}', NULL);`;
  return {
    collides: `put('before'); ${update('keys', 1)} ${update('gate', 1)} ${update('keys', 2)} put('behind');`,
    catches: `put('before'); ${update('keys', 1)} ${update('gate', 1)}
      BEGIN
        ${update('keys', 2)}
      EXCEPTION WHEN OTHERS THEN
        put('caught');
      END;`,
  };
};

describe.skipIf(!hasMariadb())('troubles of the server', () => {
  let shop: Workshop;

  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  /**
   * Runs a task into a deadlock with a transaction of somebody else. The server lets the one survive that has
   * written into tables without transactions, as each unit does by its log, and of two the larger one.
   */
  async function deadlocked(task: string): Promise<Ran> {
    const { app } = shop;
    await shop.dba.query('CREATE TABLE notes (id INTEGER) ENGINE = Aria');
    const session = await (await shop.stand.attach()).session();
    const open = await shop.holder('START TRANSACTION', `SELECT * FROM ${app}.gate FOR UPDATE`);
    const running = run(session, callOf(task));
    await shop.sessionIn(`UPDATE ${app}.gate%`);
    await shop.dba.query('START TRANSACTION');
    await shop.dba.query('INSERT INTO notes VALUES (1)');
    await shop.dba.query(`INSERT INTO ${app}.no_keys SELECT seq, NOW() FROM seq_1_to_500`);
    await shop.dba.query(`UPDATE ${app}.keys SET at = at + INTERVAL 1 DAY WHERE id = 2`);
    const theirs = shop.dba.query(`UPDATE ${app}.keys SET at = at + INTERVAL 1 DAY WHERE id = 1`);
    await open();
    const ran = await running;
    await theirs;
    await shop.dba.query('ROLLBACK');
    return ran;
  }

  const statuses = ({ statements }: Ran): string[] => statements.map(({ status }) => status);

  test('a deadlock is retryable, and leaves nothing of the unit', async () => {
    shop = await Workshop.open(TASKS);
    const ran = await deadlocked('collides');
    const { error } = ran;
    expect(error).toMatchObject({ kind: 'retryable', failure: { code: '1213' } });
    expect(error?.failure.statement).toMatch(/keys SET id = id WHERE id = 2/);
    expect(statuses(ran)).toEqual(['rolled_back', 'rolled_back', 'rolled_back', 'failed']);
    expect(await shop.fixture.written()).toEqual([]);
    expect(await shop.column('SELECT 1 FROM dom$unit')).toEqual([]);
    const attachment = await shop.stand.attach(2);
    const again = callOf('collides', { streamAttempt: 2 });
    expect((await run(await attachment.session(), again)).result?.outcome).toBe('done');
    expect(await shop.fixture.written()).toEqual(['before', 'behind']);
  });

  test('a package that catches a deadlock has lost what it did before: the unit fails', async () => {
    shop = await Workshop.open(TASKS);
    const ran = await deadlocked('catches');
    expect(ran.error).toMatchObject({ kind: 'retryable', failure: { code: '1213' } });
    // The victim's whole transaction was rolled back, with the unit's row, and then the unit was.
    expect(new Set(statuses(ran))).toEqual(new Set(['rolled_back', 'failed']));
    expect(await shop.fixture.written()).toEqual([]);
    const attachment = await shop.stand.attach(2);
    expect(await attachment.outcome(callOf('catches').unit)).toBeNull();
    expect(await attachment.unacknowledged(10)).toEqual([]);
  });

  test('a lock that is not given in the time of the instance is retryable', async () => {
    shop = await Workshop.open(TASKS, { innodb_lock_wait_timeout: '1' });
    await shop.holder('START TRANSACTION', `SELECT * FROM ${shop.app}.gate FOR UPDATE`);
    const { error } = await run(await (await shop.stand.attach()).session(), callOf('collides'));
    expect(error).toMatchObject({ kind: 'retryable', failure: { code: '1205' } });
    expect(await shop.fixture.written()).toEqual([]);
  });

  test('a metadata lock that is not given leaves no doubt', async () => {
    shop = await Workshop.open(TASKS, { lock_wait_timeout: '1' });
    await shop.holder('START TRANSACTION', `SELECT * FROM ${shop.app}.keys`);
    const attachment = await shop.stand.attach();
    const call = sqlCall(`ALTER TABLE ${shop.app}.keys ADD COLUMN note INTEGER`);
    const { error } = await run(await attachment.session(), call);
    expect(error).toMatchObject({ kind: 'retryable', failure: { code: '1205' } });
    expect(await shop.column('SELECT 1 FROM dom$statement')).toEqual([]);
  });

  test('a time limit for the statements of the user does not end a unit', async () => {
    shop = await Workshop.open(TASKS);
    const { user } = shop.fixture.instance;
    await shop.dba.query(`ALTER USER '${user}'@'%' WITH MAX_STATEMENT_TIME 0.5`);
    const session = await (await shop.stand.attach()).session();
    expect((await run(session, sqlCall('DO SLEEP(1)'))).error).toBeNull();
  });
});
