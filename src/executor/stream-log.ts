import type { Failure } from '../core/run/failure.ts';
import type {
  StatementRecord,
  StreamProgress,
  UnitRecord,
  UnitTry,
} from '../core/run/log-records.ts';
import type { UnitKey, UnitStatus } from '../core/run/unit.ts';
import type { AcquiredStream, ClosedTry } from '../ports/repository.ts';
import type { UnitCall } from '../ports/target.ts';
import { LogBuffer, type TakenLog, tryId } from './log-buffer.ts';
import type { LogWriter, WritableLog } from './log-writer.ts';
import { LeaseLost } from './stops.ts';

/** How a try ended, for the central log. */
export interface TryEnd {
  readonly status: Exclude<UnitStatus, 'running'>;
  readonly rows: number | null;
  readonly elapsedMs: number | null;
  readonly statements: number | null;
  readonly message: string | null;
  readonly failure: Failure | null;
}

/** An end that says nothing but its status. */
export const NOTHING: Omit<TryEnd, 'status'> = {
  rows: null,
  elapsedMs: null,
  statements: null,
  message: null,
  failure: null,
};

export interface Began {
  readonly call: UnitCall;
  readonly startedAt: Date;
}

const COMMITTED: readonly UnitStatus[] = ['done', 'complete', 'skipped'];

/** What becomes of a try's statements when it ends with that status. */
function statementsOf(status: UnitStatus): ClosedTry['statements'] {
  if (status === 'previewed') return 'previewed';
  return COMMITTED.includes(status) ? 'committed' : 'rolled_back';
}

/** The central log of one stream: records go to a buffer, the writer takes them to the repository. */
export class StreamLog implements WritableLog {
  private readonly writer: LogWriter;
  private readonly buffer: LogBuffer;
  private readonly preview: boolean;
  private lost = false;
  private behind = false;
  /** Tries that have begun and whose end has not been seen. */
  private readonly open = new Map<string, Began>();
  /** Takes acknowledged units to the target; set while there is an attachment. */
  onWritten: ((units: readonly UnitKey[]) => Promise<void>) | null = null;

  constructor(writer: LogWriter, stream: AcquiredStream) {
    this.writer = writer;
    this.buffer = new LogBuffer({ streamId: stream.streamId, token: stream.token });
    this.preview = stream.preview !== null;
    writer.add(this);
  }

  get unwritten(): number {
    return this.buffer.size;
  }

  began(began: Began): void {
    const { call, startedAt } = began;
    this.open.set(tryId(call), began);
    this.write({
      unit: call.unit,
      streamAttempt: call.streamAttempt,
      try: call.try,
      kind: call.kind,
      status: 'running',
      startedAt,
      endedAt: null,
      elapsedMs: null,
      rows: null,
      statements: null,
      message: null,
      failure: null,
    });
  }

  ended({ call, startedAt }: Began, endedAt: Date, end: TryEnd): void {
    const { unit, streamAttempt, kind } = call;
    const status = this.preview && COMMITTED.includes(end.status) ? 'previewed' : end.status;
    this.open.delete(tryId(call));
    this.write({ unit, streamAttempt, try: call.try, kind, startedAt, endedAt, ...end, status });
    this.buffer.closeTry(call, statementsOf(status));
  }

  /** A record that is complete in itself, for instance one that the target has kept. */
  record(record: UnitRecord): void {
    this.open.delete(tryId(record));
    this.write(record);
  }

  /**
   * After the target's record has been shipped: what this attempt began and nobody has seen the end of had
   * no effect.
   */
  closeOpen(now: Date): void {
    for (const began of [...this.open.values()])
      this.ended(began, now, { ...NOTHING, status: 'lost' });
  }

  private write(record: UnitRecord): void {
    this.buffer.unit(record);
    this.writer.changed();
  }

  statement(record: StatementRecord): void {
    this.buffer.statement(record);
    this.writer.changed();
  }

  /** Statements read back from the target after their unit has committed; they have their last status. */
  shipped(records: readonly StatementRecord[]): void {
    for (const record of records) this.statement(record);
    for (const record of records) this.closeTry(record, 'committed');
  }

  closeTry(of: UnitTry, statements: ClosedTry['statements']): void {
    this.buffer.closeTry(of, statements);
  }

  acknowledgeAfterWrite(unit: UnitKey): void {
    this.buffer.acknowledgeAfterWrite(unit);
    this.writer.changed();
  }

  progress(progress: StreamProgress): void {
    this.buffer.setProgress(progress);
    this.writer.changed();
  }

  /**
   * Tries once to write everything now. True: the repository has all that was in the buffer.
   * @throws LeaseLost
   */
  async flush(): Promise<boolean> {
    await this.writer.flush();
    if (this.lost) throw new LeaseLost();
    return !this.behind;
  }

  close(): void {
    this.onWritten = null;
    this.writer.remove(this);
  }

  take(): TakenLog | null {
    return this.lost ? null : this.buffer.take();
  }

  wasWritten({ acknowledge }: TakenLog, leaseHeld: boolean): void {
    this.behind = false;
    if (!leaseHeld) this.lost = true;
    else if (acknowledge.length > 0) void this.onWritten?.(acknowledge);
  }

  wasNotWritten(taken: TakenLog): void {
    this.behind = true;
    this.buffer.putBack(taken);
  }
}
