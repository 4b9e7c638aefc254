import { randomBytes } from 'node:crypto';
import type { ConnectOptions, PreviewMode } from '../../ports/target.ts';
import { TargetError } from '../../ports/target.ts';
import { type Connection, openConnection, reopenConnection } from './connection.ts';
import { quoteIdentifier } from './quoting.ts';

/** What stands between the name of the schema and a random end in the name of a preview's schema. */
export const PREVIEW_MARK = '_preview_';

const SAVEPOINT = 'odtm_unit';

/**
 * A preview. DDL commits by itself here, so framework and package are installed in a schema of the preview's
 * own, which goes with it. The units run in one XA transaction: there the server refuses whatever would
 * commit, be it DDL or a COMMIT of the package, so that nothing can escape the rollback at the end.
 */
export class PreviewTransaction {
  readonly connection: Connection;
  readonly database: string;
  private readonly options: ConnectOptions;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(options: ConnectOptions, connection: Connection, database: string) {
    this.options = options;
    this.connection = connection;
    this.database = database;
  }

  /** Makes the schema and a session in it; a lock tells others that the schema is in use. */
  static async open(options: ConnectOptions): Promise<PreviewTransaction> {
    const how = { label: 'odtm preview', autocommit: false, database: null };
    const maker = await openConnection(options, how);
    const database = `${options.instance.database}${PREVIEW_MARK}${randomBytes(4).toString('hex')}`;
    try {
      await dropAbandoned(maker, options.instance.database);
      await maker.query(
        `CREATE DATABASE ${quoteIdentifier(database)} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
      );
    } finally {
      await maker.close();
    }
    const connection = await reopenConnection(options, { ...how, database });
    await connection.execute('DO GET_LOCK(:1, 0)', [lockOf(database)]);
    return new PreviewTransaction(options, connection, database);
  }

  /** Begins the transaction; all that is installed has been installed before. */
  async begin(mode: PreviewMode): Promise<void> {
    await this.connection.commit();
    await this.connection.execute('BEGIN dom$run.preview(:1); END;', [mode]);
    await this.connection.query(`XA START '${this.database}'`);
  }

  /** Work in a savepoint of its own, after all that was asked for before. */
  around<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(async () => {
      await this.connection.query(`SAVEPOINT ${SAVEPOINT}`);
      return work();
    });
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Takes back what a failed unit has done. */
  async undo(): Promise<void> {
    await this.connection.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
  }

  /** Rolls everything back and drops the schema. Never throws. */
  async close(): Promise<void> {
    const { connection, database } = this;
    await this.last;
    for (const statement of [`XA END '${database}'`, `XA ROLLBACK '${database}'`])
      await connection.query(statement).catch(() => undefined);
    await connection.close();
    try {
      const maker = await openConnection(this.options, {
        label: 'odtm preview',
        autocommit: false,
        database: null,
      });
      await maker
        .query(`DROP DATABASE IF EXISTS ${quoteIdentifier(database)}`)
        .catch(() => undefined);
      await maker.close();
    } catch {
      // The next preview drops it.
    }
  }
}

function lockOf(database: string): string {
  return `odtm ${database}`.slice(-64);
}

/** Drops schemas of previews whose controller is gone. */
async function dropAbandoned(maker: Connection, database: string): Promise<void> {
  const rows = await maker.query<{ name: string }>(
    'SELECT s.schema_name AS name FROM information_schema.schemata s',
  );
  const prefix = `${database}${PREVIEW_MARK}`;
  for (const { name } of rows) {
    if (!name.startsWith(prefix)) continue;
    const locks = await maker.query<{ holder: number | null }>(
      'SELECT IS_USED_LOCK(:1) AS holder FROM dual',
      [lockOf(name)],
    );
    if (locks[0]?.holder !== null) continue;
    await maker.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`).catch((error) => {
      if (!(error instanceof TargetError)) throw error;
    });
  }
}
