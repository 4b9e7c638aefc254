import { Kysely, PostgresDialect, type RawBuilder } from 'kysely';
import pg from 'pg';
import { odtmError } from '../core/errors/catalogue.ts';
import type { Journal } from '../ports/journal.ts';
import { isConnectionError, reasonOf, sqlState } from './connection-errors.ts';

/** Statements are written as SQL text; Kysely binds their values and carries the transactions. */
type Tables = Record<never, never>;

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * A controller that is silent this long in the middle of a transaction sleeps, or is cut off: the server ends
 * the session, whose row locks would keep others from taking its streams over.
 */
const FROZEN_AFTER_MS = 5_000;
const MAX_TRIES = 5;
/** The server gave up one of several transactions that stood in each other's way: trying again helps. */
const RETRYABLE_STATES = ['40001', '40P01'];

/** Where statements are executed: the pool, or one transaction. */
export interface Session {
  readonly db: Kysely<Tables>;
  query<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]>;
  /** How many rows the statement has written. */
  count(statement: RawBuilder<unknown>): Promise<number>;
}

class KyselySession implements Session {
  readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async query<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]> {
    return (await statement.execute(this.db)).rows;
  }

  async count(statement: RawBuilder<unknown>): Promise<number> {
    return Number((await statement.execute(this.db)).numAffectedRows ?? 0);
  }
}

/** The connections to the repository's database. Its errors name the address without the password. */
export class Connection {
  readonly address: string;
  private readonly pool: Kysely<Tables>;

  constructor(url: string, journal?: Journal) {
    this.address = addressOf(url);
    const pool = new pg.Pool({
      connectionString: url,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'odtm repository',
      idle_in_transaction_session_timeout: FROZEN_AFTER_MS,
      keepAlive: true,
    });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on('error', (error) => {
      journal?.warn('a connection to the repository broke', { reason: error.message });
    });
    // One that breaks between two statements of a transaction would do the same; the next statement tells.
    pool.on('connect', (client) => client.on('error', () => undefined));
    this.pool = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  }

  /** Executes statements on their own. @throws OdtmError REPOSITORY_UNREACHABLE */
  run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.guarded(() => work(new KyselySession(this.pool)));
  }

  query<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]> {
    return this.run((session) => session.query(statement));
  }

  /**
   * Executes statements in one transaction, again where the server chose it as the victim of a deadlock.
   * @throws OdtmError REPOSITORY_UNREACHABLE
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.guarded(async () => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await this.pool.transaction().execute((tx) => work(new KyselySession(tx)));
        } catch (error) {
          const again = RETRYABLE_STATES.includes(sqlState(error) ?? '') && tried < MAX_TRIES;
          if (!again) throw error;
        }
      }
    });
  }

  /** Reads several statements from one snapshot. @throws OdtmError REPOSITORY_UNREACHABLE */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const transaction = this.pool
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only');
    return this.guarded(() => transaction.execute((tx) => work(new KyselySession(tx))));
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      const details = { address: this.address, reason: reasonOf(error) };
      throw odtmError('REPOSITORY_UNREACHABLE', details, error);
    }
  }
}

/** Host, port and database of a URL, and nothing else of it. */
export function addressOf(url: string): string {
  if (!URL.canParse(url)) return 'the given address';
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? (hostname === '' ? 'localhost' : hostname);
  return `${host}:${port === '' ? '5432' : port}${pathname}`;
}
