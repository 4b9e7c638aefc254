import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from '../../../src/core/definitions/model.ts';
import { type Connection, openConnection } from '../../../src/targets/mariadb/connection.ts';
import type { Bind as Value } from '../../../src/targets/plsql/querier.ts';
import type { Bind, Session } from '../orawire/server.ts';

const KILL_AGAIN_MS = 20;

/** How sessions behind the wire log in. */
export interface BackingLogin {
  readonly instance: Instance;
  readonly secret: string;
}

/** The session of MariaDB behind a session of the wire. */
export class Backing {
  readonly session: Session;
  readonly connection: Connection;
  /** The number by which dom$run.enter made it one of a stream's. */
  sessionNo: number | null = null;
  /** Something has been written and not been committed. */
  dirty = false;
  /** The statement that runs now; empty: none does. */
  running = '';

  private constructor(session: Session, connection: Connection) {
    this.session = session;
    this.connection = connection;
  }

  static async open(session: Session, { instance, secret }: BackingLogin): Promise<Backing> {
    const how = { label: 'stand-in', autocommit: false, database: instance.database };
    const options = { instance, secret, connectTimeoutMs: 10_000 };
    return new Backing(session, await openConnection(options, how));
  }

  get id(): number {
    return Number(this.connection.serverSession);
  }

  /** The session as Oracle names it: its unique id, then sid, serial# and instance. */
  get name(): string {
    return `${uniqueId(this.id)} ${this.id},${this.session.serial},@1`;
  }

  /** Ends what runs on it as a cancel does, again and again: one that comes too early is lost. */
  async cancelUntil(admin: Connection, ended: Promise<unknown>): Promise<void> {
    let over = false;
    ended.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    while (!over) {
      await admin.query(`KILL QUERY ${this.id}`).catch(() => undefined);
      await Promise.race([ended.catch(() => undefined), delay(KILL_AGAIN_MS)]);
    }
  }
}

/** What dbms_session.unique_session_id gives. */
function uniqueId(id: number): string {
  return `00${id.toString(16).toUpperCase().padStart(8, '0')}0001`;
}

/** Values of binds for MariaDB. */
export function valuesOf(binds: readonly Bind[]): Value[] {
  return binds.map(({ name, value }) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'number' || typeof value === 'string') return value;
    throw new TypeError(`bind ${name} has a value that the stand-in does not know`);
  });
}
