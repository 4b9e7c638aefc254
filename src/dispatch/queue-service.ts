import type { Clock, Ids } from '../ports/clock.ts';
import type { DriveOutcome, ServeOptions, Service } from '../ports/dispatcher.ts';
import type { Journal } from '../ports/journal.ts';
import { Loop } from './loop.ts';
import type { ClaimedJob, StreamQueue } from './stream-queue.ts';

export interface ServiceTimes {
  readonly pollEveryMs: number;
  readonly touchEveryMs: number;
  readonly superviseEveryMs: number;
  readonly admitEveryMs: number;
  /** pg-boss ends a job after 24 hours, alive or not: it is replaced by a new one before. */
  readonly replaceAfterMs: number;
  /** A job that another controller holds comes back after this delay, this many times. */
  readonly heldDelayMs: number;
  readonly heldLimit: number;
  /** A job whose drive was rejected comes back after this delay. */
  readonly rejectedDelayMs: number;
}

export const DEFAULT_TIMES: ServiceTimes = {
  pollEveryMs: 1_000,
  touchEveryMs: 2_500,
  superviseEveryMs: 1_000,
  admitEveryMs: 2_000,
  replaceAfterMs: 23 * 60 * 60 * 1_000,
  heldDelayMs: 1_000,
  // A lease lives 10 s.
  heldLimit: 15,
  rejectedDelayMs: 2_000,
};

export interface ServiceParts {
  readonly queue: StreamQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly journal: Journal;
  readonly times: ServiceTimes;
  readonly admit: () => Promise<number>;
}

interface Driven {
  /** The newest job for the stream; an older one of this process is completed when a newer comes. */
  job: ClaimedJob;
  claimedAtMs: number;
}

/** Fetches the jobs of streams for one controller, keeps them alive and settles them. */
export class QueueService implements Service {
  private readonly parts: ServiceParts;
  private readonly options: ServeOptions;
  private readonly driven = new Map<string, Driven>();
  private readonly unsettled = new Set<Promise<void>>();
  private readonly shutdown = new AbortController();
  private readonly loops: readonly Loop[];
  private readonly fetching: Loop;
  private readonly admitting: Loop;
  private readonly touching: Loop;

  constructor(parts: ServiceParts, options: ServeOptions) {
    this.parts = parts;
    this.options = options;
    const { times } = parts;
    this.admitting = this.loop('admission', times.admitEveryMs, () => this.admit());
    this.fetching = this.loop('fetching of jobs', times.pollEveryMs, () => this.fetch());
    this.touching = this.loop('heartbeat of jobs', times.touchEveryMs, () => this.touch());
    const supervising = this.loop('supervision of jobs', times.superviseEveryMs, () =>
      parts.queue.supervise(),
    );
    this.loops = [this.admitting, this.fetching, supervising];
  }

  get active(): number {
    return this.driven.size;
  }

  /** Streams may be waiting, or jobs be there. */
  wake(): void {
    this.admitting.wake();
    this.fetching.wake();
  }

  async stop(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.loops.map((loop) => loop.stop()));
    while (this.unsettled.size > 0) await Promise.all(this.unsettled);
    // Last, because the jobs must not be given to others while their streams are being held.
    await this.touching.stop();
  }

  private loop(name: string, everyMs: number, round: () => Promise<void>): Loop {
    const { clock, ids, journal } = this.parts;
    // The jitter keeps controllers that were started together from asking at the same moments.
    const pauseMs = () =>
      everyMs * (0.9 + 0.2 * (Number.parseInt(ids.uuid().slice(0, 4), 16) / 0xffff));
    return new Loop(clock, journal, { name: `dispatch: ${name}`, pauseMs, round });
  }

  private async admit(): Promise<void> {
    if ((await this.parts.admit()) > 0) this.fetching.wake();
  }

  private async fetch(): Promise<void> {
    let free = this.options.slots - this.driven.size;
    while (free > 0 && !this.shutdown.signal.aborted) {
      const jobs = await this.parts.queue.fetch(free);
      for (const job of jobs) this.take(job);
      if (jobs.length < free) return;
      free = this.options.slots - this.driven.size;
    }
  }

  private take(job: ClaimedJob): void {
    const known = this.driven.get(job.streamId);
    if (known !== undefined) {
      this.settled(this.parts.queue.complete(known.job));
      known.job = job;
      known.claimedAtMs = this.parts.clock.monotonicMs();
    } else if (this.shutdown.signal.aborted) {
      this.settled(this.parts.queue.handBack(job, 0, job.held));
    } else {
      const driven = { job, claimedAtMs: this.parts.clock.monotonicMs() };
      this.driven.set(job.streamId, driven);
      this.settled(this.drive(driven));
    }
  }

  private async drive(driven: Driven): Promise<void> {
    const { streamId, runId, retryCount, held } = driven.job;
    const job = { streamId, runId, redelivered: retryCount > 0 || held > 0 };
    let outcome: DriveOutcome | 'rejected';
    try {
      outcome = await this.options.drive(job, this.shutdown.signal);
    } catch (error) {
      outcome = 'rejected';
      const reason = error instanceof Error ? error.message : String(error);
      this.parts.journal.warn('dispatch: a stream could not be driven', {
        stream: streamId,
        reason,
      });
    }
    this.driven.delete(streamId);
    this.wake();
    await this.settle(driven.job, outcome);
  }

  private async settle(job: ClaimedJob, outcome: DriveOutcome | 'rejected'): Promise<void> {
    const { queue, times } = this.parts;
    if (outcome === 'rejected') await queue.handBack(job, times.rejectedDelayMs, job.held + 1);
    else if (outcome === 'held' && job.held < times.heldLimit)
      await queue.handBack(job, times.heldDelayMs, job.held + 1);
    else await queue.complete(job);
  }

  /** A job that could not be settled is delivered again and then found to be over. */
  private settled(work: Promise<void>): void {
    const noted = work
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.parts.journal.warn('dispatch: a job could not be settled', { reason });
      })
      .finally(() => this.unsettled.delete(noted));
    this.unsettled.add(noted);
  }

  private async touch(): Promise<void> {
    const { queue, clock, times } = this.parts;
    if (this.driven.size === 0) return;
    const touched = [...this.driven.values()].map((driven) => ({ driven, job: driven.job }));
    const alive = await queue.touch(touched.map(({ job }) => job));
    for (const { driven, job } of touched) {
      const old = clock.monotonicMs() - driven.claimedAtMs >= times.replaceAfterMs;
      if (driven.job === job && (old || !alive.has(job.id))) await this.replace(driven);
    }
  }

  /** So that a stream which this process drives always has a job that others get when it dies. */
  private async replace(driven: Driven): Promise<void> {
    const { queue, clock } = this.parts;
    const { streamId } = driven.job;
    if (this.driven.get(streamId) !== driven) return;
    const job = await queue.replace(driven.job);
    if (this.driven.get(streamId) === driven) {
      driven.job = job;
      driven.claimedAtMs = clock.monotonicMs();
    } else {
      await queue.complete(job);
    }
  }
}
