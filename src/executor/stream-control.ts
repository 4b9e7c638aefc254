import type { Wish } from '../core/run/stream-status.ts';

/**
 * `expired`: the lease could not be renewed in time, for instance because the repository is away; nobody
 * else is known to have it, and it may come back. `lost`: another controller has it, for good.
 */
export type LeaseState = 'held' | 'expired' | 'lost';

/** What others want of a stream that this controller drives. */
export interface StreamControl {
  wish(): Wish;
  lease(): LeaseState;
  /** Aborted when the controller shuts down: the stream is held for another one. */
  readonly shutdown: AbortSignal;
  /** Calls back on every change of wish or lease, and on shutdown. Returns the way to stop listening. */
  onChange(listener: () => void): () => void;
}
