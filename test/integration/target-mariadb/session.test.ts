import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PlsqlSession } from '../../../src/targets/plsql/session.ts';
import { callOf, run, sqlCall } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Workshop } from './workshop.ts';

/** A cancel that is swallowed again and again ends the session after some seconds. */
const LONGEST_CANCEL_MS = 20_000;
/** Longer than it takes until a session that runs is looked at. */
const PROVEN_MS = 8_000;

const TASKS = (app: string): Record<string, string> => ({
  costly: `put('costly');
    UPDATE dom$statement SET workers = 3, redo_bytes = 5000000000, undo_bytes = 64, message = 'a remark';`,
  selects: `DECLARE v_number NUMBER; v_text VARCHAR2(100); v_date DATE;
    BEGIN
      DOM.select_number(p_handle, 'SELECT COUNT(*) FROM written -- none yet', v_number);
      DOM.select_string(p_handle, 'SELECT ''it''''s'' FROM DUAL', v_text);
      DOM.select_date(p_handle, 'SELECT DATE ''2026-11-28''', v_date);
      put(v_number||' '||REPLACE(v_text, '''', '')||' '||TO_CHAR(v_date, 'YYYY-MM-DD'));
      BEGIN
        DOM.select_number(p_handle, 'SELECT id FROM written WHERE id < 0', v_number);
        put('a row');
      EXCEPTION
        WHEN NO_DATA_FOUND THEN put('no row');
      END;
    END;`,
  selects_wide: `DECLARE v_number NUMBER(38); v_small NUMBER(38, 10);
    BEGIN
      DOM.select_number(p_handle, 'SELECT 1234567890123456789', v_number);
      put(v_number);
      DOM.select_number(p_handle, 'SELECT 98765432109876543210987654321098765432', v_number);
      put(v_number);
      DOM.select_number(p_handle, 'SELECT 1234567890.0123456789', v_small);
      put(v_small);
      DOM.select_number(p_handle, 'SELECT 0.1e0', v_small);
      put(v_small);
      DOM.select_number(p_handle, 'SELECT 1 / 3', v_small);
      put(v_small);
    END;`,
  selects_none: `DECLARE v_number NUMBER;
    BEGIN
      DOM.select_number(p_handle, 'SELECT id FROM written WHERE id < 0', v_number);
      put('went on');
    END;`,
  selects_two: `DECLARE v_number NUMBER;
    BEGIN
      DOM.select_number(p_handle, 'SELECT 1 UNION ALL SELECT 2', v_number);
    END;`,
  sleeps: 'DOM.sleep(0.4);',
  rolls_back: `put('taken back'); ROLLBACK;
    DOM.execute_immediate(p_handle, 'UPDATE ${app}.gate SET passed = passed + 1', NULL);`,
  gate: `put('before the gate');
    DOM.execute_immediate(p_handle, 'UPDATE ${app}.gate SET passed = passed + 1', NULL);
    put('behind the gate');`,
  settings: `DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt)
      VALUES (written_seq.NEXTVAL, @@sort_buffer_size)', 'sort_buffer_size = 77824');
    put('then');`,
  settings_of_failing: `DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt) VALUES (1 / 0, 1)',
      'sort_buffer_size = 77824');`,
  settings_after: `DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt)
      VALUES (written_seq.NEXTVAL, @@sort_buffer_size)', NULL);`,
});

