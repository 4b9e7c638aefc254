import { type Account, faultsOf, ordersOf } from './account.ts';
import {
  firstTaskOfNewestAttempt,
  loggedRows,
  type RunRecord,
  streamOf,
  unitsDoneTwice,
  unitsOf,
} from './run-record.ts';
import { count, table } from './terminal.ts';

/** One thing that must be so, and what was found. */
export interface Check {
  readonly text: string;
  readonly ok: boolean;
}

export interface Evidence {
  /** The instance that had too little space. */
  readonly failing: string;
  readonly exitCodes: readonly number[];
  /** The central log after the failure, and at the end. */
  readonly failed: RunRecord;
  readonly ended: RunRecord;
  /** Whether each shop took new orders while the run was down. */
  readonly feedsOnAfterFailure: boolean;
  readonly before: ReadonlyMap<string, Account>;
  readonly after: ReadonlyMap<string, Account>;
}

export function checksOf(evidence: Evidence): Check[] {
  return [...failureChecks(evidence), ...restartChecks(evidence), ...accountChecks(evidence)];
}

function failureChecks({ failing, failed, exitCodes, feedsOnAfterFailure }: Evidence): Check[] {
  const stream = streamOf(failed, failing);
  const code = stream?.failure?.code;
  const others = failed.streams.filter(({ instance }) => instance !== failing);
  return [
    check(exitCodes[0] === 1, `the first command ended with exit code ${exitCodes[0]} (failed)`),
    check(
      stream?.failed_unit?.task === 'keep_legal_hold' && code === '53400',
      `${failing} failed at ${stream?.failed_unit?.task} with ${code} (configuration limit exceeded)`,
    ),
    check(
      others.length === 3 && others.every(({ status }) => status === 'completed'),
      `the other streams: ${others.map(({ status }) => status).join(', ')}`,
    ),
    check(feedsOnAfterFailure, 'after the failure every feed was on again'),
  ];
}

function restartChecks({ failing, failed, ended, exitCodes }: Evidence): Check[] {
  const unit = streamOf(failed, failing)?.failed_unit;
  const failedAt = `${unit?.iteration}/${unit?.task}`;
  const restartedAt = firstTaskOfNewestAttempt(ended, failing);
  const touched = failed.streams
    .map(({ instance }) => instance)
    .filter(
      (instance) => instance !== failing && traceOf(failed, instance) !== traceOf(ended, instance),
    );
  const twice = unitsDoneTwice(ended);
  return [
    check(
      exitCodes[1] === 0,
      `the second command ended with exit code ${exitCodes[1]} (completed)`,
    ),
    check(
      ended.runId === failed.runId && ended.status === 'completed',
      `it went on with the same run (${ended.runId}), which is ${ended.status}`,
    ),
    check(
      restartedAt === failedAt,
      `${failing} failed at iteration/task ${failedAt} and went on at ${restartedAt}`,
    ),
    check(touched.length === 0, `completed streams that were touched again: ${touched.length}`),
    check(twice.length === 0, `units with two effects: ${twice.length} of ${ended.units.length}`),
  ];
}

/** Everything that the central log has of an instance, as text. */
function traceOf(run: RunRecord, instance: string): string {
  return JSON.stringify([streamOf(run, instance), unitsOf(run, instance)]);
}

function accountChecks({ before, after, ended }: Evidence): Check[] {
  return [...before].map(([instance, first]) => {
    const last = after.get(instance);
    const faults = last === undefined ? ['it was not counted'] : faultsOf(first, last);
    const logged = loggedRows(ended, instance, 'purge_items');
    if (logged !== first.due.items) faults.push(`the central log has ${logged} items purged`);
    const right = `orders, items, amounts and checksums are right, and the log has the same`;
    return check(faults.length === 0, `${instance}: ${faults.join('; ') || right}`);
  });
}

function check(ok: boolean, text: string): Check {
  return { ok, text };
}

/** The rows of each instance before and after. */
export function accountTable(evidence: Pick<Evidence, 'before' | 'after'>): string {
  const rows = [...evidence.before].map(([instance, before]) => {
    const after = evidence.after.get(instance) ?? before;
    return [
      instance,
      count(ordersOf(before)),
      count(before.due.orders),
      count(before.held.orders),
      count(ordersOf(before) - ordersOf(after)),
      count(after.held.orders),
      count(ordersOf(after)),
      count(before.allItems),
      count(before.allItems - after.allItems),
      count(after.allItems),
      faultsOf(before, after).length === 0 ? 'right' : 'WRONG',
    ];
  });
  return table(
    [
      ...['INSTANCE', '>ORDERS', '>DUE', '>UNDER HOLD', '>PURGED', '>HELD', '>ORDERS NOW'],
      ...['>ITEMS', '>PURGED', '>ITEMS NOW', 'ACCOUNT'],
    ],
    rows,
  );
}
