import type { Check } from '../../purge-orders/demo/checks.ts';
import {
  firstTaskOfNewestAttempt,
  loggedRows,
  type RunRecord,
  streamOf,
  unitsDoneTwice,
  unitsOf,
} from '../../purge-orders/demo/run-record.ts';
import { count, table } from '../../purge-orders/demo/terminal.ts';
import { type Account, dueEvents, expectedAccount } from './event-data.ts';

/** What the demo has found, for the account at its end. */
export interface EventsEvidence {
  readonly failing: string;
  readonly eventsAMonth: number;
  /** Engine and months kept of each instance. */
  readonly engines: Readonly<Record<string, string>>;
  readonly monthsKept: ReadonlyMap<string, number>;
  readonly exitCodes: readonly number[];
  readonly failed: RunRecord;
  readonly ended: RunRecord;
  readonly before: ReadonlyMap<string, Account>;
  readonly after: ReadonlyMap<string, Account>;
}

export function eventChecks(evidence: EventsEvidence): Check[] {
  return [...failureChecks(evidence), ...restartChecks(evidence), ...accountChecks(evidence)];
}

function failureChecks({ failing, failed, exitCodes, engines }: EventsEvidence): Check[] {
  const stream = streamOf(failed, failing);
  const unit = stream?.failed_unit;
  const others = failed.streams.filter(({ instance }) => instance !== failing);
  const used = new Set(failed.streams.map(({ instance }) => engines[instance]));
  return [
    check(
      used.size === 3,
      `one run over ${failed.streams.length} instances of ${used.size} engines`,
    ),
    check(exitCodes[0] === 1, `the first command ended with exit code ${exitCodes[0]} (failed)`),
    check(
      unit?.task === 'build_rollup' && unit.iteration === 2,
      `${failing} failed at ${unit?.task} of month ${unit?.iteration} with ${stream?.failure?.code}`,
    ),
    check(
      others.every(({ status }) => status === 'completed'),
      `the other streams: ${others.map(({ status }) => status).join(', ')}`,
    ),
  ];
}

function restartChecks({ failing, failed, ended, exitCodes }: EventsEvidence): Check[] {
  const restartedAt = firstTaskOfNewestAttempt(ended, failing);
  const touched = failed.streams.filter(
    ({ instance }) =>
      instance !== failing && unitsOf(failed, instance).length !== unitsOf(ended, instance).length,
  );
  const twice = unitsDoneTwice(ended);
  return [
    check(exitCodes[1] === 0, `the same command ended with exit code ${exitCodes[1]} (completed)`),
    check(
      ended.runId === failed.runId && ended.status === 'completed',
      `it went on with the same run (${ended.runId}), which is ${ended.status}`,
    ),
    check(restartedAt === '2/build_rollup', `${failing} went on at ${restartedAt}`),
    check(touched.length === 0, `completed streams that were touched again: ${touched.length}`),
    check(twice.length === 0, `units with two effects: ${twice.length} of ${ended.units.length}`),
  ];
}

function accountChecks({ after, ended, monthsKept, eventsAMonth }: EventsEvidence): Check[] {
  return [...after].map(([instance, account]) => {
    const kept = monthsKept.get(instance) ?? 0;
    const expected = expectedAccount(eventsAMonth, kept);
    const faults = (['event', 'archive', 'rollup'] as const)
      .filter((name) => account[name].digest !== expected[name].digest)
      .map(
        (name) => `${name} has ${account[name].rows} rows, not the ${expected[name].rows} expected`,
      );
    const logged = loggedRows(ended, instance, 'purge_month');
    if (logged !== dueEvents(eventsAMonth, kept))
      faults.push(`the log has ${logged} events purged`);
    const right = 'events, archive and rollup are right to the row, and the log has the same';
    return check(faults.length === 0, `${instance}: ${faults.join('; ') || right}`);
  });
}

function check(ok: boolean, text: string): Check {
  return { ok, text };
}

/** The rows of each instance before and after. */
export function eventsTable({ before, after, engines }: EventsEvidence): string {
  const headings = ['instance', 'engine', '>events', '>stay', '>archived', '>sums'];
  return table(
    headings,
    [...after].map(([instance, { event, archive, rollup }]) => [
      instance,
      engines[instance] ?? '',
      ...[before.get(instance)?.event.rows ?? 0, event.rows, archive.rows, rollup.rows].map(count),
    ]),
  );
}