describe.skipIf(!hasMariadb())('sessions of a MariaDB target', () => {
  let shop: Workshop;

  beforeEach(async () => {
    shop = await Workshop.open(TASKS);
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  const atGate = () => shop.sessionIn(`UPDATE ${shop.app}.gate%`);
  const closeGate = () =>
    shop.holder('START TRANSACTION', `SELECT * FROM ${shop.app}.gate WHERE id = 1 FOR UPDATE`);

  /** The session that sleeps in that code; the server counts it as the owner's. */
  async function asleep(): Promise<number> {
    const query = `SELECT id FROM information_schema.processlist
      WHERE state = 'User sleep' AND info LIKE ?`;
    const like = `DO SLEEP(0.2) + (SELECT COUNT(*) FROM ${shop.app}.%`;
    const [id] = await waitFor(async () => {
      const ids = await shop.column(query, [like]);
      return ids.length > 0 ? ids : null;
    });
    return Number(id);
  }

  /** Code that is no package of ODTM, and belongs to somebody else: whatever fails in it, it goes on. */
  async function makeStubborn(): Promise<void> {
    await shop.dba.query(`SET SESSION sql_mode = ''`);
    await shop.dba.query(`CREATE PROCEDURE ${shop.app}.stubborn() BEGIN
      DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
      INSERT INTO ${shop.app}.no_keys VALUES (1, NOW());
      WHILE TRUE DO DO SLEEP(0.2) + (SELECT COUNT(*) FROM ${shop.app}.keys FOR UPDATE); END WHILE;
    END`);
    const { user } = shop.fixture.instance;
    // As the script names it: the server looks at the narrowest of the names that a schema fits.
    const app = `\`${shop.app.replaceAll('_', '\\_')}\``;
    await shop.dba.query(`GRANT EXECUTE ON ${app}.* TO '${user}'@'%'`);
  }

  test('what the record says of the use of a statement reaches the log', async () => {
    const attachment = await shop.stand.attach();
    const call = callOf('costly');
    const { result } = await run(await attachment.session(), call);
    expect(result?.outcome).toBe('done');
    expect(await attachment.unacknowledged(10, call.unit)).toMatchObject([
      { parallelWorkers: 3, redoBytes: 5_000_000_000, undoBytes: 64, remark: 'a remark' },
    ]);
  });

  test('tables of an older framework get the columns that they lack, with what is in them', async () => {
    const first = await shop.stand.attach();
    await run(await first.session(), callOf('costly'));
    for (const table of ['dom$statement', 'dom$log'])
      await shop.dba.query(`ALTER TABLE ${table} DROP COLUMN redo_bytes, DROP COLUMN undo_bytes`);
    await shop.dba.query(`UPDATE dom$installed SET sha256 = 'older' WHERE name = 'dom'`);
    const attachment = await shop.stand.attach(2);
    const call = callOf('selects', { streamAttempt: 2 });
    const { result, statements } = await run(await attachment.session(), call);
    expect(result?.outcome).toBe('done');
    expect(statements.map(({ status }) => status)).toContain('executed');
    const kept = await attachment.unacknowledged(10);
    expect(kept.map(({ unit, redoBytes }) => [unit.task, redoBytes])).toEqual([
      ['costly', null],
      ['selects', null],
      ['selects', null],
    ]);
  });

  test('select_… gives the value of the only row, and an error without one or with two', async () => {
    const attachment = await shop.stand.attach();
    const session = await attachment.session();
    const { result } = await run(session, callOf('selects'));
    expect(result).toMatchObject({ outcome: 'done', message: null });
    expect(await shop.column('SELECT txt FROM written ORDER BY id')).toEqual([
      '0 its 2026-11-28',
      'no row',
    ]);
    const none = await run(session, callOf('selects_none'));
    expect(none.error?.failure).toMatchObject({
      code: '1329',
      message: expect.stringContaining('no data found'),
    });
    expect((await run(session, callOf('selects_two'))).error?.failure).toMatchObject({
      code: '1172',
    });
    expect(await shop.column('SELECT txt FROM written')).toHaveLength(2);
  });

  test('select_number keeps the digits of what it has selected', async () => {
    const { error } = await run(
      await (await shop.stand.attach()).session(),
      callOf('selects_wide'),
    );
    expect(error).toBeNull();
    expect(await shop.fixture.written()).toEqual([
      '1234567890123456789',
      '98765432109876543210987654321098765432',
      '1234567890.0123456789',
      '.1',
      '.3333333333',
    ]);
  });

  test('a unit that rolled back does not end the row that another session has made meanwhile', async () => {
    const session = await (await shop.stand.attach()).session();
    const open = await closeGate();
    const running = run(session, callOf('rolls_back'));
    await atGate();
    await shop.dba.query(
      `INSERT INTO dom$unit
      (handle, object_key, iteration, task, chunk, attempt, stream_attempt, unit_id, kind, try_no,
        status, started_ms)
      VALUES (?, '-', 1, 'rolls_back', 0, 0, 1, 999999, 'task', 2, 'started', 1)`,
      [shop.stand.handle],
    );
    await open();
    expect((await running).error).toMatchObject({
      kind: 'fenced',
      message: expect.stringContaining('Another session has taken the unit of task rolls_back'),
    });
    const status = `SELECT CONCAT(unit_id, status) FROM dom$unit WHERE task = 'rolls_back'`;
    expect(await shop.column(status)).toEqual(['999999started']);
  });

  test('DOM.sleep waits as long as it is told', async () => {
    const session = await (await shop.stand.attach()).session();
    const { result } = await run(session, callOf('sleeps'));
    expect(result?.elapsedMs).toBeGreaterThanOrEqual(400);
    expect(result?.elapsedMs).toBeLessThan(3_000);
  });

  test('a cancel that package code swallows ends the session, and the unit has no effect', async () => {
    await makeStubborn();
    const { user } = shop.fixture.instance;
    await shop.dba.query(`GRANT CONNECTION ADMIN ON *.* TO '${user}'@'%'`);
    const attachment = await shop.stand.attach();
    const session = await attachment.session();
    const call = sqlCall(`CALL ${shop.app}.stubborn()`);
    const running = run(session, call);
    await asleep();
    const sinceMs = performance.now();
    await session.cancel();
    const { error } = await running;
    const tookMs = performance.now() - sinceMs;
    expect(['lost', 'cancelled']).toContain(error?.kind);
    expect(tookMs).toBeLessThan(LONGEST_CANCEL_MS);
    const next = await attachment.session(session);
    expect(await attachment.outcome(call.unit)).toBeNull();
    expect(Number((await shop.column(`SELECT COUNT(*) FROM ${shop.app}.no_keys`))[0])).toBe(0);
    expect((await run(next, sqlCall('DO 1', { try: 2 }))).result?.outcome).toBe('done');
  });

  test('a session in a routine of somebody else lives, though the server does not show it', async () => {
    await makeStubborn();
    const { user } = shop.fixture.instance;
    await shop.dba.query(`REVOKE PROCESS ON *.* FROM '${user}'@'%'`);
    const attachment = await shop.stand.attach();
    const session = await attachment.session();
    const running = run(session, sqlCall(`CALL ${shop.app}.stubborn()`));
    const id = await asleep();
    // The server lets nobody but an administrator end it, so a cancel has no effect and does no harm.
    await session.cancel();
    const over = running.then(() => 'over');
    expect(await Promise.race([over, delay(PROVEN_MS, 'runs')])).toBe('runs');
    await shop.dba.query(`KILL ${id}`);
    expect((await running).error?.kind).toBe('lost');
  });

  test('a cancel that is still on its way when its unit ends does not hit the next one', async () => {
    const session = await (await shop.stand.attach()).session();
    if (!(session instanceof PlsqlSession)) throw new Error('not a session of this adapter');
    const unlock = await shop.holder(`SELECT GET_LOCK('odtm ${shop.schema}', 0)`);
    const blocked = session.parts.monitorSession.query(
      `SELECT GET_LOCK('odtm ${shop.schema}', 30) FROM dual`,
    );
    const openFirst = await closeGate();
    const first = run(session, callOf('gate'));
    await atGate();
    const cancel = session.cancel();
    await openFirst();
    await waitFor(async () => (await shop.fixture.written()).length === 2);
    // The unit has committed; the cancel finds the session idle, and stays with it until somebody comes.
    await unlock();
    await Promise.all([blocked, cancel]);
    expect((await first).result?.outcome).toBe('done');
    const next = await run(session, callOf('gate', { key: { iteration: 2 } }));
    expect(next.error).toBeNull();
    expect(next.result?.outcome).toBe('done');
  });

  test('a KILL QUERY that is not ours is a failure', async () => {
    const attachment = await shop.stand.attach();
    await closeGate();
    const running = run(await attachment.session(), callOf('gate'));
    await shop.dba.query(`KILL QUERY ${await atGate()}`);
    expect((await running).error).toMatchObject({ kind: 'failed', failure: { code: '1317' } });
    expect(await attachment.outcome(callOf('gate').unit)).toBeNull();
    expect(await shop.fixture.written()).toEqual([]);
  });

  test('a session setting holds for its statement alone, also where that fails', async () => {
    const session = await (await shop.stand.attach()).session();
    const [before] = await shop.column('SELECT @@GLOBAL.sort_buffer_size');
    expect((await run(session, callOf('settings'))).error).toBeNull();
    expect((await run(session, callOf('settings_of_failing'))).error?.failure.code).toBe('1365');
    expect((await run(session, callOf('settings_after'))).error).toBeNull();
    expect(await shop.fixture.written()).toEqual(['77824', 'then', String(before)]);
  });

  test('the session whose controller is gone is ended before anything else runs', async () => {
    // A connection that is destroyed on this side only is what a killed controller leaves.
    const session = await (await shop.stand.attach()).session();
    if (!(session instanceof PlsqlSession)) throw new Error('not a session of this adapter');
    const open = await closeGate();
    const running = run(session, callOf('gate'));
    const orphan = await atGate();
    session.parts.connection.destroy('the controller is gone');
    expect((await running).error?.kind).toBe('lost');
    expect(await atGate()).toBe(orphan);
    const again = await shop.stand.attach(2);
    const there = 'SELECT id FROM information_schema.processlist WHERE id = ?';
    expect(await shop.column(there, [orphan])).toEqual([]);
    await open();
    expect(await again.outcome(callOf('gate').unit)).toBeNull();
    const call = callOf('gate', { streamAttempt: 2 });
    expect((await run(await again.session(), call)).result?.outcome).toBe('done');
    expect(await shop.fixture.written()).toEqual(['before the gate', 'behind the gate']);
  });
});
