import { type Failure, plainFailure } from '../../core/run/failure.ts';
import {
  type StatementRecord,
  type StatementUsage,
  UNKNOWN_USAGE,
} from '../../core/run/log-records.ts';
import type { StatementStatus } from '../../core/run/unit.ts';
import type { UnitCall, UnitEvents } from '../../ports/target.ts';

const CAUGHT = plainFailure(
  'ODTM',
  'The statement failed, and the package caught the error and went on.',
);

interface OpenStatement {
  readonly record: StatementRecord;
  readonly depth: number;
  readonly sinceMs: number;
  workers: number | null;
}

/** A statement of a unit that has committed, as the target's row has it. */
export interface CommittedStatement {
  readonly seq: number;
  readonly text: string;
  readonly startedAt: Date;
  readonly elapsedMs: number;
  readonly rows: number | null;
}

/** Turns what a target tells of one try of a unit into the events of its statements. */
export class StatementFeed {
  private readonly call: UnitCall;
  private readonly events: UnitEvents;
  private readonly endStatus: StatementStatus;
  /** Innermost last: a statement may call a procedure that executes others. */
  private readonly open: OpenStatement[] = [];
  private lastSeq = 0;
  private readonly executed = new Map<number, StatementRecord>();

  constructor(call: UnitCall, events: UnitEvents, preview: boolean) {
    this.call = call;
    this.events = events;
    this.endStatus = preview ? 'previewed' : 'executed';
  }

  /** The statement that runs now in full, or null. */
  get runningText(): string | null {
    return this.open.at(-1)?.record.text ?? null;
  }

  /** When the outermost running statement began, on the monotonic clock; null: none runs. */
  get runningSinceMs(): number | null {
    return this.open[0]?.sinceMs ?? null;
  }

  /** The monitor has looked: so many parallel workers serve this session now. */
  sawWorkers(count: number): void {
    for (const statement of this.open) statement.workers = mostOf(statement.workers, count);
  }

  /** A statement has begun; `depth` counts those around it. */
  began(seq: number, depth: number, startedAt: Date, text: string): void {
    this.push(seq, depth, startedAt, text);
  }

  /** A statement has ended well; rows and time are those of the engine. */
  ended(seq: number, rows: number | null, elapsedMs: number, usage = UNKNOWN_USAGE): void {
    const statement = this.openOne(seq);
    if (statement === undefined) return;
    this.closeFailed(statement.depth + 1, CAUGHT);
    this.close(statement, rows, elapsedMs, usage);
  }

  /** A line that the package put into the log. */
  said(seq: number, startedAt: Date, text: string): void {
    const record = this.record(seq, text, startedAt);
    const said = { ...record, status: this.endStatus, endedAt: startedAt, elapsedMs: 0 };
    this.lastSeq = Math.max(this.lastSeq, seq);
    this.executed.set(record.seq, said);
    this.emit(said);
  }

  /** The engine has reported the error of a statement, which the package may still catch. */
  statementFailed(seq: number, failure: Failure): void {
    const statement = this.openOne(seq);
    if (statement !== undefined) this.closeFailed(statement.depth, failure);
  }

  /** A statement that the adapter executes by itself, outside of the framework. */
  beganPlain(text: string): void {
    this.push(this.lastSeq + 1, 0, new Date(), text);
  }

  endedPlain(rows: number | null): CommittedStatement {
    const last = this.open.at(-1);
    if (last === undefined) throw new Error('no statement of the adapter is running');
    const { seq, text, startedAt } = last.record;
    const elapsedMs = performance.now() - last.sinceMs;
    this.close(last, rows, elapsedMs);
    return { seq, text, startedAt, elapsedMs, rows };
  }

  /**
   * The unit has failed: so has the innermost statement that runs, and those around it. What the package has
   * committed by itself stays.
   */
  failed(failure: Failure, isCommitted: (seq: number) => boolean = () => false): void {
    this.closeFailed(0, failure);
    this.committed(isCommitted);
    this.rolledBack(() => true);
  }

