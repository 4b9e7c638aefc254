import type { Failure } from './failure.ts';
import type { StatementStatus, UnitKey, UnitKind, UnitStatus } from './unit.ts';

/** One try of a unit. `streamAttempt` is the fencing number; `try` counts within it from 1. */
export interface UnitTry {
  readonly unit: UnitKey;
  readonly streamAttempt: number;
  readonly try: number;
}

/** The central log's row of one try of a unit. Its key is the stream and the try. */
export interface UnitRecord extends UnitTry {
  readonly kind: UnitKind;
  readonly status: UnitStatus;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly elapsedMs: number | null;
  /** Sum of the rows of its statements. */
  readonly rows: number | null;
  readonly statements: number | null;
  /** What the package said, for instance with operation_complete; or the reason of a skip. */
  readonly message: string | null;
  readonly failure: Failure | null;
}

/** What a statement has used, as far as its engine says so. */
export interface StatementUsage {
  /** Parallel workers that served it; null: none were seen, or it was too short to be seen. */
  readonly parallelWorkers: number | null;
  /** Bytes of redo that it wrote. */
  readonly redoBytes: number | null;
  /** Bytes of undo that it wrote. */
  readonly undoBytes: number | null;
  /** What the target has to say: what ran in parallel, or that an earlier try was found in effect. */
  readonly remark: string | null;
}

/** Of a statement that nothing is known of. */
export const UNKNOWN_USAGE: StatementUsage = {
  parallelWorkers: null,
  redoBytes: null,
  undoBytes: null,
  remark: null,
};

/** The central log's row of one statement. Its key is the stream, the try of the unit and `seq`. */
export interface StatementRecord extends UnitTry, StatementUsage {
  /** Counts from 1 within the try. */
  readonly seq: number;
  readonly text: string;
  readonly status: StatementStatus;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly elapsedMs: number | null;
  readonly rows: number | null;
  readonly failure: Failure | null;
}

/** Where a stream stands, for people who watch it. */
export interface StreamProgress {
  readonly object: string;
  readonly iteration: number;
  /** Names of the units that run now. */
  readonly tasks: readonly string[];
  readonly unitsDone: number;
  /** Rows of all statements so far. */
  readonly rows: number;
  readonly chunksDone: number | null;
  readonly chunksTotal: number | null;
  /** When the chunked task's first unit of this attempt began; for rate and time left. */
  readonly chunksSince: Date | null;
  readonly chunksDoneThen: number | null;
  /** What holds the stream up now, in words, for instance that its target is away. */
  readonly note: string | null;
}
