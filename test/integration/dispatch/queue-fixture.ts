import { Client } from 'pg';
import { systemClock, systemIds } from '../../../src/app/system-clock.ts';
import { PgBossDispatcher } from '../../../src/dispatch/pg-boss-dispatcher.ts';
import type { ServiceTimes } from '../../../src/dispatch/queue-service.ts';
import type { ExecuteSql } from '../../../src/dispatch/stream-queue.ts';
import type { DeliveredJob, DriveOutcome, StreamJob } from '../../../src/ports/dispatcher.ts';
import type { Journal } from '../../../src/ports/journal.ts';

/** A journal that keeps its warnings for the test. */
export function keepingJournal(): Journal & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string, details?: Readonly<Record<string, unknown>>) =>
    void lines.push(`${message} ${JSON.stringify(details ?? {})}`);
  return { lines, info: keep, warn: keep, error: keep };
}

/** Dispatchers on one database whose admission sends what the test has put into `waiting`. */
export class QueueFixture {
  readonly url: string;
  readonly waiting: StreamJob[] = [];
  readonly journal = keepingJournal();
  /** Where set, admission runs in the test's own transaction. */
  inside: ExecuteSql | null = null;
  private readonly client: Client;
  private readonly dispatchers: PgBossDispatcher[] = [];

  constructor(url: string) {
    this.url = url;
    this.client = new Client({ connectionString: url });
  }

  open(): Promise<unknown> {
    return this.client.connect();
  }

  async close(): Promise<void> {
    await Promise.all(this.dispatchers.map((dispatcher) => dispatcher.stop()));
    await this.client.end();
  }

  async sql<Row extends Record<string, unknown>>(
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    return (await this.client.query(text, values)).rows;
  }

  dispatcher(times: Partial<ServiceTimes> = {}): PgBossDispatcher {
    const dispatcher = new PgBossDispatcher({
      url: this.url,
      clock: systemClock,
      ids: systemIds,
      journal: this.journal,
      times,
      admitStreams: (send) => this.admit(send),
    });
    this.dispatchers.push(dispatcher);
    return dispatcher;
  }

  /** States of the jobs that are not over, by stream. */
  async jobs(): Promise<{ stream: string; state: string; held: string | null }[]> {
    return this.sql(
      `SELECT data->>'streamId' AS stream, state::text, data->>'held' AS held
         FROM pgboss.job WHERE name = 'odtm_stream' AND state < 'completed' ORDER BY 1, 2`,
    );
  }

  private async admit(
    send: (executeSql: ExecuteSql, jobs: readonly StreamJob[]) => Promise<void>,
  ): Promise<number> {
    const jobs = this.waiting.splice(0);
    if (jobs.length === 0) return 0;
    if (this.inside !== null) {
      await send(this.inside, jobs);
      return jobs.length;
    }
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      await send((text, values) => client.query(text, values), jobs);
      await client.query('COMMIT');
    } finally {
      await client.end();
    }
    return jobs.length;
  }
}

export function streams(...ids: readonly number[]): StreamJob[] {
  return ids.map((id) => ({ streamId: String(id), runId: '1' }));
}

/** A drive that records its jobs and ends each when the test says so. */
export class HeldDrive {
  readonly begun: DeliveredJob[] = [];
  readonly aborted: string[] = [];
  private readonly ends = new Map<string, (outcome: DriveOutcome) => void>();

  readonly drive = (job: DeliveredJob, signal: AbortSignal): Promise<DriveOutcome> => {
    this.begun.push(job);
    return new Promise((resolve) => {
      this.ends.set(job.streamId, resolve);
      signal.addEventListener('abort', () => {
        this.aborted.push(job.streamId);
        resolve('over');
      });
    });
  };

  get streams(): string[] {
    return this.begun.map((job) => job.streamId);
  }

  end(streamId: string, outcome: DriveOutcome = 'over'): void {
    this.ends.get(streamId)?.(outcome);
  }
}
