import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Wish } from '../../../src/core/run/stream-status.ts';
import { LeaseKeeper } from '../../../src/executor/lease-keeper.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { AcquiredStream, Lease, RenewedLease } from '../../../src/ports/repository.ts';

/** Time stands still until the test moves it. */
class ManualClock implements Clock {
  private nowMs = 0;
  private readonly timers = new Map<() => void, { everyMs: number; nextMs: number }>();

  now(): Date {
    return new Date(this.nowMs);
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  sleep(): Promise<void> {
    throw new Error('the keeper of leases does not sleep');
  }

  every(everyMs: number, callback: () => void): () => void {
    this.timers.set(callback, { everyMs, nextMs: this.nowMs + everyMs });
    return () => this.timers.delete(callback);
  }

  get running(): number {
    return this.timers.size;
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (; this.nowMs < endMs; this.nowMs += 100) {
      for (const [callback, timer] of this.timers) {
        if (timer.nextMs > this.nowMs) continue;
        timer.nextMs = this.nowMs + timer.everyMs;
        callback();
        await settled();
      }
    }
    this.nowMs = endMs;
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** The repository's side of leases. */
class Leases {
  readonly calls: (readonly Lease[])[] = [];
  readonly taken = new Set<string>();
  wish: Wish = 'none';
  state: 'here' | 'away' | 'silent' = 'here';

  renew(leases: readonly Lease[]): Promise<readonly RenewedLease[]> {
    this.calls.push(leases);
    if (this.state === 'away') return Promise.reject(new Error('connection refused'));
    if (this.state === 'silent') return new Promise(() => undefined);
    const held = leases.filter((lease) => !this.taken.has(lease.token));
    return Promise.resolve(held.map((lease) => ({ ...lease, wish: this.wish })));
  }
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

function stream(id: number, wish: Wish = 'none'): AcquiredStream {
  return { streamId: `${id}`, token: `token ${id}`, wish } as AcquiredStream;
}

let clock: ManualClock;
let leases: Leases;
let keeper: LeaseKeeper;

beforeEach(() => {
  clock = new ManualClock();
  leases = new Leases();
  keeper = new LeaseKeeper({ streams: leases, clock, journal: SILENT });
});

afterEach(() => {
  keeper.stop();
  expect(clock.running).toBe(0);
});

describe('renewal', () => {
  test('all leases in one statement, every 2.5 seconds', async () => {
    keeper.add(stream(1), 0);
    keeper.add(stream(2), 0);
    await clock.pass(10_500);
    expect(leases.calls.length).toBeGreaterThanOrEqual(4);
    expect(leases.calls.length).toBeLessThanOrEqual(5);
    for (const call of leases.calls)
      expect(call.map(({ streamId }) => streamId)).toEqual(['1', '2']);
  });

  test('nothing is asked where nothing is kept', async () => {
    keeper.add(stream(1), 0);
    keeper.remove('1');
    await clock.pass(10_000);
    expect(leases.calls).toEqual([]);
  });
});

describe('a wish', () => {
  test('that was there at the start', () => {
    expect(keeper.add(stream(1, 'halt'), 0).wish()).toBe('halt');
  });

  test('is told to whoever listens, and only when it changes', async () => {
    const control = keeper.add(stream(1), 0);
    const heard: Wish[] = [];
    const unlisten = control.onChange(() => heard.push(control.wish()));
    leases.wish = 'halt';
    await clock.pass(6_000);
    expect(heard).toEqual(['halt']);
    unlisten();
    leases.wish = 'cancel';
    await keeper.renewNow();
    expect(control.wish()).toBe('cancel');
    expect(heard).toEqual(['halt']);
  });
});

describe('a lease', () => {
  test('expires by its own clock while the repository is away, and is held again after', async () => {
    const control = keeper.add(stream(1), 0);
    const heard: string[] = [];
    control.onChange(() => heard.push(control.lease()));
    leases.state = 'away';
    await clock.pass(9_900);
    expect(control.lease()).toBe('held');
    await clock.pass(1_000);
    expect(control.lease()).toBe('expired');
    leases.state = 'here';
    await clock.pass(1_000);
    expect(control.lease()).toBe('held');
    expect(heard).toEqual(['expired', 'held']);
  });

  test('expires as well when the repository gives no answer at all, and asking goes on', async () => {
    const control = keeper.add(stream(1), 0);
    leases.state = 'silent';
    await clock.pass(11_000);
    expect(control.lease()).toBe('expired');
    leases.state = 'here';
    await clock.pass(12_000);
    expect(control.lease()).toBe('held');
  });

  test('counts from when it was asked for, not from when the answer came', async () => {
    await clock.pass(4_000);
    leases.state = 'away';
    const control = keeper.add(stream(1), 0);
    await clock.pass(5_900);
    expect(control.lease()).toBe('held');
    await clock.pass(200);
    expect(control.lease()).toBe('expired');
  });

  test('that another controller has is lost for good; the others stay', async () => {
    const lost = keeper.add(stream(1), 0);
    const other = keeper.add(stream(2), 0);
    const heard: string[] = [];
    lost.onChange(() => heard.push(lost.lease()));
    leases.taken.add('token 1');
    await clock.pass(3_000);
    leases.taken.clear();
    await clock.pass(5_000);
    expect(lost.lease()).toBe('lost');
    expect(other.lease()).toBe('held');
    expect(heard).toEqual(['lost']);
  });

  test('added while a renewal is under way is not lost by its answer', async () => {
    keeper.add(stream(1), 0);
    const renewal = keeper.renewNow();
    const later = keeper.add(stream(2), 0);
    await renewal;
    expect(later.lease()).toBe('held');
  });
});

describe('shutdown', () => {
  test('reaches every stream, also one that is added later', () => {
    const early = keeper.add(stream(1), 0);
    let heard = 0;
    early.onChange(() => {
      heard += 1;
    });
    keeper.shutDown();
    expect(early.shutdown.aborted).toBe(true);
    expect(heard).toBe(1);
    expect(keeper.add(stream(2), 0).shutdown.aborted).toBe(true);
  });
});
