import { readFile } from 'node:fs/promises';
import { isOdtmError, odtmError } from '../../core/errors/catalogue.ts';
import { type ConnectOptions, TargetError } from '../../ports/target.ts';
import type { OpenOptions } from '../plsql/engine-parts.ts';
import type { ErrorScene } from '../plsql/error-scene.ts';
import { readEvents } from '../plsql/monitor.ts';
import type { Bind, BlockAnswer, PlsqlConnection, UnitBlock } from '../plsql/querier.ts';
import { connectPlan } from './connect-string.ts';
import { cut, type DriverConnection, type DriverResult, driver, type OutBind } from './driver.ts';
import { isLoginRefused, isStateDiscarded, reasonOf, targetError } from './errors.ts';
import { trustSystemCertificates } from './system-certificates.ts';
import { callUnit } from './unit-call.ts';

/** The oldest server that is served. */
const OLDEST_MAJOR = 19;

const ROWS_AT_ONCE = 200;
const STATEMENTS_CACHED = 60;
const MODULE_LENGTH = 48;
const CLOSE_WITHIN_MS = 2_000;
/** A call that a break does not end in this time: the server does not answer any more. */
const CANCEL_WITHIN_MS = 15_000;

/** What names the session on the server for good, as dom$run.enter writes it: its unique id, sid, serial#. */
const IDENTIFY = `DECLARE
  v_serial VARCHAR2(40);
BEGIN
  BEGIN
    EXECUTE IMMEDIATE 'BEGIN :1 := dbms_debug_jdwp.current_session_serial; END;' USING OUT v_serial;
  EXCEPTION
    WHEN OTHERS THEN
      v_serial := '?';
  END;
  :out_session := dbms_session.unique_session_id || ' ' || SYS_CONTEXT('USERENV', 'SID') || ',' || v_serial
    || ',@' || SYS_CONTEXT('USERENV', 'INSTANCE');
END;`;

/** One session on the server. */
export class Connection implements PlsqlConnection {
  readonly serverVersion: string;
  readonly user: string;
  private readonly client: DriverConnection;
  private readonly autocommit: boolean;
  private session = '';
  private sessionNo = 0;
  private unitsRun = 0;
  private broken: Error | null = null;
  /** What waits for the server, to be told when the connection is given up. */
  private readonly waiting = new Set<(reason: Error) => void>();
  private cancelAskedMs: number | null = null;
  private cancelTimer: NodeJS.Timeout | undefined;

  constructor(client: DriverConnection, user: string, autocommit: boolean) {
    this.client = client;
    this.user = user;
    this.autocommit = autocommit;
    this.serverVersion = `Oracle ${client.oracleServerVersionString}`;
  }

  get serverSession(): string {
    return this.session;
  }

