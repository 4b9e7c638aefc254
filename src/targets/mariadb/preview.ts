import { randomBytes } from 'node:crypto';
import type { ConnectOptions, PreviewMode } from '../../ports/target.ts';
import { TargetError } from '../../ports/target.ts';
import { type Connection, openConnection } from './connection.ts';
import { quoteIdentifier, quoteText } from './quoting.ts';

/** What stands between the name of the schema and a random end in the name of a preview's schema. */
export const PREVIEW_MARK = '_preview_';

/** What a schema of a preview has and no other schema: the name alone may be somebody else's. */
const SCHEMA_COMMENT = 'A preview of ODTM: it is dropped when nobody works in it';
const NAME_END = /^[0-9a-f]{8}$/;

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

  /** Makes the schema and a session in it. Its lock, by which others know that it is in use, comes first. */
  static async open(options: ConnectOptions): Promise<PreviewTransaction> {
    const how = { label: 'odtm preview', autocommit: false, database: null };
    const database = `${options.instance.database}${PREVIEW_MARK}${randomBytes(4).toString('hex')}`;
    const connection = await openConnection(options, how);
    try {
      if (!(await lock(connection, database)))
        throw new Error(`another preview has the name ${database}`);
      await dropAbandoned(connection, options.instance.database);
      await connection.query(
        `CREATE DATABASE ${quoteIdentifier(database)} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
           COMMENT = ${quoteText(SCHEMA_COMMENT)}`,
      );
      await connection.use(database);
      return new PreviewTransaction(options, connection, database);
    } catch (error) {
      await connection.close();
      throw error;
    }
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

/** Whether nobody else had the lock of that schema. */
async function lock(connection: Connection, database: string): Promise<boolean> {
  const rows = await connection.query<{ locked: number | null }>(
    'SELECT GET_LOCK(:1, 0) AS locked FROM dual',
    [lockOf(database)],
  );
  return rows[0]?.locked === 1;
}

/** Drops schemas of previews whose controller is gone; of the server's others not one, whatever its name. */
async function dropAbandoned(connection: Connection, database: string): Promise<void> {
  const rows = await connection.query<{ name: string }>(
    'SELECT s.schema_name AS name FROM information_schema.schemata s WHERE s.schema_comment = :1',
    [SCHEMA_COMMENT],
  );
  for (const { name } of rows) {
    if (!isPreviewOf(database, name) || !(await lock(connection, name))) continue;
    try {
      await connection.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
    }
    await connection.execute('DO RELEASE_LOCK(:1)', [lockOf(name)]);
  }
}

/** The server may have written the name in small letters. */
function isPreviewOf(database: string, name: string): boolean {
  const prefix = `${database}${PREVIEW_MARK}`;
  return (
    name.toLowerCase().startsWith(prefix.toLowerCase()) &&
    NAME_END.test(name.slice(prefix.length).toLowerCase())
  );
}
