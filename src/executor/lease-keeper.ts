import { setMaxListeners } from 'node:events';
import type { Wish } from '../core/run/stream-status.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { AcquiredStream, Lease, StreamStore } from '../ports/repository.ts';
import type { LeaseState, StreamControl } from './stream-control.ts';

export interface LeaseTimes {
  /** How long a lease lives after each renewal. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
}

export const LEASE_TIMES: LeaseTimes = { leaseMs: 10_000, renewEveryMs: 2_500 };

/** How often the keeper looks whether a renewal is due or a lease has expired. */
const LOOK_EVERY_MS = 500;

export interface LeaseKeeperPorts {
  readonly streams: Pick<StreamStore, 'renew'>;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** One lease; tells its stream what changes. */
class KeptLease implements StreamControl {
  readonly held: Lease;
  private readonly clock: Clock;
  private readonly times: LeaseTimes;
  private readonly controller = new AbortController();
  private readonly listeners = new Set<() => void>();
  private wished: Wish;
  private validUntilMs: number;
  private lost = false;
  private announced: LeaseState = 'held';

  constructor(stream: AcquiredStream, askedMs: number, clock: Clock, times: LeaseTimes) {
    this.held = { streamId: stream.streamId, token: stream.token };
    this.clock = clock;
    this.times = times;
    this.wished = stream.wish;
    // Every waiting session of the stream listens to it.
    setMaxListeners(0, this.controller.signal);
    this.validUntilMs = askedMs + times.leaseMs;
  }

  get shutdown(): AbortSignal {
    return this.controller.signal;
  }

  wish(): Wish {
    return this.wished;
  }

  lease(): LeaseState {
    if (this.lost) return 'lost';
    return this.clock.monotonicMs() < this.validUntilMs ? 'held' : 'expired';
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The repository has renewed the lease; the renewal was asked for at `askedMs`. */
  renewed(wish: Wish, askedMs: number): void {
    this.validUntilMs = askedMs + this.times.leaseMs;
    const changed = wish !== this.wished;
    this.wished = wish;
    if (changed) this.tell();
  }

  lose(): void {
    this.lost = true;
  }

  /** Tells the stream when its lease has expired, is back, or is lost. */
  announce(): void {
    const state = this.lease();
    if (state === this.announced) return;
    this.announced = state;
    this.tell();
  }

  shutDown(): void {
    this.controller.abort();
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/**
 * Keeps the leases of all streams of one controller: renews them in one statement and tells each stream its
 * wish. While the repository is away a lease counts as expired after its time, by this machine's own
 * monotonic clock, and as held again after the next renewal; one that the repository no longer knows is lost.
 */
export class LeaseKeeper {
  private readonly ports: LeaseKeeperPorts;
  private readonly times: LeaseTimes;
  private readonly kept = new Map<string, KeptLease>();
  private readonly stopLooking: () => void;
  private holding = false;
  private askedMs = Number.NEGATIVE_INFINITY;
  private pending = 0;
  private failing = false;

  constructor(ports: LeaseKeeperPorts, times: LeaseTimes = LEASE_TIMES) {
    this.ports = ports;
    this.times = times;
    this.stopLooking = ports.clock.every(LOOK_EVERY_MS, () => this.look());
  }

  /** Keeps the lease of a stream whose acquisition was asked for at `askedMs` of the monotonic clock. */
  add(stream: AcquiredStream, askedMs: number): StreamControl {
    const kept = new KeptLease(stream, askedMs, this.ports.clock, this.times);
    this.kept.set(stream.streamId, kept);
    if (this.holding) kept.shutDown();
    return kept;
  }

  remove(streamId: string): void {
    this.kept.delete(streamId);
  }

  /** Renews now, for instance because a wish has been notified. */
  async renewNow(): Promise<void> {
    const leases = [...this.kept.values()];
    if (leases.length === 0) return;
    const askedMs = this.ports.clock.monotonicMs();
    this.askedMs = askedMs;
    this.pending += 1;
    try {
      const answer = await this.ports.streams.renew(
        leases.map((kept) => kept.held),
        this.times.leaseMs,
      );
      const renewed = new Map(answer.map((lease) => [lease.token, lease.wish]));
      for (const kept of leases) settle(kept, renewed.get(kept.held.token), askedMs);
      this.noteSuccess();
    } catch (error) {
      this.noteFailure(error);
    } finally {
      this.pending -= 1;
    }
  }

  /** The controller shuts down: every stream, also one added later, is to be held for another one. */
  shutDown(): void {
    this.holding = true;
    for (const kept of this.kept.values()) kept.shutDown();
  }

  stop(): void {
    this.stopLooking();
  }

  private look(): void {
    for (const kept of this.kept.values()) kept.announce();
    const sinceMs = this.ports.clock.monotonicMs() - this.askedMs;
    // A renewal that hangs does not keep the next one from being tried.
    const dueMs =
      this.pending > 0 ? this.times.leaseMs : this.failing ? 0 : this.times.renewEveryMs;
    if (sinceMs >= dueMs) void this.renewNow();
  }

  private noteSuccess(): void {
    if (this.failing) this.ports.journal.info('leases are renewed again');
    this.failing = false;
  }

  private noteFailure(error: unknown): void {
    if (!this.failing) {
      const reason = error instanceof Error ? error.message : String(error);
      this.ports.journal.warn('leases could not be renewed; trying again', { reason });
    }
    this.failing = true;
  }
}

function settle(kept: KeptLease, wish: Wish | undefined, askedMs: number): void {
  if (wish === undefined) kept.lose();
  else kept.renewed(wish, askedMs);
  kept.announce();
}
