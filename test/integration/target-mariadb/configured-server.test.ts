import { afterEach, describe, expect, test } from 'vitest';
import { PlsqlSession } from '../../../src/targets/plsql/session.ts';
import { callOf, run } from '../../conformance/target/stand.ts';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { useOwnMariadb } from '../../support/mariadb/own-server.ts';
import { Cutter } from './cutter.ts';
import { Workshop } from './workshop.ts';

/** What a configuration may say, and what a session of ODTM has all the same. */
const SETTINGS: readonly (readonly [name: string, theirs: string, ours: string | number])[] = [
  ['sql_mode', "'ANSI_QUOTES,EMPTY_STRING_IS_NULL'", expect.stringContaining('STRICT_ALL_TABLES')],
  ['autocommit', '1', 0],
  ['completion_type', "'RELEASE'", 'NO_CHAIN'],
  ['tx_isolation', "'SERIALIZABLE'", 'READ-COMMITTED'],
  ['tx_read_only', '1', 0],
  ['default_storage_engine', 'Aria', 'InnoDB'],
  ['default_tmp_storage_engine', 'Aria', 'InnoDB'],
  ['sql_select_limit', '2', expect.any(Number)],
  ['sql_big_selects', '0', 1],
  ['sql_safe_updates', '1', 0],
  ['sql_auto_is_null', '1', 0],
  ['sql_if_exists', '1', 0],
  ['sql_notes', '1', 0],
  ['sql_quote_show_create', '0', 1],
  ['foreign_key_checks', '0', 1],
  ['unique_checks', '0', 1],
  ['check_constraint_checks', '0', 1],
  ['div_precision_increment', '0', 27],
  ['group_concat_max_len', '4', 1_048_576],
  ['max_sort_length', '64', 1024],
  ['max_error_count', '0', 64],
  ['max_recursive_iterations', '3', 4_294_967_295],
  ['max_statement_time', '0.5', 0],
  ['innodb_lock_wait_timeout', '1', 31_536_000],
  ['idle_transaction_timeout', '1', 0],
  ['idle_readonly_transaction_timeout', '1', 0],
  ['idle_write_transaction_timeout', '1', 0],
  ['old_mode', "'ZERO_DATE_TIME_CAST'", 'UTF8_IS_UTF8MB3'],
  ['default_regex_flags', "'DOTALL'", ''],
  ['default_week_format', '3', 0],
  ['lc_time_names', "'de_DE'", 'en_US'],
  ['lc_messages', "'de_DE'", 'en_US'],
];

const TASKS = (): Record<string, string> => ({
  half: `put('half'); raise_application_error(-20001, 'no');`,
  all_rows: `FOR r IN (SELECT s.seq AS n FROM seq_1_to_3 s) LOOP put(r.n); END LOOP;`,
  divides: `DECLARE v_third NUMBER; v_wide NUMBER(38) := 98765432109876543210987654321098765432;
    BEGIN
      v_third := 1 / 3;
      put(v_third);
      SELECT MAX(v_wide / 1) INTO v_wide FROM seq_1_to_3;
      put(v_wide);
      SELECT SUM(7 / 9) * 9 INTO v_third FROM seq_1_to_3;
      put(v_third);
    END;`,
});

describe.skipIf(!hasMariadb())('a server with a configuration of its own', () => {
  useOwnMariadb();
  let shop: Workshop;

  afterEach(async () => {
    for (const [name] of SETTINGS) await shop.dba.query(`SET GLOBAL ${name} = DEFAULT`);
    await shop[Symbol.asyncDispose]();
  });

  async function configure(): Promise<void> {
    for (const [name, theirs] of SETTINGS) await shop.dba.query(`SET GLOBAL ${name} = ${theirs}`);
  }

  /** The variables of a session that executes units. */
  async function found(): Promise<object | undefined> {
    const session = await (await shop.stand.attach()).session();
    if (!(session instanceof PlsqlSession)) throw new Error('not a session of this adapter');
    const names = SETTINGS.map(([name]) => `@@${name} AS ${name}`).join(', ');
    return (await session.parts.connection.query(`SELECT ${names} FROM dual`))[0];
  }

  test('has no say in what the sessions of ODTM are like', async () => {
    shop = await Workshop.open(TASKS);
    await configure();
    expect(await found()).toEqual(
      Object.fromEntries(SETTINGS.map(([name, , ours]) => [name, ours])),
    );
  });

  test('changes no result: rollback, rows of a loop, chunks, quotients', async () => {
    shop = await Workshop.open(TASKS);
    await configure();
    const session = await (await shop.stand.attach()).session();
    expect((await run(session, callOf('half'))).error?.failure.code).toBe('ORA-20001');
    expect(await shop.fixture.written()).toEqual([]);
    for (const task of ['all_rows', 'divides'])
      expect((await run(session, callOf(task))).error).toBeNull();
    expect(await shop.fixture.written()).toEqual([
      ...['1', '2', '3'],
      ...['.3333333333', '98765432109876543210987654321098765432', '21'],
    ]);
    const { ranges } = await (await Cutter.of(shop)).cut('keys', 'id', '1');
    expect(ranges).toHaveLength(10);
  });

  test('what the instance’s options say has the last word', async () => {
    shop = await Workshop.open(TASKS, { div_precision_increment: '3', sql_safe_updates: '1' });
    expect(await found()).toMatchObject({ div_precision_increment: 3, sql_safe_updates: 1 });
  });

  test('a preview has its lock before there is a schema that another one could drop', async () => {
    shop = await Workshop.open(TASKS);
    const release = await shop.holder('FLUSH TABLES WITH READ LOCK');
    const opening = shop.stand.attach(1, { preview: 'rollback' });
    const id = await shop.sessionIn('CREATE DATABASE%');
    const lock = `SELECT IS_USED_LOCK(CONCAT('odtm ', REGEXP_SUBSTR(info, '[a-z0-9_]+_preview_[0-9a-f]+')))
      FROM information_schema.processlist WHERE id = ?`;
    expect(await shop.column(lock, [id])).toEqual([id]);
    await release();
    const ran = await run(await (await opening).session(), callOf('all_rows'));
    expect(ran.result?.outcome).toBe('done');
  });
});
