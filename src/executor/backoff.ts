import type { Clock } from '../ports/clock.ts';

export interface BackoffSettings {
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
}

/** Waits longer from one failure to the next, doubling, up to a limit; tells how long it has gone on. */
export class Backoff {
  private readonly clock: Clock;
  private readonly settings: BackoffSettings;
  private failures = 0;
  private since: number | null = null;

  constructor(clock: Clock, settings: BackoffSettings) {
    this.clock = clock;
    this.settings = settings;
  }

  /** Milliseconds since the first failure in a row; 0 before any. */
  get lastsMs(): number {
    return this.since === null ? 0 : this.clock.monotonicMs() - this.since;
  }

  async wait(signal?: AbortSignal): Promise<void> {
    this.since ??= this.clock.monotonicMs();
    const { firstBackoffMs, longestBackoffMs } = this.settings;
    const delay = Math.min(firstBackoffMs * 2 ** Math.min(this.failures, 20), longestBackoffMs);
    this.failures += 1;
    await this.clock.sleep(delay, signal);
  }

  reset(): void {
    this.failures = 0;
    this.since = null;
  }
}
