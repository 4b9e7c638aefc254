import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postgresEngine } from '../../../src/targets/postgres/engine.ts';
import { PostgresSession } from '../../../src/targets/postgres/session.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { callOf, run, Stand, sqlCall } from '../../conformance/target/stand.ts';
import { urlOf } from '../../support/database.ts';

describe('sessions of a PostgreSQL target', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Client;

  beforeEach(async () => {
    fixture = await postgresFixture();
    stand = new Stand(fixture);
    dba = new Client({ connectionString: urlOf(fixture.instance.database) });
    await dba.connect();
  });
  afterEach(async () => {
    await stand.close();
    await dba.end();
    await fixture.drop();
  });

  /** Makes a task of the package by hand; the DBA's hands are quicker than a new version. */
  async function task(name: string, body: string): Promise<void> {
    await dba.query(`CREATE OR REPLACE PROCEDURE conf.${name}(p_handle text) LANGUAGE plpgsql AS
      $body$ BEGIN ${body} END $body$; GRANT EXECUTE ON PROCEDURE conf.${name} TO PUBLIC`);
  }

  function names(): Promise<string[]> {
    return dba
      .query<{ name: string }>(
        `SELECT application_name AS name FROM pg_stat_activity
         WHERE usename = $1 AND datname = current_database() ORDER BY 1`,
        [fixture.instance.user],
      )
      .then(({ rows }) => rows.map(({ name }) => name));
  }

  test('pg_stat_activity tells operation, task and run while a unit runs', async () => {
    const session = await (await stand.attach()).session();
    expect(await names()).toEqual(['odtm monitor', 'odtm run 7 conformance']);
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    expect(await names()).toEqual(['odtm 12/hold run 7', 'odtm monitor']);
    await open();
    await running;
    expect(await names()).toEqual(['odtm monitor', 'odtm run 7 conformance']);
  });

  test('a cancel that is still on its way when its unit ends does not hit the next one', async () => {
    const session = await (await stand.attach()).session();
    if (!(session instanceof PostgresSession)) throw new Error('not a session of this adapter');
    await dba.query('SELECT pg_advisory_lock(4712)');
    const blocked = session.parts.monitorSession.query('SELECT pg_advisory_lock(4712)');
    const openFirst = await fixture.closeGate();
    const first = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    const cancel = session.cancel();
    await openFirst();
    expect((await first).result?.outcome).toBe('done');
    const openNext = await fixture.closeGate();
    const next = run(session, callOf('hold', { key: { iteration: 2 } }));
    // Without the guard the next unit is at its gate by now; with it, it has not begun.
    const reached = fixture.someoneAtGate().catch(() => undefined);
    await Promise.race([reached, delay(1_000)]);
    await dba.query('SELECT pg_advisory_unlock(4712)');
    await Promise.all([blocked, cancel]);
    await reached;
    await openNext();
    const { result, error } = await next;
    expect(error).toBeNull();
    expect(result?.outcome).toBe('done');
  });

  test('initialise adds module and action, cut to what the view can show', async () => {
    const session = await (await stand.attach()).session();
    await task(
      'name_it',
      `CALL dom.initialise(p_handle, repeat('m', 80), 'rebuild');
      INSERT INTO written (text) VALUES (current_setting('application_name'));`,
    );
    await run(session, callOf('name_it'));
    expect(await fixture.written()).toEqual([`odtm 12/rebuild run 7 ${'m'.repeat(41)}`]);
  });

  test('a session setting holds for its statement alone', async () => {
    const session = await (await stand.attach()).session();
    const say = (label: string) =>
      `'INSERT INTO written (text) VALUES (''${label} '' || current_setting(''work_mem''))'`;
    await task(
      'settings',
      `
      CALL dom.execute_immediate(p_handle, ${say('with')},
        'SET LOCAL work_mem TO ''77MB''; enable_sort = off;');
      CALL dom.execute_immediate(p_handle, ${say('without')});
      INSERT INTO written (text) VALUES (current_setting('enable_sort'));`,
    );
    expect((await run(session, callOf('settings'))).error).toBeNull();
    expect(await fixture.written()).toEqual(['with 77MB', 'without 4MB', 'on']);
    await task('bad_setting', `CALL dom.execute_immediate(p_handle, 'SELECT 1', 'work_mem');`);
    expect((await run(session, callOf('bad_setting'))).error?.message).toMatch(
      /"work_mem" cannot be read/,
    );
  });

  test('execute returns rows; log_message is a line of the log; nested statements nest', async () => {
    const session = await (await stand.attach()).session();
    await task('inner_one', `CALL dom.execute_immediate(p_handle, 'SELECT 1');`);
    await task(
      'outer_one',
      `CALL dom.log_message(p_handle,
        'wrote ' || dom.execute(p_handle,
          'INSERT INTO written (text) SELECT g FROM generate_series(1, 5) g'));
      CALL dom.execute_immediate(p_handle, format('CALL inner_one(%L)', p_handle));`,
    );
    const { result, statements, error } = await run(session, callOf('outer_one'));
    expect(error).toBeNull();
    expect(result).toMatchObject({ statements: 4, rows: 5 });
    expect(statements.map(({ text, status, rows }) => [text.slice(0, 9), status, rows])).toEqual([
      ['INSERT IN', 'executed', 5],
      ['-- wrote ', 'executed', null],
      ['CALL inne', 'executed', 0],
      ['SELECT 1', 'executed', 1],
    ]);
  });

  test('a package that silences notices is still logged in full', async () => {
    const session = await (await stand.attach()).session();
    await task(
      'silent',
      `PERFORM set_config('client_min_messages', 'error', true);
      CALL dom.execute_immediate(p_handle, 'SELECT 42');`,
    );
    const { result, events } = await run(session, callOf('silent'));
    expect(result?.statements).toBe(1);
    expect(events).toMatchObject([{ seq: 1, text: 'SELECT 42', status: 'executed', rows: 1 }]);
  });

  test('parallel workers of a statement that runs long enough are seen', async () => {
    const session = await (await stand.attach()).session();
    await dba.query('ALTER TABLE app.keys SET (parallel_workers = 2)');
    const settings =
      'min_parallel_table_scan_size = 0; parallel_setup_cost = 0; parallel_tuple_cost = 0; ' +
      'max_parallel_workers_per_gather = 2; parallel_leader_participation = off';
    await task(
      'wide',
      `CALL dom.execute_immediate(p_handle,
      'SELECT count(*) FROM app.keys WHERE length(repeat(''x'', id) || pg_sleep(0.2)::text) > 0',
      '${settings}');`,
    );
    const { statements, error } = await run(session, callOf('wide'));
    expect(error).toBeNull();
    expect(statements[0]?.parallelWorkers).toBeGreaterThanOrEqual(1);
    expect((await run(session, callOf('write_row'))).statements[0]?.parallelWorkers).toBeNull();
  });

  test('a procedure that commits is told why it cannot', async () => {
    const session = await (await stand.attach()).session();
    await task('commits', 'COMMIT;');
    const { error } = await run(session, callOf('commits'));
    expect(error?.failure).toMatchObject({
      code: '2D000',
      hint: expect.stringMatching(/one transaction/),
    });
  });

  test('a plain-SQL task may call a procedure that commits: it runs outside of the unit', async () => {
    const session = await (await stand.attach()).session();
    await task(
      'commits',
      `INSERT INTO written (text) VALUES ('one'); COMMIT;
      INSERT INTO written (text) VALUES ('two');`,
    );
    const { result, error } = await run(session, sqlCall(`CALL conf.commits('')`));
    expect(error).toBeNull();
    expect(result).toMatchObject({ outcome: 'done', statements: 1 });
    expect(await fixture.written()).toEqual(['one', 'two']);
  });

  test('only the iterator may say that the operation is complete', async () => {
    const session = await (await stand.attach()).session();
    await task('done_too', `CALL dom.operation_complete('I think');`);
    const { error } = await run(session, callOf('done_too'));
    expect(error?.failure).toMatchObject({
      code: 'OD100',
      hint: expect.stringMatching(/iterator/),
    });
  });

  test('a deadlock is retryable', async () => {
    const attachment = await stand.attach();
    const [one, two] = [await attachment.session(), await attachment.session()];
    const lock = (first: number, second: number) =>
      `UPDATE app.keys SET at = at WHERE id = ${first}; SELECT pg_sleep(0.3);
       UPDATE app.keys SET at = at WHERE id = ${second}`;
    const ran = await Promise.all([
      run(one, sqlCall(lock(1, 2))),
      run(two, sqlCall(lock(2, 1), { key: { iteration: 2 } })),
    ]);
    const kinds = ran.map(({ error }) => error?.kind ?? 'done').sort();
    expect(kinds).toEqual(['done', 'retryable']);
  });

  test('timeouts of the role do not end units; a cancel that is not ours is a failure', async () => {
    await dba.query(`ALTER ROLE ${fixture.instance.user} SET statement_timeout = '300ms'`);
    const session = await (await stand.attach()).session();
    await task('slow', `PERFORM pg_sleep(0.5);`);
    expect((await run(session, callOf('slow'))).error).toBeNull();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    await dba.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = $1`,
      ['odtm 12/hold run 7'],
    );
    expect((await running).error).toMatchObject({ kind: 'failed', failure: { code: '57014' } });
    await open();
  });

  test('a hostile public schema has no say in the framework', async () => {
    await dba.query(`GRANT CREATE ON SCHEMA public TO PUBLIC;
      CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked'::text $$;
      CREATE FUNCTION public.nextval(text) RETURNS bigint LANGUAGE sql AS $$ SELECT 7::bigint $$`);
    const session = await (await stand.attach()).session();
    await task(
      'path',
      `INSERT INTO written (text) VALUES (current_setting('search_path') || lower('A'));
      INSERT INTO written (text) VALUES (dom.get_num_param(p_handle, 'ROUNDS')::text);`,
    );
    expect((await run(session, callOf('path'))).error).toBeNull();
    expect(await fixture.written()).toEqual(['"conf", dom, pg_tempa', '2']);
  });

  test('unreachable, no such database, wrong password: with the address, never the secret', async () => {
    const attempt = (changes: object, secret = fixture.secret) =>
      postgresEngine
        .connect({ instance: { ...fixture.instance, ...changes }, secret, connectTimeoutMs: 2_000 })
        .then(() => null)
        .catch((error: Error) => error);
    const { database } = fixture.instance;
    expect((await attempt({ port: 1 }))?.message).toMatch(
      /conf-1 at .*:1\/.* cannot be reached: .*ECONNREFUSED/,
    );
    expect(await attempt({ database: 'nowhere' })).toMatchObject({
      code: 'ODTM-3012',
      message: expect.stringMatching(/does not let .* in: database "nowhere" does not exist/),
    });
    const wrong = await attempt({}, 'not-the-password');
    expect(wrong).toMatchObject({
      code: 'ODTM-3012',
      message: expect.stringMatching(
        `${database} does not let .* in: password authentication failed`,
      ),
    });
    expect(JSON.stringify({ wrong, text: String(wrong?.stack) })).not.toContain('not-the-password');
  });
});
