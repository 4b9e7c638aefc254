import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { hasMariadb } from '../support/mariadb/database.ts';
import { createEventsFleet, EVENTS_A_MONTH, type EventsFleet } from './events-fleet.ts';

const ORIGINAL = new URL('support/original/packages/purge_old/plsql/', import.meta.url);
const INSTANCES = ['events_eu', 'events_africa'];

/** The events begin in January 2026; of those before April, three months are due. */
const DEFINITIONS = (objects: readonly string[]): string => `operations:
  - id: 32
    name: purge_old
    environments: [PROD]
    instances: [${INSTANCES.join(', ')}]
    tasks: [{ name: archive_month }, { name: purge_month }]
    objects: [${objects.join(', ')}]
    parameters:
      - { name: MONTHS TRAILING, value: 3 }
      - { name: TODAY, value: 2026-07-15 }
`;

describe.skipIf(!hasMariadb())('a package as it was written for the original DOM', () => {
  let fleet: EventsFleet;

  beforeEach(async () => {
    fleet = await createEventsFleet(['africa']);
    for (const file of await readdir(ORIGINAL)) {
      const text = await readFile(new URL(file, ORIGINAL), 'utf8');
      await fleet.add(`packages/purge_old/plsql/${file}`, text);
    }
    const objects = INSTANCES.map((name) => {
      const { owner } = fleet.store(name);
      return `{ owner: ${owner}, name: event, instances: [${name}] }`;
    });
    await fleet.add('operations/purge-old.yaml', DEFINITIONS(objects));
    await textOf(fleet.odtm, 'apply');
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  it('runs unchanged: its numbers for handles, its names of parameters, its settings', async () => {
    await textOf(fleet.odtm, 'run', 'purge_old', '--env', 'PROD');
    for (const name of INSTANCES) {
      const store = fleet.store(name);
      const count = (what: string) => store.lines(`SELECT COUNT(*) AS line FROM ${what}`);
      expect((await count(`${store.owner}.event`)).map(Number)).toEqual([3 * EVENTS_A_MONTH]);
      expect((await count(`${store.owner}.event_arch`)).map(Number)).toEqual([3 * EVENTS_A_MONTH]);
      expect((await count(`${store.database}.state_purge_old`)).map(Number)).toEqual([0]);
    }
    const log = await textOf(fleet.odtm, 'log', 'last', '--statements');
    expect(log).toContain(`-- from DATE '2026-01-01' by 150`);
    const streams = await fleet.sql<{ handle: string }>('SELECT handle FROM odtm.stream');
    expect(streams.map(({ handle }) => /^\d{10}$/.test(handle))).toEqual([true, true]);
  });
});