  async query<R extends object>(text: string, values: readonly Bind[] = []): Promise<R[]> {
    const { rows = [], metaData = [] } = await this.send(text, values);
    const names = metaData.map(({ name }) => name.toLowerCase());
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])) as R);
  }

  async execute(text: string, values: readonly Bind[] = []): Promise<number> {
    return (await this.sendAnew(text, values)).rowsAffected ?? 0;
  }

  /** Creates something; whether it is valid. */
  async create(text: string): Promise<boolean> {
    return (await this.send(text, [])).warning === undefined;
  }

  /** Executes a block whose places are its values and, behind them, those of the texts that it gives back. */
  async ask(text: string, values: readonly Bind[], maxSizes: readonly number[]): Promise<string[]> {
    const { BIND_OUT: dir, STRING: type } = driver();
    const outs = maxSizes.map((maxSize): OutBind => ({ dir, type, maxSize }));
    const { outBinds = [] } = await this.sendAnew(text, [...values, ...outs]);
    return outBinds.map((value) => (value === null ? '' : String(value)));
  }

  commit(): Promise<void> {
    return this.call(() => this.client.commit());
  }

  rollback(): Promise<void> {
    return this.call(() => this.client.rollback());
  }

  async runUnit(
    block: UnitBlock,
    afterEvent: number,
    scene: () => ErrorScene,
  ): Promise<BlockAnswer> {
    const execute = (text: string, binds: readonly unknown[]): Promise<DriverResult> =>
      this.send(text, binds, scene);
    const { answer, events } = await callUnit(execute, block, afterEvent).catch((error) => {
      throw this.withFreshSession(error);
    });
    this.unitsRun += 1;
    return { answer, events: events ?? (await readEvents(this, this.sessionNo, afterEvent)) };
  }

  /**
   * A package that was compiled anew has lost what it kept in this session, and the framework may be among
   * them: the session is given up for a fresh one. Where that meets the same, it is an error like any other.
   */
  private withFreshSession(error: unknown): unknown {
    if (!(error instanceof TargetError) || !isStateDiscarded(error) || this.unitsRun === 0)
      return error;
    return new TargetError('lost', error.failure, error.cause);
  }

  /** Makes the session one of the stream's; resolves with its number. */
  async enter(handle: string, attempt: number): Promise<number> {
    const block = 'BEGIN dom$run.enter(:1, :2, :out_session_no); END;';
    const [sessionNo] = await this.ask(block, [handle, attempt], [40]);
    this.sessionNo = Number(sessionNo);
    return this.sessionNo;
  }

  /** Reads what names the session on the server. */
  async identify(): Promise<void> {
    [this.session = ''] = await this.ask(IDENTIFY, [], [200]);
  }

  /**
   * Asks the server to break off what runs. Resolves with how long that has been asked for by now; a server
   * that does not answer it at all has lost us.
   */
  async cancel(withinMs = CANCEL_WITHIN_MS): Promise<number> {
    if (this.waiting.size === 0) return 0;
    const nowMs = performance.now();
    if (this.cancelAskedMs === null) {
      this.cancelAskedMs = nowMs;
      const reason = `the server has not ended a cancelled call for ${withinMs / 1000} s`;
      this.cancelTimer = setTimeout(() => this.destroy(reason), withinMs);
      this.cancelTimer.unref();
    }
    const sinceMs = nowMs - this.cancelAskedMs;
    await this.client.break().catch(() => undefined);
    return sinceMs;
  }

  /** Breaks the connection: what runs on it is rejected as lost. */
  destroy(reason: string): void {
    const error = new Error(reason);
    this.broken ??= error;
    for (const reject of this.waiting) reject(this.broken);
    cut(this.client, error);
  }

  /** Says goodbye to the server. Never throws, and waits no longer than a moment. */
  async close(): Promise<void> {
    if (this.broken !== null) {
      // A session that nobody says goodbye to must not keep its locks until the server notices.
      cut(this.client, this.broken);
      return;
    }
    const timer = setTimeout(() => this.destroy('the connection did not close'), CLOSE_WITHIN_MS);
    await this.guarded(this.client.close()).catch(() => undefined);
    clearTimeout(timer);
    this.broken ??= new Error('the connection is closed');
  }

  /**
   * Outside of units the framework keeps nothing in a session: a call that finds it compiled anew has had no
   * effect, and is made once more.
   */
  private async sendAnew(text: string, binds: readonly unknown[]): Promise<DriverResult> {
    try {
      return await this.send(text, binds);
    } catch (error) {
      if (!isStateDiscarded(error)) throw error;
      return this.send(text, binds);
    }
  }

  private send(
    text: string,
    binds: readonly unknown[],
    scene: () => ErrorScene = () => ({}),
  ): Promise<DriverResult> {
    const options = executeOptions(this.autocommit);
    return this.call(() => this.client.execute(text, binds, options), scene);
  }

  private async call<T>(work: () => Promise<T>, scene: () => ErrorScene = () => ({})): Promise<T> {
    try {
      if (this.broken !== null) throw this.broken;
      return await this.guarded(work());
    } catch (error) {
      const failed = targetError(this.broken ?? error, scene());
      if (failed.kind === 'lost') this.broken ??= failed;
      throw failed;
    } finally {
      clearTimeout(this.cancelTimer);
      this.cancelAskedMs = null;
    }
  }

  /** What the driver waits for ends when the connection is given up, whether the driver notices or not. */
  private guarded<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      work.then(resolve, reject).finally(() => this.waiting.delete(reject));
    });
  }
}

