/** The kinds of unit, in the order of a stream's life. */
export const UNIT_KINDS = ['install', 'iterator', 'initial', 'split', 'task', 'final'] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

/** Names that a unit's key uses for what is not a task; no task may have one of them. */
export const RESERVED_TASK_NAMES = [
  'install',
  'iterator',
  'initial',
  'final',
  'final_error',
] as const;

/**
 * The key of a unit within its stream, and the primary key of its row on the target.
 * Two sessions cannot both commit the same one.
 */
export interface UnitKey {
  /** `owner.name`, or the empty text where the operation has no objects. */
  readonly object: string;
  /** Counts from 1; 0 for install. */
  readonly iteration: number;
  /** The task's name, or `iterator`, `initial`, `final` (completed), `final_error` (after a failure). */
  readonly task: string;
  /** 0 for a whole task and for the unit that cuts a task into chunks, else the chunk, from 1. */
  readonly chunk: number;
  /** The stream's attempt for `initial`, `final` and `final_error`, else 0: those repeat on purpose. */
  readonly attempt: number;
}

/** One text for one key, for maps and messages. */
export function unitId(key: UnitKey): string {
  return [key.object, key.iteration, key.task, key.chunk, key.attempt].join('/');
}

/** The outcome in the target's own record. `complete`: the iterator said that nothing is left. */
export const RECORDED_OUTCOMES = ['started', 'done', 'complete', 'skipped'] as const;
export type RecordedOutcome = (typeof RECORDED_OUTCOMES)[number];

/** The status of one try of a unit in the central log. `lost`: nobody could see its end; it had no effect. */
export const UNIT_STATUSES = [
  'running',
  'done',
  'complete',
  'skipped',
  'failed',
  'cancelled',
  'in_doubt',
  'lost',
  'previewed',
] as const;
export type UnitStatus = (typeof UNIT_STATUSES)[number];

/**
 * The status of a statement in the central log. `executed`: it ended well and its unit has not committed
 * yet; `committed`: so has its unit; `rolled_back`: its unit failed, or ended without a commit.
 */
export const STATEMENT_STATUSES = [
  'running',
  'executed',
  'committed',
  'failed',
  'rolled_back',
  'previewed',
] as const;
export type StatementStatus = (typeof STATEMENT_STATUSES)[number];
