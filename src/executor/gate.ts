import type { Clock } from '../ports/clock.ts';
import type { AcquiredStream } from '../ports/repository.ts';
import type { ExecutorSettings } from './ports.ts';
import { LeaseLost, Stopped, type StopReason } from './stops.ts';
import type { StreamControl } from './stream-control.ts';
import type { StreamLog } from './stream-log.ts';

export interface GateParts {
  readonly stream: AcquiredStream;
  readonly control: StreamControl;
  readonly clock: Clock;
  readonly settings: ExecutorSettings;
  readonly log: StreamLog;
}

/** How often a held stream looks again whether it may go on. */
const LOOK_AGAIN_MS = 250;

/**
 * What every unit passes before it starts: nothing is started after a stop has been asked for, while the
 * lease is not sure, or while the repository is too far behind with the log.
 */
export class Gate {
  private readonly parts: GateParts;
  private readonly startedMs: number;

  constructor(parts: GateParts) {
    this.parts = parts;
    this.startedMs = parts.clock.monotonicMs();
  }

  /** The reason to stop, or null. */
  stop(): StopReason | null {
    const { control } = this.parts;
    const wish = control.wish();
    if (wish === 'cancel') return 'cancelled';
    if (wish === 'halt_now') return 'halted_now';
    if (control.shutdown.aborted) return 'shutdown';
    if (wish === 'halt') return 'halted';
    return this.durationIsOver() ? 'expired' : null;
  }

  /**
   * Resolves when a unit may start.
   * @throws Stopped, LeaseLost
   */
  async pass(): Promise<void> {
    for (;;) {
      const reason = this.stop();
      if (reason !== null) throw new Stopped(reason);
      if (await this.mayWrite()) return;
    }
  }

  /**
   * Resolves when the lease is sure, whatever is wished: for what must still be done while stopping.
   * @throws LeaseLost; Stopped when the controller shuts down meanwhile
   */
  async passStopping(): Promise<void> {
    while (!(await this.mayWrite())) {
      if (this.parts.control.shutdown.aborted) throw new Stopped('shutdown');
    }
  }

  /** Whether the lease is held and the log has room; else holds for a moment. */
  private async mayWrite(): Promise<boolean> {
    const { control, log, settings, clock } = this.parts;
    const lease = control.lease();
    if (lease === 'lost') throw new LeaseLost();
    if (lease === 'held' && log.unwritten < settings.maxBufferedRecords) return true;
    await clock.sleep(LOOK_AGAIN_MS, control.shutdown);
    return false;
  }

  private durationIsOver(): boolean {
    const { stream, clock } = this.parts;
    const { maxDurationMs } = stream.plan;
    if (maxDurationMs === null) return false;
    return stream.workedMs + clock.monotonicMs() - this.startedMs >= maxDurationMs;
  }
}
