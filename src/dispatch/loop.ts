import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { Alarm } from './alarm.ts';

const LONGEST_PAUSE_MS = 5_000;

export interface LoopOptions {
  readonly name: string;
  /** The pause between two rounds; rung alarms cut it short. */
  readonly pauseMs: () => number;
  readonly round: () => Promise<void>;
}

/**
 * Does a round again and again until it is stopped. A round that fails, for instance because the repository
 * is away, is journalled once and tried again with longer and longer pauses.
 */
export class Loop {
  private readonly options: LoopOptions;
  private readonly journal: Journal;
  private readonly alarm: Alarm;
  private readonly ended: Promise<void>;
  private stopping = false;
  private failures = 0;

  constructor(clock: Clock, journal: Journal, options: LoopOptions) {
    this.options = options;
    this.journal = journal;
    this.alarm = new Alarm(clock);
    this.ended = this.run();
  }

  /** Starts the next round now, except while rounds fail. */
  wake(): void {
    if (this.failures === 0) this.alarm.ring();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.alarm.ring();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.options.round();
        this.succeeded();
      } catch (error) {
        this.failed(error);
      }
      if (!this.stopping) await this.alarm.wait(this.pauseMs());
    }
  }

  private pauseMs(): number {
    const usualMs = this.options.pauseMs();
    return this.failures === 0
      ? usualMs
      : Math.min(LONGEST_PAUSE_MS, Math.min(usualMs, 1_000) * 2 ** Math.min(this.failures - 1, 5));
  }

  private succeeded(): void {
    if (this.failures > 0) this.journal.info(`${this.options.name}: works again`);
    this.failures = 0;
  }

  private failed(error: unknown): void {
    this.failures += 1;
    if (this.failures > 1 || this.stopping) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.journal.warn(`${this.options.name}: failed and is tried again`, { reason });
  }
}
