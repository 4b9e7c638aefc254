import { type Job, type JobInsert, PgBoss } from 'pg-boss';
import type { Ids } from '../ports/clock.ts';
import type { StreamJob } from '../ports/dispatcher.ts';
import type { Journal } from '../ports/journal.ts';
import { DispatchDatabase } from './database.ts';

export const QUEUE = 'odtm_stream';
/** The repository notifies this channel when streams may be admitted or jobs fetched. */
export const WAKE_CHANNEL = 'odtm_wake';

const SCHEMA = 'pgboss';
/** pg-boss knows no retry without a limit; this many are never reached. */
const RETRY_LIMIT = 2_147_483_647;
/** The shortest that pg-boss takes: a job of a controller that died is delivered again after it. */
const HEARTBEAT_SECONDS = 10;
/** The longest that pg-boss takes; no job is held that long: it is replaced before. */
const EXPIRE_SECONDS = 24 * 60 * 60;
const DELETE_AFTER_SECONDS = 60 * 60;

/** Runs SQL inside the transaction of somebody else. */
export type ExecuteSql = (
  text: string,
  values?: unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

interface JobData extends StreamJob {
  /** How often the job has been handed back because another controller held the lease. */
  readonly held?: number;
}

/** A job that this process has claimed; `retryCount` fences it against later claims of the same job. */
export interface ClaimedJob extends StreamJob {
  readonly id: string;
  readonly retryCount: number;
  readonly held: number;
}

/** The queue of admitted streams, in the words of the dispatcher; pg-boss does the work. */
export class StreamQueue {
  private readonly database: DispatchDatabase;
  private readonly boss: PgBoss;
  private readonly ids: Ids;

  constructor(url: string, ids: Ids, journal: Journal) {
    this.ids = ids;
    this.database = new DispatchDatabase(url, journal);
    this.boss = new PgBoss({
      db: this.database,
      schema: SCHEMA,
      // Supervision is called by each serving controller itself, so that a process which only sends has none.
      supervise: false,
      schedule: false,
      monitorIntervalSeconds: 1,
      monitorVacuum: false,
    });
    this.boss.on('error', (error) => journal.warn('dispatch: pg-boss', { reason: error.message }));
    this.boss.on('warning', ({ message }) =>
      journal.warn('dispatch: pg-boss', { reason: message }),
    );
  }

  /** Connects, creates or migrates pg-boss's schema and the queue. */
  async start(): Promise<void> {
    await this.boss.start();
    await this.boss.createQueue(QUEUE, {
      policy: 'short',
      retryLimit: RETRY_LIMIT,
      retryDelay: 0,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: EXPIRE_SECONDS,
      deleteAfterSeconds: DELETE_AFTER_SECONDS,
    });
  }

  async stop(): Promise<void> {
    await this.boss.stop({ graceful: false });
    await this.database.close();
  }

  /** Sends jobs inside a transaction; a stream that has a queued job already gets no second one. */
  async send(jobs: readonly StreamJob[], executeSql: ExecuteSql): Promise<void> {
    const inserts = jobs.map(({ streamId, runId }) => this.insertion({ streamId, runId }));
    await this.boss.insert(QUEUE, inserts, { db: { executeSql } });
    await executeSql('select pg_notify($1, $2)', [WAKE_CHANNEL, '']);
  }

  async fetch(limit: number): Promise<readonly ClaimedJob[]> {
    const jobs = await this.boss.fetch<JobData>(QUEUE, { batchSize: limit });
    return jobs.map(claimed);
  }

  /** Tells that these jobs are alive; returns the ids of those that are still this process's. */
  async touch(jobs: readonly ClaimedJob[]): Promise<ReadonlySet<string>> {
    const answer = (await this.boss.touch(QUEUE, attempts(jobs))) as {
      settled?: readonly string[];
    };
    return new Set(answer.settled);
  }

  async complete(job: ClaimedJob): Promise<void> {
    await this.boss.complete(QUEUE, attempts([job]));
  }

  /** Gives the job to any controller, after a delay. */
  async handBack(job: ClaimedJob, delayMs: number, held: number): Promise<void> {
    const { streamId, runId } = job;
    const insert = { ...this.insertion({ streamId, runId, held }), startAfter: delayMs / 1_000 };
    await this.boss.insert(QUEUE, [insert]);
    await this.complete(job);
  }

  /**
   * Replaces a job that is too old, or that was taken away while the repository was unreachable, by a new one
   * that this process holds from its birth: completed, inserted and fetched in one transaction. The priority,
   * which nothing else has, makes the fetch find exactly this job.
   */
  async replace(job: ClaimedJob): Promise<ClaimedJob> {
    const id = this.ids.uuid();
    const priority = 1 + Number.parseInt(id.slice(0, 7), 16);
    const transaction = await this.database.begin();
    const { db } = transaction;
    try {
      const { streamId, runId } = job;
      const insert = { ...this.insertion({ streamId, runId }), id, priority, singletonKey: id };
      await this.boss.complete(QUEUE, attempts([job]), null, { db });
      await this.boss.insert(QUEUE, [insert], { db });
      const only = {
        batchSize: 1,
        ignoreStartAfter: true,
        minPriority: priority,
        maxPriority: priority,
      };
      const [fetched] = await this.boss.fetch<JobData>(QUEUE, { ...only, db });
      if (fetched?.id !== id) throw new Error(`job ${id} could not be claimed`);
      await transaction.commit();
      return claimed(fetched);
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  /** Delivers the jobs of silent controllers again and deletes old ones. */
  async supervise(): Promise<void> {
    await this.boss.supervise(QUEUE);
  }

  private insertion(data: JobData): JobInsert<JobData> {
    return { data, singletonKey: data.streamId };
  }
}

function claimed(job: Job<JobData>): ClaimedJob {
  const { streamId, runId, held = 0 } = job.data;
  return { id: job.id, retryCount: job.retryCount, streamId, runId, held };
}

function attempts(jobs: readonly ClaimedJob[]): { id: string; retryCount: number }[] {
  return jobs.map(({ id, retryCount }) => ({ id, retryCount }));
}
