import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accountBefore,
  dueEvents,
  eventToSpoil,
  expectedAccount,
} from '../../examples/purge-events/demo/event-data.ts';
import { accountIn, repair, spoil } from '../../examples/purge-events/demo/event-store.ts';
import { textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import {
  firstTaskOfNewestAttempt,
  loggedRows,
  readRun,
  streamOf,
  unitsDoneTwice,
  unitsOf,
} from '../../examples/purge-orders/demo/run-record.ts';
import { hasMariadb } from '../support/mariadb/database.ts';
import {
  CHUNK_SIZE,
  createEventsFleet,
  EVENTS_A_MONTH,
  type EventsFleet,
  type HeldEvent,
  holdEvent,
  MONTHS_KEPT,
} from './events-fleet.ts';

const RUN = ['run', '30', '--env', 'PROD'];

/** An event in the second chunk of the first month. */
const HELD_EVENT = 390;

describe.skipIf(!hasMariadb())('the example purge-events, one source of PL/SQL on mariadb', () => {
  let fleet: EventsFleet;
  let hold: HeldEvent | undefined;

  beforeEach(async () => {
    fleet = await createEventsFleet();
  });
  afterEach(async () => {
    await hold?.release();
    hold = undefined;
    await fleet[Symbol.asyncDispose]();
  });

  it('moves exactly what is due, by the account, and the log has each statement once', async () => {
    for (const store of fleet.stores)
      expect(await accountIn(store)).toEqual(accountBefore(EVENTS_A_MONTH));
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    await expectWholeEffect();
    expect(await statements('events_eu')).toEqual(expectedStatements('events_eu'));
    expect(await statements('events_asia')).toEqual(expectedStatements('events_asia'));
  });

  it('fails at task 2 where the data is wrong, and goes on there once it is repaired', async () => {
    const { id, amount } = eventToSpoil(EVENTS_A_MONTH);
    const shop = fleet.store('events_us');
    await spoil(shop, id);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 1 });
    const failed = await readRun(fleet.odtm);
    expect(streamOf(failed, 'events_us')).toMatchObject({
      status: 'failed',
      failed_unit: { iteration: 2, task: 'build_rollup' },
      failure: {
        code: '4025',
        message: expect.stringContaining('event_rollup_amount'),
        file: 'purge_events.pkb',
        line: expect.any(Number),
      },
    });
    expect(streamOf(failed, 'events_eu')?.status).toBe('completed');
    expect(streamOf(failed, 'events_asia')?.status).toBe('completed');

    await repair(shop, id, amount);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    const ended = await readRun(fleet.odtm);
    expect(ended.runId).toBe(failed.runId);
    expect(firstTaskOfNewestAttempt(ended, 'events_us')).toBe('2/build_rollup');
    await expectWholeEffect();
    expect(await statements('events_us')).toEqual(expectedStatements('events_us'));
  });

  it('killed with -9 in the middle of the purge: the same command goes on, each effect once', async () => {
    hold = await holdEvent(fleet.store('events_us'), HELD_EVENT);
    const first = fleet.start(...RUN, '--plain');
    await hold.someoneWaits();
    expect(await first.kill()).toMatchObject({ signal: 'SIGKILL' });
    await fleet.leasesExpired();
    await hold.release();
    expect(await fleet.start(...RUN, '--plain').ended).toMatchObject({
      code: 0,
      notes: expect.stringContaining('goes on'),
    });
    await expectWholeEffect();
    expect(await statements('events_us')).toEqual(expectedStatements('events_us'));
  }, 300_000);

  it('halted in the middle of the purge: the running chunk ends, and the same command resumes', async () => {
    hold = await holdEvent(fleet.store('events_us'), HELD_EVENT);
    const run = fleet.odtm(...RUN);
    await hold.someoneWaits();
    await textOf(fleet.odtm, 'halt', 'last', '--no-wait');
    await hold.release();
    expect(await run).toMatchObject({ code: 3 });
    const halted = await readRun(fleet.odtm);
    expect(streamOf(halted, 'events_us')?.status).toBe('halted');
    expect(unitsOf(halted, 'events_us').at(-1)).toMatchObject({ task: 'final_error' });
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    expect((await readRun(fleet.odtm)).runId).toBe(halted.runId);
    await expectWholeEffect();
  });

  async function expectWholeEffect(): Promise<void> {
    const run = await readRun(fleet.odtm);
    expect(run.status).toBe('completed');
    expect(unitsDoneTwice(run)).toEqual([]);
    for (const store of fleet.stores) {
      const kept = MONTHS_KEPT[store.instance] ?? 0;
      expect(await accountIn(store), store.instance).toEqual(expectedAccount(EVENTS_A_MONTH, kept));
      const due = dueEvents(EVENTS_A_MONTH, kept);
      expect(loggedRows(run, store.instance, 'purge_month'), store.instance).toBe(due);
      expect(await leftOnTarget(store.instance)).toEqual([]);
    }
  }

  /** Committed statements of the tasks in the central log, as `iteration task chunk verb`. */
  async function statements(instance: string): Promise<string[]> {
    const rows = await fleet.sql<{ text: string }>(
      `SELECT concat_ws(' ', u.iteration, u.task, u.chunk, split_part(u.text, ' ', 1)) AS text
         FROM odtm.statement_log u JOIN odtm.stream s ON s.id = u.stream_id
        WHERE s.instance = '${instance}' AND u.status = 'committed'
          AND u.task IN ('archive_month', 'build_rollup', 'purge_month')`,
    );
    return rows.map(({ text }) => text).sort();
  }

  /** Handles of streams that the framework still has on a target. */
  function leftOnTarget(instance: string): Promise<string[]> {
    const { database } = fleet.store(instance);
    return fleet
      .store(instance)
      .lines(
        `SELECT handle AS line FROM ${database}.dom$unit UNION SELECT handle FROM ${database}.dom$stream`,
      );
  }
});

/** Two for each task, one for the cut and one for each range from the least key that is left. */
function expectedStatements(instance: string): string[] {
  const all = 6 * EVENTS_A_MONTH;
  const months = 6 - (MONTHS_KEPT[instance] ?? 0);
  return Array.from({ length: months }, (_, at) => at + 1)
    .flatMap((iteration) => {
      const least = (iteration - 1) * EVENTS_A_MONTH + 1;
      const chunks = Math.floor((all - least) / CHUNK_SIZE) + 1;
      return [
        ...['DELETE', 'INSERT'].map((verb) => `${iteration} archive_month 0 ${verb}`),
        ...['DELETE', 'INSERT'].map((verb) => `${iteration} build_rollup 0 ${verb}`),
        `${iteration} purge_month 0 INSERT`,
        ...Array.from(
          { length: chunks },
          (_, chunk) => `${iteration} purge_month ${chunk + 1} DELETE`,
        ),
      ];
    })
    .sort();
}
