import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Attachment } from '../../../src/ports/target.ts';
import { callOf, type Ran, run } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { Workshop } from './workshop.ts';

/** Written and committed by the task itself; then comes what the case is about. */
const HALF = `put('one'); COMMIT; put('two');`;

const TASKS = (app: string): Record<string, string> => ({
  iterator: `${HALF} raise_application_error(-20100, 'nothing left');`,
  fails: `${HALF} IF DOM.last_row_count(p_handle) = 1 THEN fail_once; END IF;`,
  waits: `${HALF} DOM.execute_immediate(p_handle, 'UPDATE ${app}.gate SET passed = passed + 1', NULL);
    put('three');`,
  nothing: `${HALF} raise_application_error(-20007, 'no partition is old enough');`,
  takes_back: `${HALF} ROLLBACK; put('three');`,
  takes_all_back: `put('one'); ROLLBACK; put('two');`,
  begins_again: `put('one'); ROLLBACK; put('two'); COMMIT; fail_once;`,
  alters: `put('one'); DOM.execute_immediate(p_handle,
      'SET STATEMENT lock_wait_timeout = 60 FOR ALTER TABLE ${app}.gate ADD COLUMN note INTEGER');
    fail_once;`,
});

/** Fails as long as the table refuses the text; the DBA takes the cause away. */
const FAIL_ONCE = `CREATE OR REPLACE PROCEDURE fail_once AS BEGIN
  INSERT INTO written (id, txt) SELECT 1 / open_now, 'never' FROM causes WHERE open_now = 0; END`;

describe.skipIf(!hasMariadb())('a unit that commits a part of its work by itself', () => {
  let shop: Workshop;
  let attachment: Attachment;

  beforeEach(async () => {
    shop = await Workshop.open(TASKS);
    await shop.dba.query('CREATE TABLE causes (open_now INTEGER)');
    await shop.dba.query('INSERT INTO causes VALUES (0)');
    await shop.dba.query(
      `SET SESSION sql_mode = 'ORACLE,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO'`,
    );
    await shop.dba.query(FAIL_ONCE);
    attachment = await shop.stand.attach();
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  const statuses = ({ statements }: Ran): [string | undefined, string][] =>
    statements.map(({ text, status }) => [/''?(\w+)''?\)$/.exec(text)?.[1], status]);

  const kept = async (): Promise<string[]> =>
    (await attachment.unacknowledged(10)).map(({ text, try: number }) => {
      const word = /'(\w+)'\)$/.exec(text)?.[1] ?? text;
      return `${word} in try ${number}`;
    });

  test('and fails: what is committed is told as such, and the retry repeats the task', async () => {
    const session = await attachment.session();
    const failed = await run(session, callOf('fails'));
    expect(failed.error).toMatchObject({ kind: 'failed', failure: { code: '1365' } });
    expect(statuses(failed)).toEqual([
      ['one', 'committed'],
      ['two', 'rolled_back'],
    ]);
    expect(await attachment.outcome(callOf('fails').unit)).toBe('started');
    expect(await kept()).toEqual(['one in try 1']);
    await shop.dba.query('DELETE FROM causes');
    const retried = await run(session, callOf('fails', { try: 2 }));
    expect(retried.result).toMatchObject({ outcome: 'done', statements: 2 });
    expect(await attachment.outcome(callOf('fails').unit)).toBe('done');
    expect(await kept()).toEqual(['one in try 1', 'one in try 2', 'two in try 2']);
    expect(await shop.fixture.written()).toEqual(['one', 'one', 'two']);
    expect(await attachment.recordedUnits()).toMatchObject([{ status: 'done', try: 2 }]);
  });

  test('and is killed: what is committed is in the record alone, and nothing comes twice', async () => {
    const session = await attachment.session();
    await shop.holder('START TRANSACTION', `SELECT * FROM ${shop.app}.gate FOR UPDATE`);
    const running = run(session, callOf('waits'));
    await shop.dba.query(`KILL ${await shop.sessionIn(`UPDATE ${shop.app}.gate%`)}`);
    const lost = await running;
    expect(lost.error?.kind).toBe('lost');
    expect(await attachment.outcome(callOf('waits').unit)).toBe('started');
    expect(await kept()).toEqual(['one in try 1']);
    await attachment.acknowledge([callOf('waits').unit]);
    const next = await attachment.session(session);
    const running2 = run(next, callOf('waits', { try: 2 }));
    await shop.dba.query(`KILL ${await shop.sessionIn(`UPDATE ${shop.app}.gate%`)}`);
    await running2;
    expect(await kept()).toEqual(['one in try 2']);
    expect(await attachment.recordedUnits()).toMatchObject([{ status: 'in_doubt', try: 2 }]);
  });

  test('and completes the operation in the iterator: complete, with the statements that stay', async () => {
    const ran = await run(await attachment.session(), callOf('iterator'));
    expect(ran.result).toMatchObject({
      outcome: 'complete',
      message: 'nothing left',
      statements: 1,
    });
    expect(statuses(ran)).toEqual([
      ['one', 'committed'],
      ['two', 'rolled_back'],
    ]);
    expect(await attachment.outcome(callOf('iterator').unit)).toBe('complete');
    expect(await shop.fixture.written()).toEqual(['one']);
    expect(await kept()).toEqual(['one in try 1']);
  });

  test('and has nothing to perform: done, with the statements that stay', async () => {
    const ran = await run(await attachment.session(), callOf('nothing'));
    expect(ran.result).toMatchObject({ outcome: 'done', statements: 1 });
    expect(await shop.fixture.written()).toEqual(['one']);
  });

  test('a taken-over row says which try has done it, though the package rolled that back', async () => {
    const session = await attachment.session();
    await run(session, callOf('fails', { key: { task: 'takes_back' } }));
    const ran = await run(session, callOf('takes_back', { try: 2 }));
    expect(ran.result?.outcome).toBe('done');
    expect(await attachment.recordedUnits()).toMatchObject([{ status: 'done', try: 2 }]);
  });

  test('a commit behind a rollback has the unit’s row with it', async () => {
    const failed = await run(await attachment.session(), callOf('begins_again'));
    expect(statuses(failed)).toEqual([
      ['one', 'rolled_back'],
      ['two', 'committed'],
    ]);
    expect(await attachment.outcome(callOf('begins_again').unit)).toBe('started');
    expect(await kept()).toEqual(['two in try 1']);
    await attachment.forget();
    expect(await shop.column('SELECT seq FROM dom$statement')).toEqual([]);
  });

  test('SET STATEMENT … FOR a statement that commits is one that commits', async () => {
    const failed = await run(await attachment.session(), callOf('alters'));
    expect(failed.error?.failure.code).toBe('1365');
    expect(failed.statements.map(({ status }) => status)).toEqual(['committed', 'committed']);
    expect(await attachment.unacknowledged(10)).toMatchObject([{ seq: 1 }, { seq: 2 }]);
  });

  test('a rollback in the task takes its row along, which is written again', async () => {
    const ran = await run(await attachment.session(), callOf('takes_all_back'));
    expect(ran.result).toMatchObject({ outcome: 'done', statements: 1 });
    expect(statuses(ran)).toEqual([
      ['one', 'rolled_back'],
      ['two', 'executed'],
    ]);
    expect(await shop.fixture.written()).toEqual(['two']);
    expect(await kept()).toEqual(['two in try 1']);
    const again = await run(await attachment.session(), callOf('takes_all_back', { try: 2 }));
    expect(again.result?.outcome).toBe('recorded');
  });
});
