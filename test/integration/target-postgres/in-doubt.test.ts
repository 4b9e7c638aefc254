import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UnitCall } from '../../../src/ports/target.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { run, Stand, sqlCall } from '../../conformance/target/stand.ts';
import { urlOf } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';

const TABLES = `
  CREATE INDEX keys_at ON app.keys (at);
  CREATE TABLE app.events (at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE app.events_old PARTITION OF app.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE app.events_new PARTITION OF app.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE INDEX events_at ON app.events (at);
  CREATE PROCEDURE app.rotate() LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO app.no_keys VALUES (1, now());
    COMMIT;
    LOCK TABLE app.keys IN SHARE UPDATE EXCLUSIVE MODE;
  END $$;
  INSERT INTO app.events VALUES ('2025-06-01'), ('2026-06-01');`;

describe('a statement that cannot run in a transaction', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Client;

  beforeEach(async () => {
    fixture = await postgresFixture();
    stand = new Stand(fixture);
    dba = await connect();
    const { user } = fixture.instance;
    await dba.query(TABLES);
    for (const table of ['events', 'events_old', 'events_new'])
      await dba.query(`ALTER TABLE app.${table} OWNER TO ${user}`);
  });
  afterEach(async () => {
    await stand.close();
    await dba.end();
    await fixture.drop();
  });

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: urlOf(fixture.instance.database) });
    await client.connect();
    return client;
  }

  /** Holds a lock of the table in an open transaction until the returned function releases it. */
  async function lockTable(table: string, mode: string): Promise<() => Promise<void>> {
    const holder = await connect();
    await holder.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
    return () => holder.end();
  }

  /** Keeps the unit's end from being recorded until the returned function lets it. */
  async function lockRecord(): Promise<() => Promise<void>> {
    const holder = await connect();
    await holder.query('BEGIN');
    await waitFor(async () => (await holder.query(LOCK_STARTED, [stand.handle])).rowCount);
    // The portal of the query above would keep its snapshot, for which CREATE INDEX CONCURRENTLY waits.
    await holder.query('SELECT 1');
    return () => holder.end();
  }

  const LOCK_STARTED = `SELECT 1 FROM dom.dom$unit WHERE handle = $1 AND status = 'started' FOR UPDATE`;

  function waitsInStatement(): Promise<unknown> {
    return waitFor(async () => {
      const { rows } = await dba.query(
        `SELECT 1 FROM pg_stat_activity a WHERE usename = $1 AND state = 'active'
           AND wait_event_type = 'Lock' AND datname = current_database()`,
        [fixture.instance.user],
      );
      return rows.length;
    });
  }

  interface Crash {
    readonly call: UnitCall;
    readonly table: string;
    readonly mode: string;
  }

  /** Kills the session in the middle of the statement, and runs the unit again. */
  async function crashInside({ call, table, mode }: Crash) {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const release = await lockTable(table, mode);
    const running = run(session, call);
    await waitsInStatement();
    expect(await fixture.killUnitSessions()).toBe(1);
    expect((await running).error?.kind).toBe('lost');
    await release();
    expect(await attachment.outcome(call.unit)).toBe('started');
    expect(await attachment.recordedUnits()).toMatchObject([{ status: 'in_doubt' }]);
    return run(await attachment.session(session), { ...call, try: 2 });
  }

  /** Kills the session after the statement has taken effect and before its end is recorded. */
  async function crashBehind({ call, table, mode }: Crash) {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const releaseTable = await lockTable(table, mode);
    const running = run(session, call);
    await waitsInStatement();
    const releaseRecord = await lockRecord();
    await releaseTable();
    await waitFor(async () => {
      const { rowCount } = await dba.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%end_plain%'
           AND datname = current_database()`,
      );
      return rowCount;
    });
    await fixture.killUnitSessions();
    await releaseRecord();
    expect((await running).error?.kind).toBe('lost');
    return run(await attachment.session(session), { ...call, try: 2 });
  }

  async function indexes(table: string): Promise<string[]> {
    const { rows } = await dba.query<{ text: string }>(
      `SELECT indexrelid::regclass || CASE WHEN indisvalid THEN '' ELSE ' invalid' END AS text
       FROM pg_index WHERE indrelid = $1::regclass ORDER BY 1`,
      [table],
    );
    return rows.map(({ text }) => text);
  }

  async function partitions(): Promise<string[]> {
    const { rows } = await dba.query<{ text: string }>(
      `SELECT inhrelid::regclass::text AS text FROM pg_inherits
       WHERE inhparent = 'app.events'::regclass ORDER BY 1`,
    );
    return rows.map(({ text }) => text);
  }

  const KEYS = { table: 'app.keys', mode: 'ROW EXCLUSIVE' };
  const create = sqlCall('CREATE INDEX CONCURRENTLY keys_new ON app.keys (id, at)');
  const unnamed = sqlCall('create unique index concurrently on app.keys (at, id);');
  const dropIndex = sqlCall('DROP INDEX CONCURRENTLY app.keys_at');
  const reindex = sqlCall('REINDEX (VERBOSE) TABLE CONCURRENTLY app.keys');
  const vacuum = sqlCall('/* tidy */ VACUUM (ANALYZE) app.keys');
  const detach = sqlCall('ALTER TABLE app.events DETACH PARTITION app.events_old CONCURRENTLY');

  test('undisturbed: done, with its statement in the log', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const ran = await run(session, create);
    expect(ran.result).toMatchObject({ outcome: 'done', statements: 1 });
    expect(ran.events.map(({ seq, status }) => [seq, status])).toEqual([
      [1, 'running'],
      [1, 'executed'],
    ]);
    expect(await attachment.unacknowledged(10)).toMatchObject([
      { seq: 1, text: 'CREATE INDEX CONCURRENTLY keys_new ON app.keys (id, at)' },
    ]);
    expect((await run(session, { ...create, try: 2 })).result?.outcome).toBe('recorded');
  });

  test('CREATE INDEX CONCURRENTLY killed inside: the invalid index is dropped, then built', async () => {
    const ran = await crashInside({ call: create, ...KEYS });
    expect(ran.error).toBeNull();
    expect(ran.result).toMatchObject({ outcome: 'done', message: null });
    expect(await indexes('app.keys')).toEqual(['app.keys_at', 'app.keys_new', 'app.keys_pkey']);
  });

  test('CREATE INDEX CONCURRENTLY killed behind its effect: found valid, and logged as such', async () => {
    const ran = await crashBehind({ call: create, ...KEYS });
    expect(ran.result).toMatchObject({
      outcome: 'done',
      message: expect.stringMatching(/keys_new.*valid/),
    });
    expect(await indexes('app.keys')).toEqual(['app.keys_at', 'app.keys_new', 'app.keys_pkey']);
  });

  test('an index without a name is found by what has come since', async () => {
    const ran = await crashInside({ call: unnamed, ...KEYS });
    expect(ran.result?.outcome).toBe('done');
    expect(await indexes('app.keys')).toEqual([
      'app.keys_at',
      'app.keys_at_id_idx',
      'app.keys_pkey',
    ]);
  });

  test('DROP INDEX CONCURRENTLY killed inside: dropped by the next try', async () => {
    const ran = await crashInside({ call: dropIndex, ...KEYS });
    expect(ran.result).toMatchObject({ outcome: 'done', message: null });
    expect(await indexes('app.keys')).toEqual(['app.keys_pkey']);
  });

  test('DROP INDEX CONCURRENTLY killed behind its effect: gone counts as done', async () => {
    const ran = await crashBehind({ call: dropIndex, ...KEYS });
    expect(ran.result).toMatchObject({ outcome: 'done', message: expect.stringMatching(/gone/) });
  });

  test('REINDEX CONCURRENTLY killed inside: what it left is dropped, then it is done again', async () => {
    const before = await indexes('app.keys');
    const ran = await crashInside({ call: reindex, ...KEYS });
    expect(ran.result?.outcome).toBe('done');
    expect(await indexes('app.keys')).toEqual(before);
  });

  test('VACUUM killed inside is repeated', async () => {
    const ran = await crashInside({
      call: vacuum,
      table: 'app.keys',
      mode: 'SHARE UPDATE EXCLUSIVE',
    });
    expect(ran.result?.outcome).toBe('done');
  });

  const DETACHES = { call: detach, table: 'app.events', mode: 'ACCESS SHARE' };
  const hasDetach = async () =>
    Number((await dba.query('SHOW server_version_num')).rows[0].server_version_num) >= 140000;

  test('DETACH CONCURRENTLY killed inside: the pending detach is finalized', async ({ skip }) => {
    if (!(await hasDetach())) skip('servers before 14 have no DETACH CONCURRENTLY');
    const ran = await crashInside(DETACHES);
    expect(ran.error).toBeNull();
    expect(ran.result).toMatchObject({
      outcome: 'done',
      message: expect.stringMatching(/no partition/),
    });
    expect(await partitions()).toEqual(['app.events_new']);
  });

  test('DETACH CONCURRENTLY killed behind its effect: detached counts as done', async ({
    skip,
  }) => {
    if (!(await hasDetach())) skip('servers before 14 have no DETACH CONCURRENTLY');
    const ran = await crashBehind(DETACHES);
    expect(ran.result).toMatchObject({
      outcome: 'done',
      message: expect.stringMatching(/no partition/),
    });
    expect(await partitions()).toEqual(['app.events_new']);
  });

  // Only trying tells that this one cannot run in a transaction: the procedure commits.
  const rotate = 'CALL app.rotate()';
  const ROTATES = { table: 'app.keys', mode: 'SHARE UPDATE EXCLUSIVE' };

  test('what is known only by trying runs outside of the transaction as well', async () => {
    const session = await (await stand.attach()).session();
    const ran = await run(session, sqlCall(rotate));
    expect(ran.result?.outcome).toBe('done');
    expect(ran.statements.map(({ status }) => status)).toEqual(['failed', 'executed']);
  });

  test('a doubt that nothing resolves asks a person, and a decision ends it', async () => {
    const ran = await crashInside({ call: sqlCall(rotate), ...ROTATES });
    expect(ran.error?.kind).toBe('in_doubt');
    expect(ran.error?.failure).toMatchObject({
      code: 'ODTM-3008',
      hint: expect.stringMatching(/odtm resolve/),
    });
    const attachment = await stand.attach(2);
    const { unit } = sqlCall(rotate);
    await attachment.decide(unit, { outcome: 'again', reason: 'nothing has happened' });
    const call = sqlCall(rotate, { streamAttempt: 2 });
    expect((await run(await attachment.session(), call)).result?.outcome).toBe('done');
  });

  test('a person may say that it is done', async () => {
    await crashInside({ call: sqlCall(rotate), ...ROTATES });
    const attachment = await stand.attach(2);
    const { unit } = sqlCall(rotate);
    await attachment.decide(unit, { outcome: 'done', reason: 'I have looked' });
    expect(await attachment.outcome(unit)).toBe('done');
  });

  test.each([
    ['true', 'done', /done_when/],
    ['false', 'done', null],
    ['NULL::boolean', null, null],
  ])('done_when %s', async (answer, outcome, message) => {
    const call = sqlCall(rotate, { doneWhen: `SELECT ${answer}` });
    const ran = await crashInside({ call, ...ROTATES });
    expect(ran.result?.outcome ?? null).toBe(outcome);
    if (message !== null) expect(ran.result?.message).toMatch(message);
    if (outcome === null) expect(ran.error?.kind).toBe('in_doubt');
  });

  test('a failed build names the invalid index, and the next try drops it first', async () => {
    await dba.query(`INSERT INTO app.keys VALUES (99, '2026-01-01')`);
    const unique = sqlCall('CREATE UNIQUE INDEX CONCURRENTLY keys_once ON app.keys (at)');
    const attachment = await stand.attach();
    const session = await attachment.session();
    const failed = await run(session, unique);
    expect(failed.error?.failure).toMatchObject({
      code: '23505',
      hint: expect.stringMatching(/invalid index app\.keys_once/),
    });
    const findings = await (await stand.connect()).check([], []);
    expect(findings.find(({ what }) => what === 'invalid')?.text).toMatch(/app\.keys_once/);
    await dba.query('DELETE FROM app.keys WHERE id = 99');
    expect((await run(session, { ...unique, try: 2 })).result?.outcome).toBe('done');
    expect(await indexes('app.keys')).toContain('app.keys_once');
  });

  test('a failure that leaves nothing takes its intent back', async () => {
    const attachment = await stand.attach();
    const call = sqlCall('CREATE INDEX CONCURRENTLY keys_at ON app.keys (at)');
    const ran = await run(await attachment.session(), call);
    expect(ran.error?.failure).toMatchObject({ code: '42P07', hint: null });
    expect(await attachment.outcome(call.unit)).toBeNull();
  });

  test('cancelled inside: cancelled, what it left is named, and the next try mends it', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const release = await lockTable('app.keys', 'ROW EXCLUSIVE');
    const running = run(session, create);
    await waitsInStatement();
    await session.cancel();
    const { error } = await running;
    expect(error?.kind).toBe('cancelled');
    expect(error?.failure.hint).toMatch(/keys_new/);
    await release();
    expect((await run(session, { ...create, try: 2 })).result?.outcome).toBe('done');
  });

  test('the statement was corrected meanwhile: what the old one left goes, the new one runs', async () => {
    await crashInside({ call: create, ...KEYS }).catch(() => undefined);
    const attachment = await stand.attach(2);
    const session = await attachment.session();
    const release = await lockTable('app.keys', 'ROW EXCLUSIVE');
    const running = run(
      session,
      sqlCall('CREATE INDEX CONCURRENTLY keys_two ON app.keys (at)', {
        streamAttempt: 2,
        key: { iteration: 2 },
      }),
    );
    await waitsInStatement();
    await fixture.killUnitSessions();
    await running;
    await release();
    const corrected = sqlCall('CREATE INDEX CONCURRENTLY keys_three ON app.keys (at)', {
      streamAttempt: 2,
      try: 2,
      key: { iteration: 2 },
    });
    const ran = await run(await attachment.session(session), corrected);
    expect(ran.result).toMatchObject({ outcome: 'done', message: null });
    expect(await indexes('app.keys')).toEqual([
      'app.keys_at',
      'app.keys_new',
      'app.keys_pkey',
      'app.keys_three',
    ]);
  });

  test('two sessions race for one such unit: the second waits and finds it recorded', async () => {
    const attachment = await stand.attach();
    const [one, two] = [await attachment.session(), await attachment.session()];
    const release = await lockTable('app.keys', 'ROW EXCLUSIVE');
    const both = [run(one, create), run(two, create)];
    await waitsInStatement();
    await release();
    const outcomes = (await Promise.all(both)).map(({ result }) => result?.outcome);
    expect(outcomes.sort()).toEqual(['done', 'recorded']);
  });
});
