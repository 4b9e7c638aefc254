import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventToSpoil } from '../../examples/purge-events/demo/event-data.ts';
import { accountIn, spoil } from '../../examples/purge-events/demo/event-store.ts';
import { documentOf, textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { readRun, streamOf, unitsOf } from '../../examples/purge-orders/demo/run-record.ts';
import { hasMariadb, rootConnection } from '../support/mariadb/database.ts';
import {
  createEventsFleet,
  EVENTS_A_MONTH,
  type EventsFleet,
  type HeldEvent,
  hold,
} from './events-fleet.ts';

const RUN = ['run', '30', '--env', 'PROD', '--only-instances', 'events_eu'];
const ROTATE = ['run', 'rotate', '--env', 'PROD'];
const REASON = ['--reason', 'the DBA has looked'];

/** A package that does one round; its task is plain SQL, of which no catalogue tells whether it has run. */
const ROTATE_PACKAGE = `CREATE OR REPLACE PACKAGE rotate AS
  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2);
  PROCEDURE initial (p_handle IN VARCHAR2);
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N');
END rotate;
/
CREATE OR REPLACE PACKAGE BODY rotate AS
  PROCEDURE iterator (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_object_name IN VARCHAR2) IS
    v_rounds NUMBER(10);
  BEGIN
    SELECT COUNT(*) INTO v_rounds FROM rotate_state s WHERE s.handle = p_handle;
    IF v_rounds > 0 THEN
      DOM.operation_complete('one round is enough');
    END IF;
    INSERT INTO rotate_state (handle) VALUES (p_handle);
  END iterator;
  PROCEDURE initial (p_handle IN VARCHAR2) IS BEGIN NULL; END initial;
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N') IS BEGIN NULL; END final;
END rotate;
/
`;

describe.skipIf(!hasMariadb())('the commands on an instance of mariadb', () => {
  let fleet: EventsFleet;
  let held: HeldEvent | undefined;

  beforeEach(async () => {
    fleet = await createEventsFleet();
  });
  afterEach(async () => {
    await held?.release();
    held = undefined;
    await fleet[Symbol.asyncDispose]();
  });

  it('check finds the instance in order, and what is changed by hand', async () => {
    const check = ['check', '--instance', 'events_eu'];
    expect(await fleet.odtm(...check)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/MariaDB/),
    });
    await textOf(fleet.odtm, ...RUN);
    expect(await fleet.odtm(...check)).toMatchObject({ code: 0 });
    const dba = await rootConnection();
    await dba.query("SET sql_mode = 'ORACLE'");
    await dba.query(`DROP PACKAGE BODY ${fleet.store('events_eu').database}.purge_events`);
    await dba.end();
    expect(await fleet.odtm(...check)).toMatchObject({
      code: 1,
      output: expect.stringContaining('package body purge_events'),
    });
  });

  it('check names the privilege that a task lacks', async () => {
    const { owner, user } = fleet.store('events_eu');
    const dba = await rootConnection();
    // As the script has granted it: in a GRANT an underscore stands for any character.
    const pattern = owner.replaceAll('_', '\\_');
    await dba.query(`REVOKE DELETE ON \`${pattern}\`.* FROM '${user}'@'%'`);
    await dba.end();
    expect(await fleet.odtm('check', '--instance', 'events_eu')).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        `DELETE ON ${owner}.event is missing: task purge_month of operation purge_events needs it`,
      ),
    });
  });

  it('a preview runs everything and changes nothing', async () => {
    const store = fleet.store('events_eu');
    const before = await accountIn(store);
    expect(await fleet.odtm(...RUN, '--preview')).toMatchObject({ code: 0 });
    expect(await accountIn(store)).toEqual(before);
    const log = await textOf(fleet.odtm, 'log', 'last', '--statements');
    expect(log).toContain(`DELETE FROM ${store.owner}.event WHERE id >= 1 AND id < 151`);
    expect(log).not.toMatch(/\bcommitted\b/);
  });

  it('log tells the failed statement, and skip goes on without the task', async () => {
    const store = fleet.store('events_eu');
    await spoil(store, eventToSpoil(EVENTS_A_MONTH).id);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 1 });
    const log = await textOf(fleet.odtm, 'log', 'last', '--failed', '--statements');
    expect(log).toContain(`INSERT INTO ${store.owner}.event_rollup`);
    expect(log).toContain('4025: CONSTRAINT `event_rollup_amount` failed');
    await textOf(fleet.odtm, 'skip', 'last', '--instance', 'events_eu', ...REASON);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    const skipped = unitsOf(await readRun(fleet.odtm), 'events_eu').filter(
      ({ task, status }) => task === 'build_rollup' && status === 'skipped',
    );
    expect(skipped).toMatchObject([{ iteration: 2 }]);
    // Of three months due, two have their sums for each of the 50 accounts.
    expect((await accountIn(store)).rollup.rows).toBe(100);
  });

  it.each(['done', 'again'])(
    'what nothing tells is asked for, and resolved as %s',
    async (as) => {
      const ticks = `${fleet.store('events_eu').owner}.ticks`;
      await addRotation(ticks);
      held = await hold(`SELECT NEXTVAL(${ticks})`, `ALTER SEQUENCE ${ticks}%`);
      const run = fleet.odtm(...ROTATE);
      await held.someoneWaits();
      await held.killWaiting();
      expect(await run).toMatchObject({ code: 1 });
      const doubtful = streamOf(await readRun(fleet.odtm), 'events_eu');
      expect(doubtful).toMatchObject({
        status: 'in_doubt',
        failed_unit: { task: 'restart_ticks' },
        failure: { message: expect.stringContaining('ALTER SEQUENCE') },
      });
      await held.release();
      held = undefined;

      await textOf(fleet.odtm, 'resolve', 'last', '--instance', 'events_eu', '--as', as, ...REASON);
      expect(await fleet.odtm(...ROTATE)).toMatchObject({ code: 0 });
      const [next] = await fleet.store('events_eu').lines(`SELECT NEXTVAL(${ticks}) AS line`);
      expect(Number(next) >= 5000).toBe(as === 'again');
    },
    120_000,
  );

  async function addRotation(ticks: string): Promise<void> {
    await fleet.store('events_eu').execute(`CREATE SEQUENCE ${ticks} NOCACHE`);
    const sql = `ALTER SEQUENCE ${ticks} RESTART 5000`;
    await fleet.add('packages/rotate/plsql/rotate.sql', ROTATE_PACKAGE);
    await fleet.add(
      'packages/rotate/plsql/state.sql',
      'CREATE TABLE rotate_state (handle VARCHAR2(64) NOT NULL)\n/\n',
    );
    await fleet.add(
      'operations/rotate.yaml',
      `operations: [{ id: 31, name: rotate, environments: [PROD], instances: [events_eu],
        tasks: [{ name: restart_ticks, sql: "${sql}" }] }]\n`,
    );
    await textOf(fleet.odtm, 'apply');
    const { operations } = await documentOf<{ operations: unknown[] }>(fleet.odtm, 'operations');
    expect(operations).toHaveLength(2);
  }
});
