import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UnitCall } from '../../../src/ports/target.ts';
import { callOf, type Ran, run, sqlCall } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Workshop } from './workshop.ts';

const FOUND = /^Found in effect after an earlier try: /;

/** A statement that commits by itself, in the application's schema `app`. */
interface Ddl {
  readonly sql: string;
  /** Holds the statement before its effect, in a transaction or by a lock of tables. */
  readonly hold: string;
  /** What tells whether it has taken effect, and its answers before and after. */
  readonly look: string;
  readonly before: unknown;
  readonly after: unknown;
}

const TABLE = (name: string) => `SELECT COUNT(*) FROM information_schema.tables
  WHERE table_schema = 'app' AND table_name = '${name}'`;
const READS = (table: string) => `SELECT COUNT(*) FROM app.${table}`;

const DDLS: Readonly<Record<string, Ddl>> = {
  'CREATE TABLE': {
    sql: 'CREATE TABLE app.copy AS SELECT * FROM app.keys',
    hold: 'LOCK TABLES app.keys WRITE',
    look: TABLE('copy'),
    before: 0,
    after: 1,
  },
  'CREATE INDEX': {
    sql: 'CREATE INDEX keys_at ON app.keys (at)',
    hold: READS('keys'),
    look: `SELECT COUNT(*) FROM information_schema.statistics
      WHERE table_schema = 'app' AND index_name = 'keys_at'`,
    before: 0,
    after: 1,
  },
  'DROP INDEX': {
    sql: 'DROP INDEX events_at ON app.events',
    hold: READS('events'),
    look: `SELECT COUNT(*) FROM information_schema.statistics
      WHERE table_schema = 'app' AND table_name = 'events' AND index_name = 'events_at'`,
    before: 1,
    after: 0,
  },
  'DROP TABLE': {
    sql: 'DROP TABLE app.no_keys',
    hold: READS('no_keys'),
    look: TABLE('no_keys'),
    before: 1,
    after: 0,
  },
  'ADD COLUMN': {
    sql: 'ALTER TABLE app.keys ADD COLUMN note VARCHAR(10)',
    hold: READS('keys'),
    look: `SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns
      WHERE table_schema = 'app' AND table_name = 'keys'`,
    before: 'id,at',
    after: 'id,at,note',
  },
  'DROP PARTITION': {
    sql: 'ALTER TABLE app.events DROP PARTITION p_old',
    hold: READS('events'),
    look: `SELECT GROUP_CONCAT(partition_name) FROM information_schema.partitions
      WHERE table_schema = 'app' AND table_name = 'events'`,
    before: 'p_old,p_new',
    after: 'p_new',
  },
  'EXCHANGE PARTITION': {
    sql: 'ALTER TABLE app.events EXCHANGE PARTITION p_old WITH TABLE app.events_x',
    hold: READS('events_x'),
    look: `SELECT CONCAT((SELECT COUNT(*) FROM app.events), ' and ', (SELECT COUNT(*) FROM app.events_x))`,
    before: '3 and 0',
    after: '1 and 2',
  },
  'RENAME TABLE': {
    sql: 'RENAME TABLE app.keys TO app.old_keys',
    hold: READS('keys'),
    look: TABLE('old_keys'),
    before: 0,
    after: 1,
  },
};

const EVENTS = [
  `CREATE TABLE app.events (at DATE NOT NULL, KEY events_at (at)) PARTITION BY RANGE COLUMNS (at)
    (PARTITION p_old VALUES LESS THAN ('2026-01-01'), PARTITION p_new VALUES LESS THAN (MAXVALUE))`,
  `INSERT INTO app.events VALUES ('2025-01-01'), ('2025-06-01'), ('2026-06-01')`,
  'CREATE TABLE app.events_x (at DATE NOT NULL, KEY events_at (at))',
];

/** Whose repetition, or whose doubt, is a matter of its own. */
const TRUNCATE: Ddl = {
  sql: 'TRUNCATE TABLE app.keys',
  hold: READS('keys'),
  look: READS('keys'),
  before: 10,
  after: 0,
};
const TWO_TABLES: Ddl = {
  sql: 'DROP TABLE app.no_keys, app.events_x',
  hold: READS('no_keys'),
  look: `SELECT COUNT(*) = 0 FROM information_schema.tables
    WHERE table_schema = 'app' AND table_name IN ('no_keys', 'events_x')`,
  before: 0,
  after: 1,
};

