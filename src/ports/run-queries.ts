import type { Failure } from '../core/run/failure.ts';
import type { StatementRecord, StreamProgress, UnitRecord } from '../core/run/log-records.ts';
import type { RunStatus, StreamStatus, Wish } from '../core/run/stream-status.ts';
import type { UnitKey } from '../core/run/unit.ts';

/** One run, from the view over its streams. */
export interface RunSummary {
  readonly runId: string;
  readonly operation: { readonly id: number; readonly name: string };
  readonly environment: { readonly id: number; readonly code: string };
  readonly variant: string | null;
  readonly preview: boolean;
  readonly status: RunStatus;
  readonly wish: Wish;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly startedBy: string;
  /** Number of streams by status. */
  readonly streams: Readonly<Partial<Record<StreamStatus, number>>>;
}

export interface StreamSummary {
  readonly streamId: string;
  readonly runId: string;
  readonly instance: string;
  readonly handle: string;
  readonly status: StreamStatus;
  readonly message: string | null;
  readonly attempt: number;
  readonly controller: string | null;
  readonly packageSha256: string;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly progress: StreamProgress | null;
  readonly failedUnit: UnitKey | null;
  readonly failure: Failure | null;
  readonly finalFailure: Failure | null;
}

/** Something a person or a controller did to a run: started, restarted, halt, skip, package changed, … */
export interface RunEvent {
  readonly at: Date;
  readonly kind: string;
  readonly instance: string | null;
  readonly by: string;
  readonly detail: string | null;
}

export interface RunDetail {
  readonly run: RunSummary;
  readonly streams: readonly StreamSummary[];
  readonly events: readonly RunEvent[];
}

export interface LogFilter {
  readonly runId: string;
  readonly instance?: string;
  readonly task?: string;
  /** Only statements whose text contains this (case-insensitive). */
  readonly statement?: string;
  readonly failedOnly?: boolean;
  /** Only what runs now: status `running`. */
  readonly runningOnly?: boolean;
  /** Only rows written or changed after this position; for following. */
  readonly after?: string;
  readonly limit: number;
}

export interface LoggedUnit extends UnitRecord {
  readonly instance: string;
}

export interface LoggedStatement extends StatementRecord {
  readonly instance: string;
}

export interface LogPage<Row> {
  readonly rows: readonly Row[];
  /** Give it as `after` to see what has come or changed since. */
  readonly position: string;
}

/** The reading side of the repository. */
export interface RunQueries {
  runs(filter: {
    readonly operation?: number;
    readonly environment?: number;
    readonly unfinishedOnly?: boolean;
    readonly limit: number;
  }): Promise<readonly RunSummary[]>;
  run(runId: string): Promise<RunDetail | null>;
  /** The tasks of a run: one row a try of a unit, in the order of their start. */
  units(filter: LogFilter): Promise<LogPage<LoggedUnit>>;
  /** The statements of a task, or of a run. */
  statements(filter: LogFilter): Promise<LogPage<LoggedStatement>>;
  /** Deletes logs of runs that ended before that moment. Returns how many rows of each kind. */
  prune(endedBefore: Date): Promise<{ runs: number; units: number; statements: number }>;
}
