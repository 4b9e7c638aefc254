import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly fire: () => void;
}

const START = Date.UTC(2026, 0, 1);

/** Time that stands still until `run` moves it to the next timer, once nothing else is left to do. */
export class SimClock implements Clock {
  private timers: Timer[] = [];
  private elapsed = 0;
  private count = 0;

  now(): Date {
    return new Date(START + this.elapsed);
  }

  monotonicMs(): number {
    return this.elapsed;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.schedule(delayMs, resolve);
      signal?.addEventListener('abort', () => {
        this.timers = this.timers.filter((other) => other !== timer);
        resolve();
      });
    });
  }

  every(intervalMs: number, callback: () => void): () => void {
    let timer: Timer;
    const again = (): void => {
      timer = this.schedule(intervalMs, again);
      callback();
    };
    timer = this.schedule(intervalMs, again);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves time from timer to timer until the work has ended. */
  async run(work: Promise<void>, limitMs: number): Promise<void> {
    let over = false;
    const done = work.finally(() => {
      over = true;
    });
    done.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (over) return done;
      const next = this.timers.sort((a, b) => a.at - b.at || a.number - b.number).shift();
      if (next === undefined) throw new Error('everything waits for ever');
      if (next.at > limitMs) throw new Error(`not done after ${limitMs} ms of simulated time`);
      this.elapsed = Math.max(this.elapsed, next.at);
      next.fire();
    }
  }

  private schedule(delayMs: number, fire: () => void): Timer {
    this.count += 1;
    const timer = { at: this.elapsed + Math.max(0, delayMs), number: this.count, fire };
    this.timers.push(timer);
    return timer;
  }
}
