import type { Clock } from '../ports/clock.ts';

/** A pause that can be cut short. A ring that comes while nobody waits ends the next wait at once. */
export class Alarm {
  private readonly clock: Clock;
  private rung = false;
  private waiting: AbortController | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  ring(): void {
    this.rung = true;
    this.waiting?.abort();
  }

  async wait(longestMs: number): Promise<void> {
    if (!this.rung) {
      this.waiting = new AbortController();
      await this.clock.sleep(longestMs, this.waiting.signal);
      this.waiting = null;
    }
    this.rung = false;
  }
}
