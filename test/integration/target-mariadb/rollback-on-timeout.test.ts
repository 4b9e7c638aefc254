import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callOf, run } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { useOwnMariadb } from '../../support/mariadb/own-server.ts';
import { Workshop } from './workshop.ts';

const waits = (app: string, handler: string): string => `put('one');
  BEGIN
    UPDATE ${app}.gate SET passed = passed + 1 WHERE id = 1;
  ${handler}
  END;
  put('two');`;

const TASKS = (app: string): Record<string, string> => ({
  swallowed: waits(app, 'EXCEPTION WHEN OTHERS THEN NULL;'),
  named: `DECLARE busy EXCEPTION; PRAGMA EXCEPTION_INIT(busy, -54);
    BEGIN ${waits(app, 'EXCEPTION WHEN busy THEN NULL;')} END;`,
  begins_again: `DECLARE busy EXCEPTION; PRAGMA EXCEPTION_INIT(busy, -54);
    BEGIN ${waits(app, "EXCEPTION WHEN busy THEN ROLLBACK; put('again');")} END;`,
});

describe.skipIf(!hasMariadb())('innodb_rollback_on_timeout', () => {
  useOwnMariadb({ options: ['--innodb-rollback-on-timeout'] });
  let shop: Workshop;

  beforeEach(async () => {
    shop = await Workshop.open(TASKS, { innodb_lock_wait_timeout: '1' });
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  async function runAgainstLock(task: string) {
    const session = await (await shop.stand.attach()).session();
    const release = await shop.holder(
      'START TRANSACTION',
      `SELECT * FROM ${shop.app}.gate FOR UPDATE`,
    );
    const ran = await run(session, callOf(task));
    await release();
    return ran;
  }

  async function connectFindings(): Promise<string[]> {
    const findings = await (await shop.stand.connect()).check([], []);
    return findings.filter(({ what }) => what === 'connect').map(({ text }) => text);
  }

  test('a timeout that package code swallows has taken the unit’s work along: it fails', async () => {
    for (const task of ['swallowed', 'named']) {
      const { error } = await runAgainstLock(task);
      expect(error?.kind, task).toBe('retryable');
    }
    expect(await shop.fixture.written()).toEqual([]);
  });

  test('who begins again behind a ROLLBACK is done', async () => {
    expect((await runAgainstLock('begins_again')).result?.outcome).toBe('done');
    expect(await shop.fixture.written()).toEqual(['again', 'two']);
  });

  test('check tells of it, and of a server that is read-only', async () => {
    const told = (await connectFindings()).join('\n');
    expect(told).toMatch(/innodb_rollback_on_timeout = 1/);
    expect(told).not.toMatch(/read-only/);
    await shop.dba.query('SET GLOBAL read_only = 1');
    const readOnly = (await connectFindings()).join('\n');
    await shop.dba.query('SET GLOBAL read_only = 0');
    expect(readOnly).toMatch(/the server is read-only/);
  });
});
