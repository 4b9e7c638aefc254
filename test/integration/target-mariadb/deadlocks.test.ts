import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Attachment } from '../../../src/ports/target.ts';
import { callOf, type Ran, run } from '../../conformance/target/stand.ts';
import { hasMariadb, rootConnection } from '../../support/mariadb/database.ts';
import { Workshop } from './workshop.ts';

/** Takes row 1, and then waits for row 2, which the other one has. */
const meets = (app: string, handler: string): string => `put('one');
  UPDATE ${app}.locks SET n = n + 1 WHERE id = 1;
  BEGIN
    UPDATE ${app}.locks SET n = n + 1 WHERE id = 2;
  ${handler}
  END;
  put('two');`;

const TASKS = (app: string): Record<string, string> => ({
  goes_out: meets(app, ''),
  swallowed: meets(app, 'EXCEPTION WHEN OTHERS THEN NULL;'),
  with_code: meets(app, `EXCEPTION WHEN OTHERS THEN IF SQLCODE = -942 THEN NULL; END IF;`),
  named: `DECLARE dead EXCEPTION; PRAGMA EXCEPTION_INIT(dead, -60);
    BEGIN ${meets(app, 'EXCEPTION WHEN dead THEN NULL;')} END;`,
  by_dom: `put('one'); DOM.execute_immediate(p_handle, 'UPDATE ${app}.locks SET n = n + 1 WHERE id = 1');
    BEGIN
      DOM.execute_immediate(p_handle, 'UPDATE ${app}.locks SET n = n + 1 WHERE id = 2');
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    put('two');`,
  begins_again: `DECLARE dead EXCEPTION; PRAGMA EXCEPTION_INIT(dead, -60);
    BEGIN ${meets(app, "EXCEPTION WHEN dead THEN ROLLBACK; put('again');")} END;`,
});

describe.skipIf(!hasMariadb())(
  'a deadlock on mariadb, which rolls back the whole transaction',
  () => {
    let shop: Workshop;
    let attachment: Attachment;

    beforeEach(async () => {
      shop = await Workshop.open(TASKS);
      await shop.dba.query(`CREATE TABLE ${shop.app}.locks (id INTEGER PRIMARY KEY, n INTEGER)`);
      await shop.dba.query(`INSERT INTO ${shop.app}.locks SELECT seq, 0 FROM seq_1_to_500`);
      await shop.dba.query(`CREATE TABLE ${shop.app}.outside (id INTEGER) ENGINE = Aria`);
      attachment = await shop.stand.attach();
    });
    afterEach(async () => {
      await shop[Symbol.asyncDispose]();
    });

    /**
     * Runs the unit into a deadlock, of which it is the victim: like itself, the other one has written to a
     * table outside of transactions, and it has changed more.
     */
    async function deadlocked(task: string): Promise<Ran> {
      const session = await attachment.session();
      const other = `UPDATE ${shop.app}.locks SET n = 7 WHERE id`;
      const holder = await rootConnection();
      try {
        await holder.query('START TRANSACTION');
        await holder.query(`INSERT INTO ${shop.app}.outside VALUES (1)`);
        await holder.query(`${other} > 1`);
        const running = run(session, callOf(task));
        await shop.sessionIn(`UPDATE ${shop.app}.locks%id = 2%`);
        await holder.query(`${other} = 1`);
        return await running;
      } finally {
        await holder.end();
      }
    }

    test.each(['goes_out', 'swallowed', 'with_code', 'named', 'by_dom'])(
      '%s: the unit fails as one that may be tried again, and nothing of it stays',
      async (task) => {
        const { error } = await deadlocked(task);
        expect(error).toMatchObject({ kind: 'retryable', failure: { code: '1213' } });
        expect(await attachment.outcome(callOf(task).unit)).toBeNull();
        expect(await shop.fixture.written()).toEqual([]);
        const again = await run(await attachment.session(), callOf(task, { try: 2 }));
        expect(again.result?.outcome).toBe('done');
        expect(await shop.fixture.written()).toEqual(['one', 'two']);
      },
    );

    test('who expects one and begins again behind a ROLLBACK is done', async () => {
      const { result, error } = await deadlocked('begins_again');
      expect(error?.failure ?? null).toBeNull();
      expect(result?.outcome).toBe('done');
      expect(await shop.fixture.written()).toEqual(['again', 'two']);
    });
  },
);
