import type { QueryResultRow } from 'pg';
import type { PreviewMode } from '../../ports/target.ts';
import type { Connection, Querier, QueryOptions } from './connection.ts';

/**
 * The one session and the one transaction of a preview. Everything goes through it one after the other;
 * units run in a savepoint, so that a failed one leaves the transaction usable.
 */
export class PreviewTransaction implements Querier {
  readonly connection: Connection;
  private last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async begin(mode: PreviewMode): Promise<void> {
    await this.connection.query('BEGIN');
    await this.connection.query(`SELECT pg_catalog.set_config('dom.preview', $1, true)`, [mode]);
  }

  /** Sets the search_path of all that follows; an install before has changed it. */
  async usePath(path: string): Promise<void> {
    await this.connection.query(`SELECT pg_catalog.set_config('search_path', $1, true)`, [path]);
  }

  /** A query between units. */
  query<R extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<R[]> {
    return this.around(() => this.connection.query<R>(text, values, options));
  }

  /** Work in a savepoint of its own, after all that was asked for before. */
  around<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(() => this.inSavepoint(work));
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Rolls everything back and ends the session. Never throws. */
  async close(): Promise<void> {
    await this.connection.query('ROLLBACK').catch(() => undefined);
    await this.connection.close();
  }

  private async inSavepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.connection.query('SAVEPOINT odtm_unit');
    try {
      const result = await work();
      await this.connection.query('RELEASE SAVEPOINT odtm_unit');
      return result;
    } catch (error) {
      await this.connection
        .query('ROLLBACK TO SAVEPOINT odtm_unit; RELEASE SAVEPOINT odtm_unit')
        .catch(() => undefined);
      throw error;
    }
  }
}
