import type {
  StatementRecord,
  StreamProgress,
  UnitRecord,
  UnitTry,
} from '../core/run/log-records.ts';
import { type UnitKey, unitId } from '../core/run/unit.ts';
import type { ClosedTry, Lease, LogBatch } from '../ports/repository.ts';

/** What one flush takes out of a buffer. */
export interface TakenLog {
  readonly batch: LogBatch;
  /** Units whose statements the target may delete once the batch is written. */
  readonly acknowledge: readonly UnitKey[];
}

interface OpenTry {
  /** Keys of its statements that are still in the buffer. */
  readonly buffered: Set<string>;
  /** Whether some of its statements have been written as running or executed. */
  written: boolean;
}

export function tryId(of: UnitTry): string {
  return `${unitId(of.unit)}#${of.streamAttempt}.${of.try}`;
}

/**
 * The unwritten log of one stream. Records with the same key are merged, so that what begins and ends
 * between two flushes is written once; a record's newest form wins.
 */
export class LogBuffer {
  private readonly lease: Lease;
  private units = new Map<string, UnitRecord>();
  private statements = new Map<string, StatementRecord>();
  private closed: ClosedTry[] = [];
  private acknowledge: UnitKey[] = [];
  private progress: StreamProgress | null = null;
  private readonly open = new Map<string, OpenTry>();

  constructor(lease: Lease) {
    this.lease = lease;
  }

  get size(): number {
    return (
      this.units.size + this.statements.size + this.closed.length + (this.progress === null ? 0 : 1)
    );
  }

  unit(record: UnitRecord): void {
    this.units.set(tryId(record), record);
  }

  statement(record: StatementRecord): void {
    const id = tryId(record);
    const key = `${id}:${record.seq}`;
    this.statements.set(key, record);
    const open = this.open.get(id) ?? { buffered: new Set<string>(), written: false };
    open.buffered.add(key);
    this.open.set(id, open);
  }

  setProgress(progress: StreamProgress): void {
    this.progress = progress;
  }

  /** The try has ended: its statements get their last status, also those that were already written. */
  closeTry(of: UnitTry, statements: ClosedTry['statements']): void {
    const id = tryId(of);
    const open = this.open.get(id);
    if (open === undefined) return;
    this.open.delete(id);
    for (const key of open.buffered) {
      const record = this.statements.get(key);
      if (record !== undefined && (record.status === 'running' || record.status === 'executed')) {
        this.statements.set(key, { ...record, status: statements });
      }
    }
    const { unit, streamAttempt } = of;
    if (open.written) this.closed.push({ unit, streamAttempt, try: of.try, statements });
  }

  /** After the next write of all that is in the buffer, the target may delete the unit's statements. */
  acknowledgeAfterWrite(unit: UnitKey): void {
    this.acknowledge.push(unit);
  }

  /** Takes everything out; null where there is nothing. */
  take(): TakenLog | null {
    if (this.size === 0 && this.acknowledge.length === 0) return null;
    const taken: TakenLog = {
      batch: {
        lease: this.lease,
        units: [...this.units.values()],
        statements: [...this.statements.values()],
        progress: this.progress,
        closed: this.closed,
      },
      acknowledge: this.acknowledge,
    };
    this.clear();
    for (const open of this.open.values()) {
      if (open.buffered.size > 0) open.written = true;
      open.buffered.clear();
    }
    return taken;
  }

  /** Puts back what could not be written, behind what has come since. */
  putBack({ batch, acknowledge }: TakenLog): void {
    this.units = merged(batch.units, tryId, this.units);
    this.statements = merged(batch.statements, (s) => `${tryId(s)}:${s.seq}`, this.statements);
    this.closed = [...batch.closed, ...this.closed];
    this.acknowledge = [...acknowledge, ...this.acknowledge];
    this.progress ??= batch.progress;
  }

  private clear(): void {
    this.units = new Map();
    this.statements = new Map();
    this.closed = [];
    this.acknowledge = [];
    this.progress = null;
  }
}

function merged<R>(
  older: readonly R[],
  key: (record: R) => string,
  newer: Map<string, R>,
): Map<string, R> {
  return new Map([...older.map((record) => [key(record), record] as const), ...newer]);
}
