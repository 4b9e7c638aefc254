import type { Clock, Ids } from '../ports/clock.ts';
import type { Dispatcher, ServeOptions, Service, StreamJob } from '../ports/dispatcher.ts';
import type { Journal } from '../ports/journal.ts';
import { Listening } from './listening.ts';
import { DEFAULT_TIMES, QueueService, type ServiceTimes } from './queue-service.ts';
import { type ExecuteSql, StreamQueue, WAKE_CHANNEL } from './stream-queue.ts';

/**
 * The repository's half of an admission: marks streams as admitted and calls `send` inside the same
 * transaction, with SQL bound to it. Returns how many.
 */
export type AdmitStreams = (
  send: (executeSql: ExecuteSql, jobs: readonly StreamJob[]) => Promise<void>,
) => Promise<number>;

export interface PgBossDispatcherOptions {
  /** The repository's database; pg-boss has its own schema there. */
  readonly url: string;
  readonly admitStreams: AdmitStreams;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly journal: Journal;
  readonly times?: Partial<ServiceTimes>;
}

/** Hands admitted streams to controllers by jobs of pg-boss. */
export class PgBossDispatcher implements Dispatcher {
  private readonly options: PgBossDispatcherOptions;
  private readonly queue: StreamQueue;
  private readonly listenings = new Set<Listening>();
  private started: Promise<void> | null = null;

  constructor(options: PgBossDispatcherOptions) {
    this.options = options;
    this.queue = new StreamQueue(options.url, options.ids, options.journal);
  }

  /** Calling it again is harmless; the other methods call it where nobody has. */
  async start(): Promise<void> {
    this.started ??= this.queue.start().catch((error: unknown) => {
      this.started = null;
      throw error;
    });
    await this.started;
  }

  async admit(): Promise<number> {
    await this.start();
    return this.options.admitStreams((executeSql, jobs) => this.queue.send(jobs, executeSql));
  }

  async serve(options: ServeOptions): Promise<Service> {
    await this.start();
    const { clock, ids, journal } = this.options;
    const times = { ...DEFAULT_TIMES, ...this.options.times };
    const admit = () => this.admit();
    const parts = { queue: this.queue, clock, ids, journal, times, admit };
    const service = new QueueService(parts, options);
    const unlisten = this.onNotification(WAKE_CHANNEL, () => service.wake());
    return {
      get active() {
        return service.active;
      },
      stop: async () => {
        unlisten();
        await service.stop();
      },
    };
  }

  onNotification(channel: string, listener: (payload: string) => void): () => void {
    const listening = new Listening(this.options, channel, listener);
    this.listenings.add(listening);
    return () => {
      if (this.listenings.delete(listening)) void listening.stop();
    };
  }

  async stop(): Promise<void> {
    const listenings = [...this.listenings];
    this.listenings.clear();
    await Promise.all(listenings.map((listening) => listening.stop()));
    await this.started?.catch(() => undefined);
    await this.queue.stop();
  }
}
