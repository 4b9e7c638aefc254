import { randomBytes } from 'node:crypto';
import type { Instance } from '../../../src/core/definitions/model.ts';
import { type Connection, openConnection } from '../../../src/targets/mariadb/connection.ts';
import { mariadbUrl } from '../mariadb/database.ts';
import {
  type Call,
  type ExecuteRequest,
  type ExecuteResult,
  type Fault,
  OraWireServer,
  type ServerSettings,
  type Session,
} from '../orawire/server.ts';
import { Backing } from './backing.ts';
import { dictionaryStatements } from './dictionary.ts';
import { oracleError, sqlErrorOf } from './error-numbers.ts';
import { runStatement } from './statements.ts';
import type { SessionHost } from './system.ts';

/** Where the stand-in keeps what it is asked to keep. */
export interface StandInOptions {
  /** The schema, a database of MariaDB that is there already. */
  readonly database: string;
  /** A user of MariaDB who may work in it; Oracle's user has the same name. */
  readonly user: string;
  readonly secret: string;
  readonly settings?: Partial<ServerSettings>;
}

type FaultRule = (call: Call, session: Session) => Fault | undefined | Promise<Fault | undefined>;

/** Stands in for an Oracle database: its wire in front, and MariaDB in its Oracle mode behind it. */
export class OracleStandIn implements SessionHost {
  readonly admin: Connection;
  readonly server: OraWireServer;
  /** What clients have asked for. */
  readonly calls: Call[] = [];
  private readonly options: StandInOptions;
  private readonly backings = new Map<number, Backing>();
  private readonly names = new Map<number, string>();
  private rule: FaultRule = () => undefined;

  private constructor(options: StandInOptions, admin: Connection) {
    this.options = options;
    this.admin = admin;
    this.server = new OraWireServer({
      users: { [options.user.toUpperCase()]: options.secret },
      pbkdf2Iterations: 64,
      maxStringSize: 32_767,
      services: [options.database],
      ...options.settings,
      execute: (request) => this.execute(request),
      commit: (session) => this.end(session, 'commit'),
      rollback: (session) => this.end(session, 'rollback'),
      onOpen: (session) => this.open(session),
      onClose: (session) => this.close(session),
      onCall: (call, session) => {
        this.calls.push(call);
        return this.rule(call, session);
      },
    });
  }

  /** Makes the dictionary in the schema, and listens. */
  static async start(options: StandInOptions): Promise<OracleStandIn> {
    const { database } = options;
    const how = { label: 'stand-in admin', autocommit: true, database };
    const login = {
      instance: rootInstance(database),
      secret: rootSecret(),
      connectTimeoutMs: 10_000,
    };
    const admin = await openConnection(login, how);
    const schema = { database, user: options.user.toUpperCase() };
    for (const statement of dictionaryStatements(schema)) await admin.query(statement);
    const standIn = new OracleStandIn(options, admin);
    await standIn.server.listen();
    return standIn;
  }

  /** Faults are injected as the rule says, until there is another rule. */
  inject(rule: FaultRule): void {
    this.rule = rule;
  }

  /** Sessions in which a statement runs that looks like this. */
  running(pattern: RegExp): Backing[] {
    return [...this.backings.values()].filter(({ running }) => pattern.test(running));
  }

  find(sid: number): Backing | undefined {
    return [...this.backings.values()].find(({ id }) => id === sid);
  }

  nameOf(sid: number): string {
    return this.names.get(sid) ?? `? ${sid},1,@1`;
  }

  /** As ALTER SYSTEM KILL SESSION: no handler of package code runs any more. */
  async kill({ id, session }: Backing): Promise<void> {
    await this.admin.query(`KILL CONNECTION ${id}`).catch(() => undefined);
    await this.server.kill(session);
  }

  async stop(): Promise<void> {
    await this.server.close();
    for (const backing of this.backings.values()) await this.endBacking(backing);
    await this.admin.close();
    const [failure] = this.server.failures;
    if (failure !== undefined) throw failure;
  }

  private async open(session: Session): Promise<void> {
    const { database, user, secret } = this.options;
    const instance = { ...rootInstance(database), user };
    const backing = await Backing.open(session, { instance, secret });
    this.backings.set(session.id, backing);
    this.names.set(backing.id, backing.name);
  }

  private async close({ id }: Session): Promise<void> {
    const backing = this.backings.get(id);
    if (backing !== undefined) await this.endBacking(backing);
    this.backings.delete(id);
  }

  /** What was not committed is rolled back, and the locks are gone, before anybody is told. */
  private async endBacking({ id, connection }: Backing): Promise<void> {
    await connection.rollback().catch(() => undefined);
    await this.admin.query(`KILL CONNECTION ${id}`).catch(() => undefined);
    connection.destroy('its session has ended');
  }

  private backing({ id }: Session): Backing {
    const backing = this.backings.get(id);
    if (backing === undefined) throw { code: 1012, message: 'not logged on' };
    return backing;
  }

  private async end(session: Session, how: 'commit' | 'rollback'): Promise<void> {
    const backing = this.backing(session);
    await backing.connection[how]();
    backing.dirty = false;
  }

  private async execute(request: ExecuteRequest): Promise<ExecuteResult> {
    const backing = this.backing(request.session);
    const { signal, sql } = request;
    backing.running = sql;
    const running = this.run(request, backing);
    const cancel = (): void => void backing.cancelUntil(this.admin, running);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    try {
      return await running;
    } finally {
      signal.removeEventListener('abort', cancel);
      backing.running = '';
    }
  }

  private async run(request: ExecuteRequest, backing: Backing): Promise<ExecuteResult> {
    try {
      const result = await runStatement(request, backing, this);
      if (request.commitOnSuccess || !backing.dirty) await this.end(request.session, 'commit');
      return { ...result, inTransaction: backing.dirty };
    } catch (error) {
      if (sqlErrorOf(error) === null) throw oracleError(error);
      throw oracleError(error, await this.stackOf(request, backing));
    }
  }

  /** Where package code was, as Oracle tells it behind an error. */
  private async stackOf({ kind }: ExecuteRequest, { connection }: Backing): Promise<string[]> {
    if (kind !== 'plsql') return [];
    const rows = await connection
      .query<{ mark: string | null }>('SELECT @dom$at AS mark FROM dual')
      .catch(() => []);
    const [, name, line] = /^(.*):(\d+):(.*)$/.exec(rows[0]?.mark ?? '') ?? [];
    const user = this.options.user.toUpperCase();
    const own = name === undefined ? [] : [`ORA-06512: at "${user}.${name}", line ${line}`];
    return [...own, 'ORA-06512: at line 3'];
  }
}

function rootInstance(database: string): Instance {
  const { hostname, port, username } = new URL(mariadbUrl());
  return {
    name: `stand-in-${randomBytes(3).toString('hex')}`,
    engine: 'mariadb',
    host: hostname,
    port: Number(port),
    database,
    user: decodeURIComponent(username),
    credential: null,
    options: {},
    environments: [],
    labels: {},
    enabled: true,
    maxStreams: 1,
  };
}

function rootSecret(): string {
  return decodeURIComponent(new URL(mariadbUrl()).password);
}
