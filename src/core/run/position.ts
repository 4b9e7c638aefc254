import type { StreamPlan } from './stream-plan.ts';

/** What the target's own record says of one object of a stream; the input of every (re)start. */
export interface ObjectRecord {
  readonly object: string;
  /** `final` after completion has been recorded. */
  readonly completed: boolean;
  /** The last iteration that has a row; 0: none. */
  readonly iteration: number;
  readonly iterator: IteratorOutcome;
  /** Tasks of that iteration that are done or skipped as a whole (chunked ones: when all chunks are). */
  readonly tasksDone: readonly string[];
  /** The last attempt whose `initial` is recorded; 0: none. */
  readonly initialAttempt: number;
  /** The last attempt whose `final_error` is recorded; 0: none. */
  readonly finalErrorAttempt: number;
}

/** What the iterator of an iteration has said; `complete`: nothing is left. */
export type IteratorOutcome = 'none' | 'done' | 'complete';

/** Where a stream stands. Derived from the target's record, then moved by the units that end. */
export interface Position {
  /** Index in the plan's objects; equal to their number when all are completed. */
  readonly objectIndex: number;
  /** The iteration of that object; 0: its first iterator has not run. */
  readonly iteration: number;
  readonly iterator: IteratorOutcome;
  readonly tasksDone: ReadonlySet<string>;
  /** `initial` has run for this object in this attempt. */
  readonly initialDone: boolean;
  /** `initial` has run for this object and no final since: a failure, halt or cancel owes final('Y'). */
  readonly finalDue: boolean;
  /** Objects that are completed, by id. */
  readonly completed: ReadonlySet<string>;
}

/**
 * The position that the target's record means for an attempt. An object in the middle of its work comes
 * before untouched ones, also when the order of the objects has been changed since.
 */
export function positionFromRecord(
  plan: StreamPlan,
  records: readonly ObjectRecord[],
  attempt: number,
): Position {
  const byObject = new Map(records.map((record) => [record.object, record]));
  const completed = new Set(records.filter((record) => record.completed).map((r) => r.object));
  const open = plan.objects.findIndex(
    ({ id }) => !completed.has(id) && (byObject.get(id)?.iteration ?? 0) > 0,
  );
  const objectIndex = open >= 0 ? open : nextObject(plan, completed);
  const record = byObject.get(plan.objects[objectIndex]?.id ?? '');
  return record === undefined || completed.has(record.object)
    ? untouched(objectIndex, completed)
    : {
        objectIndex,
        iteration: record.iteration,
        iterator: record.iterator,
        tasksDone: new Set(record.tasksDone),
        initialDone: record.initialAttempt === attempt,
        finalDue: record.initialAttempt > record.finalErrorAttempt,
        completed,
      };
}

/** The first object in plan order that is not completed, or their number. */
export function nextObject(plan: StreamPlan, completed: ReadonlySet<string>): number {
  const index = plan.objects.findIndex(({ id }) => !completed.has(id));
  return index < 0 ? plan.objects.length : index;
}

/** The position before the first iterator of an object. */
export function untouched(objectIndex: number, completed: ReadonlySet<string>): Position {
  return {
    objectIndex,
    iteration: 0,
    iterator: 'none',
    tasksDone: new Set(),
    initialDone: false,
    finalDue: false,
    completed,
  };
}
