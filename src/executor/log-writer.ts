import { isOdtmError } from '../core/errors/catalogue.ts';
import type { Clock } from '../ports/clock.ts';
import type { Faults } from '../ports/fault-points.ts';
import type { Journal } from '../ports/journal.ts';
import type { StreamStore } from '../ports/repository.ts';
import type { TakenLog } from './log-buffer.ts';

export interface LogWriterPorts {
  readonly streams: Pick<StreamStore, 'write'>;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly settings: { readonly flushEveryMs: number; readonly longestBackoffMs: number };
}

/** A buffer that the writer empties. */
export interface WritableLog {
  /** Takes everything out; null where there is nothing to write. */
  take(): TakenLog | null;
  /** Returns at once: what a target has to be told must not hold up the logs of other streams. */
  wasWritten(taken: TakenLog, leaseHeld: boolean): void;
  wasNotWritten(taken: TakenLog): void;
}

/**
 * Writes the logs of all streams of a controller, in one round trip a flush. While the repository is away
 * the records stay in the buffers and the writer tries again.
 */
export class LogWriter {
  private readonly ports: LogWriterPorts;
  private readonly logs = new Set<WritableLog>();
  private flushing: Promise<void> | null = null;
  private timer: Promise<void> | null = null;
  private failures = 0;

  constructor(ports: LogWriterPorts) {
    this.ports = ports;
  }

  add(log: WritableLog): void {
    this.logs.add(log);
  }

  remove(log: WritableLog): void {
    this.logs.delete(log);
  }

  /** Something is in a buffer: it will be written within `flushEveryMs`. */
  changed(): void {
    this.timer ??= this.ports.clock.sleep(this.delayMs()).then(async () => {
      this.timer = null;
      await this.flush();
    });
  }

  /** Writes what is in the buffers now. Resolves also when it could not be written: see the buffers. */
  async flush(): Promise<void> {
    while (this.flushing !== null) await this.flushing;
    this.flushing = this.writeAll().finally(() => {
      this.flushing = null;
    });
    await this.flushing;
  }

  private delayMs(): number {
    const { flushEveryMs, longestBackoffMs } = this.ports.settings;
    return Math.min(flushEveryMs * 2 ** Math.min(this.failures, 10), longestBackoffMs);
  }

  private async writeAll(): Promise<void> {
    const taken: [WritableLog, TakenLog][] = [];
    for (const log of this.logs) {
      const part = log.take();
      if (part !== null) taken.push([log, part]);
    }
    if (taken.length === 0) return;
    try {
      await this.write(taken);
      this.failures = 0;
    } catch (error) {
      if (taken.length === 1 || isOdtmError(error, 'REPOSITORY_UNREACHABLE'))
        this.keepForLater(taken, error);
      else await this.writeOneByOne(taken);
    }
  }

  private async write(taken: readonly [WritableLog, TakenLog][]): Promise<void> {
    await this.ports.faults.reached('log.before_write');
    const held = await this.ports.streams.write(taken.map(([, { batch }]) => batch));
    await this.ports.faults.reached('log.after_write');
    for (const [log, part] of taken) log.wasWritten(part, held.has(part.batch.lease.streamId));
  }

  /** The repository is there and refuses: a record of one stream must not hold up the others. */
  private async writeOneByOne(taken: readonly [WritableLog, TakenLog][]): Promise<void> {
    for (const one of taken) {
      await this.write([one]).catch((error: unknown) => this.keepForLater([one], error));
    }
  }

  private keepForLater(taken: readonly [WritableLog, TakenLog][], error: unknown): void {
    this.failures += 1;
    for (const [log, part] of taken) log.wasNotWritten(part);
    this.ports.journal.warn('the central log could not be written; it is kept and tried again', {
      reason: error instanceof Error ? error.message : String(error),
      failures: this.failures,
    });
    this.changed();
  }
}
