import pg from 'pg';
import type { Db } from 'pg-boss';
import type { Journal } from '../ports/journal.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5_000;
/** A server that gives no answer is not waited for: the loops try again. */
const QUERY_TIMEOUT_MS = 30_000;
/** A process that sleeps in the middle of a transaction must not hold its locks against all others. */
const FROZEN_AFTER_MS = 5_000;

/** How every connection of the dispatch to the repository is made. */
export function connectionTo(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'odtm dispatch',
    idle_in_transaction_session_timeout: FROZEN_AFTER_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  };
}

/** A transaction that the caller ends. */
export interface Transaction {
  readonly db: Db;
  commit(): Promise<void>;
  /** Never throws. */
  rollback(): Promise<void>;
}

/**
 * The database as pg-boss sees it. Its own connections would end the process when the server is killed in an
 * unlucky moment: a connection that is checked out, or being given up, has no listener for errors there.
 */
export class DispatchDatabase implements Db {
  private readonly pool: pg.Pool;

  constructor(url: string, journal: Journal) {
    this.pool = new pg.Pool({ ...connectionTo(url), max: MAX_CONNECTIONS });
    this.pool.on('error', ({ message }) =>
      journal.info('dispatch: a connection to the repository broke', { reason: message }),
    );
    // What uses the connection gets the error of its statement; this is for the time between statements.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  executeSql(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    return this.pool.query(text, values);
  }

  async begin(): Promise<Transaction> {
    const client = await this.pool.connect();
    const run = (text: string, values?: unknown[]) => client.query(text, values);
    try {
      await run('BEGIN');
    } catch (error) {
      client.release(true);
      throw error;
    }
    return {
      db: { executeSql: run },
      commit: async () => {
        await run('COMMIT');
        client.release();
      },
      rollback: async () => {
        const failed = await run('ROLLBACK').then(
          () => false,
          () => true,
        );
        client.release(failed);
      },
    };
  }

  /** Calling it again is harmless. */
  async close(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }
}
