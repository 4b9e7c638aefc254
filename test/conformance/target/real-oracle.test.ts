import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StatementRecord } from '../../../src/core/run/log-records.ts';
import type { Attachment } from '../../../src/ports/target.ts';
import { type Connection, openConnection } from '../../../src/targets/oracle/connection.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { TargetFixture } from './fixture.ts';
import { realOracle, realOracleFixture } from './real-oracle-fixture.ts';
import { realOraclePackage } from './real-oracle-package.ts';
import { callOf, run, Stand, sqlCall } from './stand.ts';

/** Oracle itself waits so long, five to fifteen minutes, before it gives up a lock of its library cache. */
const LIBRARY_LOCK_MS = 20 * 60_000;

const FOUND = 'Found in effect after an earlier try: ';

const real = realOracle();

/**
 * The stand-in cannot stand for this: Oracle's own statistics, settings, catalogue, locks and rights. Without
 * a real server (npm run test:oracle) each of these tests is a skip with its name.
 */
describe.skipIf(real === null)('what only a real server shows, on oracle', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Connection;
  let openGate: (() => Promise<void>) | null = null;

  beforeAll(async () => {
    if (real === null) throw new Error('there is no real Oracle');
    fixture = await realOracleFixture(real);
    const options = { instance: fixture.instance, secret: real.secret, connectTimeoutMs: 30_000 };
    dba = await openConnection(options, { label: 'odtm test looks', autocommit: true });
  });
  afterAll(async () => {
    await dba.close();
    await fixture.drop();
  });
  beforeEach(() => {
    stand = new Stand({ ...fixture, package: realOraclePackage() });
  });
  afterEach(async () => {
    await opened();
    await stand.close();
  });

  async function closed(): Promise<void> {
    openGate = await fixture.closeGate();
  }

  async function opened(): Promise<void> {
    const open = openGate;
    openGate = null;
    await open?.();
  }

  async function one<T>(sql: string, ...values: readonly string[]): Promise<T> {
    const [row] = await dba.query<{ value: T }>(sql, values);
    if (row === undefined) throw new Error(`no row: ${sql}`);
    return row.value;
  }

  async function gone(...drops: readonly string[]): Promise<void> {
    for (const sql of drops) await dba.execute(sql).catch(() => undefined);
  }

  test('redo and undo of an insert are bytes', async () => {
    const attachment = await stand.attach();
    const { error, statements } = await run(await attachment.session(), callOf('insert_rows'));
    expect(error).toBeNull();
    const kept = await attachment.unacknowledged(100);
    for (const insert of [statements.at(-1), kept.at(-1)]) {
      expect(insert?.rows).toBe(1000);
      expect(insert?.redoBytes).toBeGreaterThan(0);
      expect(insert?.undoBytes).toBeGreaterThan(0);
    }
  });

  test('the degree of a query with a PARALLEL hint is told', async () => {
    const session = await (await stand.attach()).session();
    await run(session, callOf('insert_rows'));
    const { error, statements } = await run(session, callOf('query_in_parallel'));
    expect(error).toBeNull();
    expect(statements.at(-1)?.parallelWorkers).toBeGreaterThanOrEqual(2);
    expect(statements.at(-1)?.remark).toMatch(/^In parallel: 1 queries, 0 DML/);
  });

  test('the degree of parallel DML is told, and what comes after it is told as serial', async () => {
    const session = await (await stand.attach()).session();
    await run(session, callOf('insert_rows'));
    const { error, statements } = await run(session, callOf('delete_in_parallel'));
    expect(error).toBeNull();
    expect(statements.at(-1)?.parallelWorkers).toBeGreaterThanOrEqual(2);
    expect(statements.at(-1)?.remark).toMatch(/, 1 DML,/);
    const next = await run(session, callOf('insert_rows', { key: { iteration: 2 } }));
    expect(next.statements.at(-1)?.remark).toBeNull();
  });

  test('a setting of ALTER SESSION holds for its statement, and is put back', async () => {
    const session = await (await stand.attach()).session();
    expect((await run(session, callOf('write_dates'))).error).toBeNull();
    const rows = await dba.query<{ txt: string }>('SELECT r.txt FROM real_rows r ORDER BY r.id');
    const [before, within, after] = rows.map(({ txt }) => txt);
    expect(within).toBe('on 2026/02/01');
    expect(before).not.toBe(within);
    expect(after).toBe(before);
  });

  /** The record as a crash leaves it: the unit begun, its statement begun, and nothing of an end. */
  async function crashedWithin(sql: string, intent: string): Promise<Attachment> {
    await stand.attach(1);
    const nowMs = String(Date.now());
    await dba.execute(
      `INSERT INTO dom$unit (handle, object_key, iteration, task, chunk, attempt, unit_id, kind,
         stream_attempt, try_no, status, started_ms)
       VALUES (:1, '-', 1, 'plain', 0, 0, dom$seq.NEXTVAL, 'task', 1, 1, 'started', :2)`,
      [stand.handle, nowMs],
    );
    await dba.execute(
      `INSERT INTO dom$statement (unit_id, stream_attempt, try_no, seq, status, sql_text, started_ms, intent)
       SELECT u.unit_id, 1, 1, 1, 'started', :1, :2, :3 FROM dom$unit u WHERE u.handle = :4`,
      [sql, nowMs, intent, stand.handle],
    );
    return stand.attach(2);
  }

  async function idOf(name: string, partition = '-', column = 'object_id'): Promise<string> {
    return one(
      `SELECT TO_CHAR(MAX(o.${column})) AS value FROM user_objects o
       WHERE o.object_name = :1 AND NVL(o.subobject_name, '-') = :2
         AND o.object_type IN ('TABLE', 'TABLE PARTITION')`,
      name,
      partition,
    );
  }

  async function runAgain(sql: string, intent: string): Promise<string | null> {
    const session = await (await crashedWithin(sql, intent)).session();
    const { error, result } = await run(session, sqlCall(sql, { streamAttempt: 2 }));
    expect(error).toBeNull();
    expect(result?.outcome).toBe('done');
    return result?.message ?? null;
  }

  test('a CREATE that took effect before a crash is found in the catalogue', async () => {
    await gone('DROP TABLE doubt_made PURGE');
    await dba.execute('CREATE TABLE doubt_made (id NUMBER(10))');
    const made = await idOf('DOUBT_MADE');
    const message = await runAgain('CREATE TABLE doubt_made (id NUMBER(10))', 'existed=0;id=;ddl=');
    expect(message).toMatch(new RegExp(`^${FOUND}table \\w+\\.DOUBT_MADE$`));
    expect(await idOf('DOUBT_MADE')).toBe(made);
  });

  test('a CREATE that took no effect before a crash is executed', async () => {
    await gone('DROP TABLE doubt_made PURGE');
    const message = await runAgain('CREATE TABLE doubt_made (id NUMBER(10))', 'existed=0;id=;ddl=');
    expect(message).toBeNull();
    expect(await idOf('DOUBT_MADE')).not.toBeNull();
  });

  test('a DROP whose table is there again by another id is found to have been done', async () => {
    await gone('DROP TABLE doubt_made PURGE');
    await dba.execute('CREATE TABLE doubt_made (id NUMBER(10))');
    const before = await idOf('DOUBT_MADE');
    await dba.execute('DROP TABLE doubt_made PURGE');
    await dba.execute('CREATE TABLE doubt_made (id NUMBER(10))');
    const message = await runAgain('DROP TABLE doubt_made PURGE', `existed=1;id=${before}`);
    expect(message).toContain(FOUND);
    expect(await idOf('DOUBT_MADE')).not.toBe(before);
  });

  test('a RENAME is told by the object id', async () => {
    await gone('DROP TABLE doubt_made PURGE', 'DROP TABLE doubt_new PURGE');
    await dba.execute('CREATE TABLE doubt_made (id NUMBER(10))');
    const intent = `existed=1;id=${await idOf('DOUBT_MADE')}`;
    await dba.execute('ALTER TABLE doubt_made RENAME TO doubt_new');
    expect(await runAgain('ALTER TABLE doubt_made RENAME TO doubt_new', intent)).toContain(FOUND);
  });

  test('an EXCHANGE PARTITION is told by the data object ids, and is not swapped back', async () => {
    await gone('DROP TABLE doubt_parts PURGE', 'DROP TABLE doubt_swap PURGE');
    await dba.execute(
      `CREATE TABLE doubt_parts (id NUMBER(10)) SEGMENT CREATION IMMEDIATE
       PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (100))`,
    );
    await dba.execute('CREATE TABLE doubt_swap (id NUMBER(10)) SEGMENT CREATION IMMEDIATE');
    await dba.execute('INSERT INTO doubt_swap (id) VALUES (7)');
    const sql = 'ALTER TABLE doubt_parts EXCHANGE PARTITION p1 WITH TABLE doubt_swap';
    const part = await idOf('DOUBT_PARTS', 'P1', 'data_object_id');
    const other = await idOf('DOUBT_SWAP', '-', 'data_object_id');
    await dba.execute(sql);
    expect(await runAgain(sql, `existed=1;id=${part};other=${other}`)).toContain(FOUND);
    expect(await one('SELECT COUNT(*) AS value FROM doubt_parts')).toBe(1);
  });

  test('a package body in use is waited for, then reported with its name (ORA-04021)', {
    timeout: LIBRARY_LOCK_MS + 60_000,
  }, async () => {
    stand = new Stand(fixture);
    const session = await (await stand.attach()).session();
    await closed();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    const target = await stand.connect();
    const installing = target.install({ package: fixture.variants.changed, acceptDrift: false });
    await expect(installing).rejects.toThrow(/20-body\.sql[\s\S]*ORA-04021: [^\n]*CONF/);
    await opened();
    expect((await running).error).toBeNull();
  });

  test('the live log of a statement is there for others while its transaction is open', async () => {
    stand = new Stand(fixture);
    const session = await (await stand.attach()).session();
    await closed();
    const before = (await fixture.written()).length;
    const live: StatementRecord[] = [];
    const running = run(session, callOf('hold'), (record) => live.push(record));
    await fixture.someoneAtGate();
    const seen = await waitFor(() =>
      live.find(({ seq, status }) => seq === 2 && status === 'running'),
    );
    expect(seen.text).toContain(fixture.texts.gate);
    expect(await fixture.written()).toHaveLength(before);
    await opened();
    expect((await running).error).toBeNull();
    expect(await fixture.written()).toHaveLength(before + 2);
  });

  interface Named {
    readonly module: string;
    readonly action: string;
    readonly client_identifier: string | null;
  }

  function sessionAtGate(): Promise<Named> {
    return waitFor(async () => {
      const rows = await dba.query<Named>(
        `SELECT s.module, s.action, s.client_identifier FROM v$session s
         WHERE s.username = USER AND s.event LIKE 'enq: TX%'`,
      );
      return rows[0];
    });
  }

  test('v$session names operation, task and run of a unit, and the words of DOM.initialise', async () => {
    const session = await (await stand.attach()).session();
    await closed();
    const plain = run(session, sqlCall('UPDATE gate SET passed = passed + 1 WHERE id = 1'));
    expect(await sessionAtGate()).toMatchObject({ module: 'odtm 12/plain', action: 'run 7' });
    await opened();
    await plain;
    await closed();
    const named = run(session, callOf('name_session'));
    expect(await sessionAtGate()).toEqual({
      module: 'odtm 12/drop_old',
      action: 'run 7 purge',
      client_identifier: stand.handle,
    });
    await opened();
    expect((await named).error).toBeNull();
  });

  test('a privilege that is missing is told (ORA-01031), with what to do', async () => {
    const session = await (await stand.attach()).session();
    const sql = 'CREATE USER odtm_nobody IDENTIFIED BY "Nobody#2026"';
    const { error } = await run(session, sqlCall(sql));
    expect(error).toMatchObject({ kind: 'failed', failure: { code: 'ORA-01031', statement: sql } });
    expect(error?.failure.hint).toContain('granted to it directly, not by a role');
  });
});
