import type { ConnectOptions } from '../../ports/target.ts';
import { frameworkUnits } from './code-files.ts';
import { type Connection, reopenConnection } from './connection.ts';
import { errorNumber } from './errors.ts';
import { framework } from './framework.ts';
import { createdBy, dropObject } from './schema-objects.ts';

/** How long another controller may install before we give up. */
const LOCK_SECONDS = 300;
const NAME_IN_USE = 955;
const CANCELLED = 1013;
/** The table went away beneath us, or two waited for one that gave up: the next attempt decides. */
const TRY_AGAIN = new Set([60, 942, 1410, 8103]);
const MOST_TRIES = 5;

const TABLE = { kind: 'table', name: 'DOM$INSTALLED' };

/**
 * One install at a time. DDL commits, so the lock is a row that another session has inserted and never
 * commits: it goes with that session, whatever becomes of the controller, and needs no privilege.
 */
export class InstallLock {
  private readonly connection: Connection;
  private readonly madeTable: boolean;

  private constructor(connection: Connection, madeTable: boolean) {
    this.connection = connection;
    this.madeTable = madeTable;
  }

  /** Waits for its turn. */
  static async take(options: ConnectOptions): Promise<InstallLock> {
    const how = { label: 'odtm install lock', autocommit: false };
    const connection = await reopenConnection(options, how);
    try {
      for (let tries = 1; ; tries += 1) {
        const madeTable = await makeTable(connection);
        if (await insertRow(connection, tries)) return new InstallLock(connection, madeTable);
      }
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Lets the next one in. */
  async release(): Promise<void> {
    await this.connection.rollback().catch(() => undefined);
    await this.connection.close();
  }

  /** As release, and nothing stays of the lock either, unless somebody waits for it. */
  async releaseWithoutTrace(): Promise<void> {
    await this.connection.rollback().catch(() => undefined);
    if (this.madeTable) await dropObject(this.connection, TABLE).catch(() => undefined);
    await this.connection.close();
  }
}

/** The lock needs the table before the framework is there. */
async function makeTable(connection: Connection): Promise<boolean> {
  const { state } = frameworkUnits((await framework()).files);
  const unit = state.find((each) => createdBy(each)?.name === TABLE.name);
  try {
    await connection.create(unit?.text ?? '');
    return true;
  } catch (error) {
    if (errorNumber(error) !== NAME_IN_USE) throw error;
    return false;
  }
}

/** False: it has to be tried once more. */
async function insertRow(connection: Connection, tries: number): Promise<boolean> {
  const timer = setTimeout(() => {
    connection.cancel().catch(() => undefined);
  }, LOCK_SECONDS * 1000);
  try {
    await connection.execute(
      `INSERT INTO dom$installed (name, sha256, state_sha256, installed_ms, server_version, objects,
         fingerprint, line_map)
       VALUES ('install lock', '-', '-', 0, '-', '[]', '{}', '{}')`,
    );
    return true;
  } catch (error) {
    await connection.rollback().catch(() => undefined);
    const number = errorNumber(error) ?? 0;
    if (number === CANCELLED)
      throw new Error(`another controller has been installing for ${LOCK_SECONDS} s`);
    if (TRY_AGAIN.has(number) && tries < MOST_TRIES) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