/** By package code; and as a plain-SQL task what the framework treats in ways of their own. */
const PLAIN = ['CREATE INDEX', 'DROP PARTITION', 'EXCHANGE PARTITION'];
const CASES: [string, UnitCall['work']['call']][] = [
  ...Object.keys(DDLS).map((name): [string, 'procedure'] => [name, 'procedure']),
  ...PLAIN.map((name): [string, 'sql'] => [name, 'sql']),
];

describe.skipIf(!hasMariadb())('a statement that commits by itself', () => {
  let shop: Workshop;

  /** The package has a task for each of the statements, named as it is. */
  function tasks(app: string): Record<string, string> {
    const all = Object.entries({ ...DDLS, truncate: TRUNCATE });
    const calls = all.map(([name, { sql }]): [string, string] => [
      taskOf(name),
      `put('before'); DOM.execute_immediate(p_handle, '${inApp(sql, app)}'); put('behind');`,
    ]);
    const { sql } = ddlNamed('EXCHANGE PARTITION');
    return {
      ...Object.fromEntries(calls),
      behind_rollback: `put('before'); ROLLBACK; DOM.execute_immediate(p_handle, '${inApp(sql, app)}');`,
    };
  }

  beforeEach(async () => {
    shop = await Workshop.open(tasks);
    for (const statement of EVENTS) await shop.dba.query(here(statement));
  });
  afterEach(async () => {
    await shop[Symbol.asyncDispose]();
  });

  function inApp(sql: string, app: string): string {
    return sql.replaceAll('app.', `${app}.`).replaceAll(`'app'`, `'${app}'`);
  }

  const here = (sql: string): string => inApp(sql, shop.app);

  function ddlNamed(name: string): Ddl {
    const found = DDLS[name];
    if (found === undefined) throw new Error(`no statement ${name}`);
    return found;
  }

  function unitOf(name: string, how: UnitCall['work']['call']): UnitCall {
    return how === 'sql' ? sqlCall(`${here(ddlNamed(name).sql)};`) : callOf(taskOf(name));
  }

  async function kill(statement: string): Promise<void> {
    const id = await shop.sessionIn(statement);
    await shop.dba.query(`KILL ${id}`);
    const there = 'SELECT id FROM information_schema.processlist WHERE id = ?';
    await waitFor(async () => (await shop.column(there, [id])).length === 0);
  }

  async function look(ddl: Ddl): Promise<unknown> {
    const [answer] = await shop.column(here(ddl.look));
    return typeof answer === 'bigint' ? Number(answer) : answer;
  }

  /** Runs the unit until its statement waits for a lock of somebody else, and lets `act` go on. */
  async function held(
    ddl: Ddl,
    call: UnitCall,
    act: (release: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const attachment = await shop.stand.attach();
    const session = await attachment.session();
    const release = await shop.holder('SET autocommit = 0', here(ddl.hold));
    const running = run(session, call);
    await shop.sessionIn(`${here(ddl.sql)}%`, 'Waiting for%lock');
    await act(release);
    expect((await running).error?.kind).toBe('lost');
    expect(await attachment.outcome(call.unit)).toBe('started');
    expect(await attachment.recordedUnits()).toMatchObject([{ status: 'in_doubt' }]);
  }

  /** Ends the session while the statement has not taken effect. */
  async function crashBefore(ddl: Ddl, call: UnitCall): Promise<void> {
    await held(ddl, call, async (release) => {
      await kill(`${here(ddl.sql)}%`);
      await release();
    });
    expect(await look(ddl)).toBe(ddl.before);
  }

  /** Ends the session when the statement has taken effect, and nothing else has happened since. */
  async function crashBehind(ddl: Ddl, call: UnitCall): Promise<void> {
    await held(ddl, call, async (release) => {
      const releaseJournal = await shop.holder(
        'START TRANSACTION',
        `SELECT * FROM dom$statement WHERE status = 'started' FOR UPDATE`,
      );
      await release();
      await kill('UPDATE dom$statement%');
      await releaseJournal();
    });
    expect(await look(ddl)).toBe(ddl.after);
  }

  async function again(call: UnitCall): Promise<Ran> {
    const attachment = await shop.stand.attach(2);
    return run(await attachment.session(), { ...call, streamAttempt: 2 });
  }

  test.each(CASES)('%s (%s), killed before its effect: done by the next', async (name, how) => {
    const ddl = ddlNamed(name);
    const call = unitOf(name, how);
    await crashBefore(ddl, call);
    const { result, error } = await again(call);
    expect(error?.failure ?? null).toBeNull();
    expect(result).toMatchObject({ outcome: 'done', message: null });
    expect(await look(ddl)).toBe(ddl.after);
  });

  test.each(CASES)('%s (%s), killed behind its effect: found, not repeated', async (name, how) => {
    const ddl = ddlNamed(name);
    const call = unitOf(name, how);
    await crashBehind(ddl, call);
    const { result, error, statements } = await again(call);
    expect(error?.failure ?? null).toBeNull();
    expect(result).toMatchObject({ outcome: 'done', message: expect.stringMatching(FOUND) });
    expect(await look(ddl)).toBe(ddl.after);
    const found = statements.find(({ text }) => text === here(ddl.sql));
    expect(found).toMatchObject({ status: 'executed', rows: 0 });
    const said = 'SELECT message FROM dom$statement WHERE message IS NOT NULL';
    expect((await shop.column(said))[0]).toMatch(FOUND);
  });

  test('an exchange behind a rollback of the package is found too', async () => {
    const exchange = ddlNamed('EXCHANGE PARTITION');
    await crashBehind(exchange, callOf('behind_rollback'));
    const { result } = await again(callOf('behind_rollback'));
    expect(result).toMatchObject({ outcome: 'done', message: expect.stringMatching(FOUND) });
    expect(await look(exchange)).toBe(exchange.after);
  });

  test('a doubt that only a repetition’s error resolves outlives one that is cancelled', async () => {
    const ddl = ddlNamed('ADD COLUMN');
    const call = unitOf('ADD COLUMN', 'procedure');
    await crashBehind(ddl, call);
    const attachment = await shop.stand.attach(2);
    const session = await attachment.session();
    const release = await shop.holder(here('LOCK TABLES app.keys WRITE'));
    const running = run(session, { ...call, streamAttempt: 2 });
    await shop.sessionIn(`${here(ddl.sql)}%`, 'Waiting for%lock');
    await session.cancel();
    expect((await running).error?.kind).toBe('cancelled');
    await release();
    const third = await shop.stand.attach(3);
    const { result, error } = await run(await third.session(), { ...call, streamAttempt: 3 });
    expect(error?.failure ?? null).toBeNull();
    expect(result).toMatchObject({ outcome: 'done', message: expect.stringMatching(FOUND) });
    expect(await look(ddl)).toBe(ddl.after);
  });

  test('TRUNCATE is harmless to repeat', async () => {
    await crashBehind(TRUNCATE, callOf('t_truncate'));
    const { result } = await again(callOf('t_truncate'));
    expect(result).toMatchObject({ outcome: 'done', message: null });
    expect(await look(TRUNCATE)).toBe(0);
  });

  describe('of which nothing tells whether it has taken effect', () => {
    const call = (doneWhen?: string) =>
      sqlCall(here(TWO_TABLES.sql), doneWhen === undefined ? {} : { doneWhen });
    const crash = (effect: boolean, unit: UnitCall) =>
      effect ? crashBehind(TWO_TABLES, unit) : crashBefore(TWO_TABLES, unit);

    test.each([true, false])('(effect: %s) asks a person, who may say: done', async (effect) => {
      await crash(effect, call());
      const { error } = await again(call());
      expect(error?.kind).toBe('in_doubt');
      expect(error?.failure.hint).toMatch(/odtm resolve/);
      const attachment = await shop.stand.attach(3);
      await attachment.decide(call().unit, { outcome: 'done', reason: 'I have looked' });
      expect(await attachment.outcome(call().unit)).toBe('done');
      const after = await run(await attachment.session(), { ...call(), streamAttempt: 3 });
      expect(after.result).toMatchObject({ outcome: 'recorded', message: 'I have looked' });
      expect(await look(TWO_TABLES)).toBe(effect ? 1 : 0);
    });

    test('or: again', async () => {
      await crash(false, call());
      const attachment = await shop.stand.attach(3);
      await attachment.decide(call().unit, { outcome: 'again', reason: 'nothing has happened' });
      expect(await attachment.outcome(call().unit)).toBeNull();
      const { result } = await run(await attachment.session(), { ...call(), streamAttempt: 3 });
      expect(result?.outcome).toBe('done');
      expect(await look(TWO_TABLES)).toBe(1);
    });

    test.each([true, false])('(effect: %s) is told by done_when', async (effect) => {
      await crash(effect, call(here(TWO_TABLES.look)));
      const { result, error } = await again(call(here(TWO_TABLES.look)));
      expect(error?.failure ?? null).toBeNull();
      const message = effect ? expect.stringMatching(/done_when/) : null;
      expect(result).toMatchObject({ outcome: 'done', message });
      expect(await look(TWO_TABLES)).toBe(1);
    });

    test('stays in doubt where done_when does not know', async () => {
      await crash(false, call(`SELECT 'perhaps'`));
      expect((await again(call(`SELECT 'perhaps'`))).error?.kind).toBe('in_doubt');
    });
  });

  test('an exchange asks a person where the server does not tell the ids of tables', async () => {
    const { user } = shop.fixture.instance;
    await shop.dba.query(`REVOKE PROCESS ON *.* FROM '${user}'@'%'`);
    const exchange = ddlNamed('EXCHANGE PARTITION');
    const call = unitOf('EXCHANGE PARTITION', 'sql');
    await crashBehind(exchange, call);
    expect((await again(call)).error?.kind).toBe('in_doubt');
    expect(await look(exchange)).toBe('1 and 2');
  });

  test('cancelled while it waits: nothing has happened and nothing is left of it', async () => {
    const call = unitOf('ADD COLUMN', 'procedure');
    const attachment = await shop.stand.attach();
    const session = await attachment.session();
    const release = await shop.holder('START TRANSACTION', here(READS('keys')));
    const running = run(session, call);
    await shop.sessionIn(`ALTER TABLE ${shop.app}.keys%`, 'Waiting for%lock');
    await session.cancel();
    const { error, statements } = await running;
    expect(error?.kind).toBe('cancelled');
    // What stood before the statement was committed with its intent.
    expect(statements.map(({ status }) => status)).toEqual(['committed', 'failed']);
    await release();
    expect(await shop.column('SELECT seq FROM dom$statement')).toEqual([1]);
    const { result } = await run(session, { ...call, try: 2 });
    expect(result).toMatchObject({ outcome: 'done', message: null });
    expect(await look(ddlNamed('ADD COLUMN'))).toBe('id,at,note');
  });

  test('a failure is certain: what stood before it is committed, its intent is taken back', async () => {
    await shop.dba.query(`ALTER TABLE ${shop.app}.keys ADD COLUMN note VARCHAR(10)`);
    const call = unitOf('ADD COLUMN', 'procedure');
    const attachment = await shop.stand.attach();
    const session = await attachment.session();
    const { error, statements } = await run(session, call);
    expect(error).toMatchObject({ kind: 'failed', failure: { code: '1060' } });
    expect(statements.map(({ status }) => status)).toEqual(['committed', 'failed']);
    expect(await attachment.outcome(call.unit)).toBe('started');
    expect(await attachment.unacknowledged(10)).toMatchObject([{ seq: 1, try: 1 }]);
    // Somebody's own column is no proof that this statement has been executed before.
    expect((await run(session, { ...call, try: 2 })).error?.failure.code).toBe('1060');
    await waitFor(async () => (await shop.column('SELECT seq FROM dom$statement')).length === 2);
  });
});

function taskOf(name: string): string {
  return `t_${name.toLowerCase().replaceAll(' ', '_')}`;
}