function executeOptions(autoCommit: boolean): object {
  const { OUT_FORMAT_ARRAY, DB_TYPE_CLOB, DB_TYPE_LONG, STRING } = driver();
  return {
    autoCommit,
    outFormat: OUT_FORMAT_ARRAY,
    maxRows: 0,
    fetchArraySize: ROWS_AT_ONCE,
    prefetchRows: ROWS_AT_ONCE,
    fetchTypeHandler: ({ dbType }: { readonly dbType: unknown }) =>
      dbType === DB_TYPE_CLOB || dbType === DB_TYPE_LONG ? { type: STRING } : undefined,
  };
}

/** `host:port/database`, for messages. */
export function addressOf({ instance }: ConnectOptions): string {
  return `${instance.host}:${instance.port}/${instance.database}`;
}

/**
 * Opens a session.
 * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
 */
export async function openConnection(
  options: ConnectOptions,
  how: OpenOptions,
): Promise<Connection> {
  const { name: instance, user: role } = options.instance;
  try {
    const connection = await connectOnce(options, how);
    if (isServed(connection.serverVersion)) return connection;
    await connection.close();
    const { serverVersion: version } = connection;
    throw odtmError('VERSION_UNSUPPORTED', {
      instance,
      version,
      oldest: `Oracle ${OLDEST_MAJOR}c`,
    });
  } catch (error) {
    if (isOdtmError(error)) throw error;
    const reason = `${reasonOf(error)}${certificateHint(options, error)}`;
    const details = { instance, address: addressOf(options), reason };
    throw isLoginRefused(error)
      ? odtmError('LOGIN_REFUSED', { ...details, role }, error)
      : odtmError('TARGET_UNREACHABLE', details, error);
  }
}

/** How it looks when a server does not accept the client's certificate: by an alert, or it just hangs up. */
const HUNG_UP = /\bNJS-(?:500|501|521)\b|\bNJS-506\b[\s\S]*(?:\balert\b|\bdisconnected before\b)/;

function certificateHint({ instance: { options } }: ConnectOptions, error: unknown): string {
  const overTls = options.protocol === 'tcps' || /tcps/i.test(options.connect_string ?? '');
  if (!overTls || !HUNG_UP.test(reasonOf(error))) return '';
  return ' (over TLS: the server may ask for a certificate, or not accept the one in the wallet)';
}

/** As openConnection, for a target that has been reached before: being away is a lost connection. */
export async function reopenConnection(
  options: ConnectOptions,
  how: OpenOptions,
): Promise<Connection> {
  try {
    return await openConnection(options, how);
  } catch (error) {
    if (!isOdtmError(error, 'TARGET_UNREACHABLE')) throw error;
    throw new TargetError('lost', targetError(error).failure, error);
  }
}

function isServed(version: string): boolean {
  return Number(/\d+/.exec(version)?.[0] ?? 0) >= OLDEST_MAJOR;
}

async function connectOnce(options: ConnectOptions, how: OpenOptions): Promise<Connection> {
  const client = await logOn(options);
  client.module = how.label.slice(0, MODULE_LENGTH);
  client.clientInfo = how.label;
  const connection = new Connection(client, options.instance.user, how.autocommit);
  try {
    await connection.identify();
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The driver has no limit for the logon itself: a server that accepts and says nothing is given up. */
async function logOn({
  instance,
  secret,
  connectTimeoutMs,
}: ConnectOptions): Promise<DriverConnection> {
  const { attributes, walletKeyFile } = connectPlan(instance);
  const { protocol, wallet, connect_string: place } = instance.options;
  if (wallet === undefined && (protocol === 'tcps' || place !== undefined))
    trustSystemCertificates();
  const seconds = Math.max(1, Math.ceil(connectTimeoutMs / 1000));
  const connecting = driver().getConnection({
    ...attributes,
    password: secret ?? '',
    stmtCacheSize: STATEMENTS_CACHED,
    connectTimeout: seconds,
    transportConnectTimeout: seconds,
    ...(walletKeyFile === null
      ? {}
      : { walletPassword: (await readFile(walletKeyFile, 'utf8')).trim() }),
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`the server did not let us in within ${connectTimeoutMs / 1000} s`));
    // Whoever is let in after all finds nobody waiting, and goes.
    connecting.then((client) => client.close()).catch(() => undefined);
  }, connectTimeoutMs);
  try {
    return await Promise.race([connecting, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
