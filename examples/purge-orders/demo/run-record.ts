import { documentOf, type RunOdtm } from './odtm-command.ts';

/** What `odtm show --json` says of a stream. */
export interface StreamDocument {
  readonly instance: string;
  readonly status: string;
  readonly attempt: number;
  readonly failed_unit: { readonly iteration: number; readonly task: string } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** What `odtm log --json` says of a try of a unit. */
export interface UnitDocument {
  readonly instance: string;
  readonly kind: string;
  readonly object: string;
  readonly iteration: number;
  readonly task: string;
  readonly chunk: number;
  readonly unit_attempt: number;
  readonly stream_attempt: number;
  readonly status: string;
  readonly started_at: string;
  readonly rows: number | null;
}

/** A run as the central log has it. */
export interface RunRecord {
  readonly runId: string;
  readonly status: string;
  readonly streams: readonly StreamDocument[];
  /** In the order of their start. */
  readonly units: readonly UnitDocument[];
}

const ALL = '100000';

export async function readRun(odtm: RunOdtm): Promise<RunRecord> {
  interface Shown {
    readonly run_id: string;
    readonly status: string;
    readonly streams: readonly StreamDocument[];
  }
  const run = await documentOf<Shown>(odtm, 'show', 'last');
  const log = ['log', 'last', '--limit', ALL];
  const { tasks } = await documentOf<{ tasks: UnitDocument[] }>(odtm, ...log);
  return { runId: run.run_id, status: run.status, streams: run.streams, units: tasks };
}

export function streamOf(run: RunRecord, instance: string): StreamDocument | undefined {
  return run.streams.find((stream) => stream.instance === instance);
}

export function unitsOf(run: RunRecord, instance: string): readonly UnitDocument[] {
  return run.units.filter((unit) => unit.instance === instance);
}

/** The first task that the newest attempt of a stream ran, as `iteration/task`. */
export function firstTaskOfNewestAttempt(run: RunRecord, instance: string): string {
  const attempt = streamOf(run, instance)?.attempt;
  const first = unitsOf(run, instance).find(
    (unit) => unit.stream_attempt === attempt && ['task', 'split'].includes(unit.kind),
  );
  return first === undefined ? 'none' : `${first.iteration}/${first.task}`;
}

/** Units that took effect more than once; there must be none. */
export function unitsDoneTwice(run: RunRecord): readonly string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const unit of run.units.filter(({ status }) => status === 'done')) {
    const { instance, object, iteration, task, chunk, unit_attempt } = unit;
    const key = [instance, object, iteration, task, chunk, unit_attempt].join('/');
    if (seen.has(key)) twice.push(key);
    seen.add(key);
  }
  return twice;
}

/** The rows that a task has changed on an instance, by the central log. */
export function loggedRows(run: RunRecord, instance: string, task: string): number {
  return unitsOf(run, instance)
    .filter((unit) => unit.task === task && unit.kind === 'task' && unit.status === 'done')
    .reduce((sum, unit) => sum + (unit.rows ?? 0), 0);
}
