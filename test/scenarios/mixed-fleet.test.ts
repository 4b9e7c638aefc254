import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventToSpoil, expectedAccount } from '../../examples/purge-events/demo/event-data.ts';
import { accountIn, repair, spoil } from '../../examples/purge-events/demo/event-store.ts';
import {
  firstTaskOfNewestAttempt,
  readRun,
  streamOf,
  unitsDoneTwice,
} from '../../examples/purge-orders/demo/run-record.ts';
import { hasMariadb } from '../support/mariadb/database.ts';
import {
  createEventsFleet,
  EVENTS_A_MONTH,
  type EventsFleet,
  MONTHS_KEPT,
} from './events-fleet.ts';

const RUN = ['run', '30', '--env', 'PROD'];

describe.skipIf(!hasMariadb())('one operation over several engines in one run', () => {
  let fleet: EventsFleet;

  beforeAll(async () => {
    fleet = await createEventsFleet(['latam', 'africa']);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  it('fails alike on each engine, goes on alike, and has the same effects', async () => {
    const { id, amount } = eventToSpoil(EVENTS_A_MONTH);
    const spoilt = ['events_asia', 'events_latam', 'events_africa'];
    for (const instance of spoilt) await spoil(fleet.store(instance), id);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 1 });
    const failed = await readRun(fleet.odtm);
    expect(failed.streams.map(({ instance, status }) => [instance, status]).sort()).toEqual([
      ['events_africa', 'failed'],
      ['events_asia', 'failed'],
      ['events_eu', 'completed'],
      ['events_latam', 'failed'],
      ['events_us', 'completed'],
    ]);
    expect(spoilt.map((instance) => streamOf(failed, instance))).toMatchObject([
      { failed_unit: { iteration: 2, task: 'build_rollup' }, failure: { code: '4025' } },
      { failed_unit: { iteration: 2, task: 'build_rollup' }, failure: { code: '23514' } },
      { failed_unit: { iteration: 2, task: 'build_rollup' }, failure: { code: 'ORA-02290' } },
    ]);

    for (const instance of spoilt) await repair(fleet.store(instance), id, amount);
    expect(await fleet.odtm(...RUN)).toMatchObject({ code: 0 });
    const ended = await readRun(fleet.odtm);
    expect(ended).toMatchObject({ runId: failed.runId, status: 'completed' });
    expect(unitsDoneTwice(ended)).toEqual([]);
    for (const instance of spoilt)
      expect(firstTaskOfNewestAttempt(ended, instance)).toBe('2/build_rollup');
    for (const store of fleet.stores) {
      const kept = MONTHS_KEPT[store.instance] ?? 0;
      expect(await accountIn(store), store.instance).toEqual(expectedAccount(EVENTS_A_MONTH, kept));
    }
  });
});
