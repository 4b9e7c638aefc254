import { rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callOf, run } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { useOwnMariadb } from '../../support/mariadb/own-server.ts';
import { Workshop } from './workshop.ts';

const TASKS = (app: string): Record<string, string> => ({
  gate: `put('before');
    DOM.execute_immediate(p_handle, 'UPDATE ${app}.gate SET passed = passed + 1', NULL);
    put('behind');`,
});

describe.skipIf(!hasMariadb())('a server that is killed', () => {
  const server = useOwnMariadb();
  let shop: Workshop;

  beforeEach(async () => {
    shop = await Workshop.open(TASKS);
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  const file = (ending: string): string =>
    join(dirname(server().socketPath), 'data', shop.schema, `dom@0024log.${ending}`);

  /** Kills the server while a unit runs that has written into its log, and starts it again. */
  async function killInMidUnit(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const session = await (await shop.stand.attach()).session();
    await shop.holder('START TRANSACTION', `SELECT * FROM ${shop.app}.gate FOR UPDATE`);
    const running = run(session, callOf('gate'));
    await shop.sessionIn(`UPDATE ${shop.app}.gate%`);
    await server().kill();
    expect((await running).error?.kind).toBe('lost');
    await meanwhile();
    await server().restart();
    await shop.reconnect();
  }

  async function runsAgain(): Promise<void> {
    const attachment = await shop.stand.attach(2);
    expect(await attachment.outcome(callOf('gate').unit)).toBeNull();
    const ran = await run(await attachment.session(), callOf('gate', { streamAttempt: 2 }));
    expect(ran.error?.failure ?? null).toBeNull();
    expect(ran.statements.map(({ status }) => status)).toEqual([
      'executed',
      'executed',
      'executed',
    ]);
    expect(await shop.column('SELECT txt FROM written ORDER BY id')).toEqual(['before', 'behind']);
  }

  test('leaves a log that can be written, whether or not the server mends its tables', async () => {
    await killInMidUnit();
    await shop.dba.query(`SET GLOBAL aria_recover_options = ''`);
    await runsAgain();
  });

  test.each([
    ['the index is cut short', () => truncate(file('MAI'), 1_000)],
    ['the index is gibberish', () => writeFile(file('MAI'), 'x'.repeat(20_000))],
    ['the rows are cut short', () => truncate(file('MAD'), 10)],
    ['the index is gone', () => rm(file('MAI'))],
    ['the rows are gone', () => rm(file('MAD'))],
  ])('and whose log was broken by it (%s) gets it mended or anew', async (_what, breakIt) => {
    await killInMidUnit(breakIt);
    await shop.dba.query(`SET GLOBAL aria_recover_options = ''`);
    await runsAgain();
  });
});