  /** The unit's call was rolled back although the unit ends well, for instance by operation_complete. */
  takenBack(isCommitted: (seq: number) => boolean = () => false): void {
    this.closeFailed(0, CAUGHT);
    this.committed(isCommitted);
    this.rolledBack(() => true);
  }

  /** How many statements the events say have been executed and not been taken back. */
  get executedCount(): number {
    return this.executed.size;
  }

  /** The target's own rows of the committed unit: they correct what the events said. */
  settle(committed: readonly CommittedStatement[]): void {
    const seqs = new Set(committed.map(({ seq }) => seq));
    this.rolledBack((seq) => !seqs.has(seq));
    for (const { seq, text, startedAt, elapsedMs, rows } of committed) {
      if (this.executed.has(seq)) continue;
      const endedAt = new Date(startedAt.getTime() + elapsedMs);
      this.emit({
        ...this.record(seq, text, startedAt),
        status: 'executed',
        endedAt,
        elapsedMs,
        rows,
      });
    }
  }

  private push(seq: number, depth: number, startedAt: Date, text: string): void {
    // A statement at this depth or below that has not ended will never end: its error was caught.
    this.closeFailed(depth, CAUGHT);
    this.lastSeq = Math.max(this.lastSeq, seq);
    const record = this.record(seq, text, startedAt);
    this.open.push({ record, depth, sinceMs: performance.now(), workers: null });
    this.emit(record);
  }

  private close(
    statement: OpenStatement,
    rows: number | null,
    elapsedMs: number,
    usage: StatementUsage = UNKNOWN_USAGE,
  ): void {
    this.open.splice(this.open.indexOf(statement), 1);
    const { record, workers: seen } = statement;
    const endedAt = new Date(record.startedAt.getTime() + elapsedMs);
    const parallelWorkers = mostOf(seen, usage.parallelWorkers);
    const status = this.endStatus;
    const ended = { ...record, ...usage, parallelWorkers, status, endedAt, elapsedMs, rows };
    this.executed.set(record.seq, ended);
    this.emit(ended);
  }

  /** Ends all open statements from that depth on as failed, innermost first. */
  private closeFailed(depth: number, failure: Failure): void {
    for (let last = this.open.at(-1); last !== undefined && last.depth >= depth; ) {
      this.open.pop();
      const { record, sinceMs, workers } = last;
      const elapsedMs = performance.now() - sinceMs;
      const endedAt = new Date(record.startedAt.getTime() + elapsedMs);
      const own = { ...failure, statement: record.text };
      this.emit({
        ...record,
        status: 'failed',
        endedAt,
        elapsedMs,
        parallelWorkers: workers,
        failure: own,
      });
      last = this.open.at(-1);
    }
  }

  private openOne(seq: number): OpenStatement | undefined {
    return this.open.find(({ record }) => record.seq === seq);
  }

  private committed(which: (seq: number) => boolean): void {
    for (const [seq, record] of this.executed) {
      if (!which(seq)) continue;
      this.executed.delete(seq);
      this.emit({ ...record, status: 'committed' });
    }
  }

  private rolledBack(which: (seq: number) => boolean): void {
    if (this.endStatus === 'previewed') return;
    for (const [seq, record] of this.executed) {
      if (!which(seq)) continue;
      this.executed.delete(seq);
      this.emit({ ...record, status: 'rolled_back' });
    }
  }

  private record(seq: number, text: string, startedAt: Date): StatementRecord {
    const { unit, streamAttempt } = this.call;
    return {
      unit,
      streamAttempt,
      try: this.call.try,
      seq,
      text,
      status: 'running',
      startedAt,
      endedAt: null,
      elapsedMs: null,
      rows: null,
      ...UNKNOWN_USAGE,
      failure: null,
    };
  }

  private emit(record: StatementRecord): void {
    this.events.statement(record);
  }
}

function mostOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
