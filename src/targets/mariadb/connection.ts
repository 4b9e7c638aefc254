import { connect, type Socket } from 'node:net';
import { type Connection as Client, type ConnectionConfig, createConnection } from 'mariadb';
import { isOdtmError, odtmError } from '../../core/errors/catalogue.ts';
import { type ConnectOptions, TargetError } from '../../ports/target.ts';
import type { OpenOptions } from '../plsql/engine-parts.ts';
import type { ErrorScene } from '../plsql/error-scene.ts';
import type {
  Bind,
  BlockAnswer,
  LogEvent,
  PlsqlConnection,
  UnitAnswer,
  UnitBlock,
} from '../plsql/querier.ts';
import { errno, isLoginRefused, isWithoutSsl, reasonOf, targetError } from './errors.ts';
import { quoteIdentifier } from './quoting.ts';
import { type ReadOptions, readSsl } from './ssl.ts';
import { isServed, OLDEST_VERSION } from './version.ts';

/** The session settings without which PL/SQL means something else than on Oracle. */
const SQL_MODE = [
  'ORACLE',
  'STRICT_ALL_TABLES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'EMPTY_STRING_IS_NULL',
  'NO_ENGINE_SUBSTITUTION',
].join(',');

const NEVER_SECONDS = 31_536_000;

/**
 * What would otherwise come from the server's configuration, and with it another result: rows that are left
 * out, tables that no rollback reaches, checks that are off, a COMMIT that goes on or ends the session.
 */
const PINNED = [
  `SESSION sql_mode = '${SQL_MODE}'`,
  'SESSION sql_notes = 0',
  'SESSION max_error_count = 64',
  'SESSION max_sp_recursion_depth = 50',
  'SESSION max_recursive_iterations = 4294967295',
  'SESSION group_concat_max_len = 1048576',
  'SESSION max_sort_length = 1024',
  'SESSION sql_select_limit = 18446744073709551615',
  'SESSION sql_big_selects = 1',
  'SESSION sql_safe_updates = 0',
  'SESSION sql_auto_is_null = 0',
  'SESSION sql_if_exists = 0',
  'SESSION sql_quote_show_create = 1',
  'SESSION completion_type = 0',
  'SESSION default_storage_engine = InnoDB',
  'SESSION default_tmp_storage_engine = InnoDB',
  'SESSION foreign_key_checks = 1',
  'SESSION unique_checks = 1',
  'SESSION check_constraint_checks = 1',
  // More would take digits before the point from numbers of 38 digits: a DECIMAL has 65 in all.
  'SESSION div_precision_increment = 27',
  `SESSION old_mode = 'UTF8_IS_UTF8MB3'`,
  'SESSION default_regex_flags = 0',
  'SESSION default_week_format = 0',
  `SESSION lc_time_names = 'en_US'`,
  `SESSION lc_messages = 'en_US'`,
];

/** Timeouts that may stand on the server would end long maintenance, so they are off. */
const TIMEOUTS = [
  `SESSION innodb_lock_wait_timeout = ${NEVER_SECONDS}`,
  `SESSION wait_timeout = ${NEVER_SECONDS}`,
  'SESSION max_statement_time = 0',
  'SESSION idle_transaction_timeout = 0',
  'SESSION idle_readonly_transaction_timeout = 0',
  'SESSION idle_write_transaction_timeout = 0',
];

/** One session on the server. */
export class Connection implements PlsqlConnection {
  readonly serverSession: string;
  readonly serverVersion: string;
  private readonly client: Client;
  private readonly socket: Socket;
  private worksIn: string;
  private broken: Error | null = null;
  /** What rejects the calls of the driver that are under way. */
  private readonly underWay = new Set<(error: Error) => void>();

  constructor({ client, socket }: OpenClient, serverVersion: string, database: string) {
    this.client = client;
    this.socket = socket;
    this.serverVersion = serverVersion;
    this.worksIn = database;
    this.serverSession = String(client.threadId);
    client.on('error', (error) => {
      this.broken ??= error;
    });
  }

  async query<R extends object>(text: string, values: readonly Bind[] = []): Promise<R[]> {
    const result = await this.send(text, values);
    return Array.isArray(result) ? (result as R[]) : [];
  }

  async execute(text: string, values: readonly Bind[] = []): Promise<number> {
    const result = await this.send(text, values);
    return (result as { affectedRows?: number }).affectedRows ?? 0;
  }

  /** The database that it works in; empty: none. */
  get database(): string {
    return this.worksIn;
  }

  /** Works in another database from now on. */
  async use(database: string): Promise<void> {
    await this.send(`USE ${quoteIdentifier(database)}`, []);
    this.worksIn = database;
  }

  async commit(): Promise<void> {
    await this.send('COMMIT', []);
  }

  async rollback(): Promise<void> {
    await this.send('ROLLBACK', []);
  }

  async runUnit(
    { text, values }: UnitBlock,
    afterEvent: number,
    scene: () => ErrorScene,
  ): Promise<BlockAnswer> {
    const all = [...values, afterEvent];
    const whole = `${text} dom$run.send_answer(:${all.length}); END;`;
    const result = await this.send(whole, all, scene);
    // What package code selects without reading it comes as results of its own before the answer.
    const sets = (result as unknown[]).filter((set) => Array.isArray(set)) as object[][];
    const at = sets.findLastIndex(([row]) => row !== undefined && 'statements' in row);
    const [answer] = (sets[at] ?? []) as UnitAnswer[];
    const events = (sets[at + 1] ?? []) as LogEvent[];
    if (answer === undefined) throw new Error('the block of a unit gave no answer');
    return { answer, events };
  }

  /** Breaks the connection: what runs on it is rejected as lost. */
  destroy(reason: string): void {
    this.broken ??= new Error(reason);
    for (const reject of this.underWay) reject(this.broken);
    // The driver's own way would open another connection for a KILL, and lose track of its failure.
    this.socket.destroy(this.broken);
  }

  /** Says goodbye to the server. Never throws, and waits no longer than a moment. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.destroy('the connection did not close'), 2_000);
    await this.unlessBroken(this.client.end()).catch(() => undefined);
    clearTimeout(timer);
  }

  /** Ends with what the driver says, or when the connection is broken: then the driver may never answer. */
  private unlessBroken<T>(call: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.underWay.add(reject);
      call.then(resolve, reject).finally(() => this.underWay.delete(reject));
    });
  }

  /** Statements with values are prepared, and kept prepared; others are sent as text. */
  private async send(
    text: string,
    values: readonly Bind[],
    scene: () => ErrorScene = () => ({}),
  ): Promise<unknown> {
    try {
      if (this.broken !== null) throw this.broken;
      const sent =
        values.length === 0 ? this.client.query(text) : this.client.execute(text, [...values]);
      return await this.unlessBroken(sent);
    } catch (error) {
      throw targetError(this.broken ?? error, scene());
    }
  }
}

/** `host:port/database`, for messages. */
export function addressOf({ instance }: ConnectOptions): string {
  return `${instance.host}:${instance.port}/${instance.database}`;
}

/** Which database a session works in; null: none. */
export interface OpenIn extends OpenOptions {
  readonly database: string | null;
}

/**
 * Opens a session with the settings that ODTM needs.
 * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
 */
export async function openConnection(options: ConnectOptions, how: OpenIn): Promise<Connection> {
  const { instance } = options;
  try {
    const connection = await connectWithSsl(options, how);
    if (isServed(connection.serverVersion)) return connection;
    await connection.close();
    throw odtmError('VERSION_UNSUPPORTED', {
      instance: instance.name,
      version: connection.serverVersion,
      oldest: `MariaDB ${OLDEST_VERSION.join('.')}`,
    });
  } catch (error) {
    if (isOdtmError(error)) throw error;
    const details = {
      instance: instance.name,
      address: addressOf(options),
      reason: reasonOf(error),
    };
    throw isLoginRefused(error)
      ? odtmError('LOGIN_REFUSED', { ...details, role: instance.user }, error)
      : odtmError('TARGET_UNREACHABLE', details, error);
  }
}

/** As openConnection, for a target that has been reached before: being away is a lost connection. */
export async function reopenConnection(options: ConnectOptions, how: OpenIn): Promise<Connection> {
  try {
    return await openConnection(options, how);
  } catch (error) {
    if (!isOdtmError(error, 'TARGET_UNREACHABLE')) throw error;
    throw new TargetError('lost', targetError(error).failure, error);
  }
}

async function connectWithSsl(options: ConnectOptions, how: OpenIn): Promise<Connection> {
  const { modes, settings } = await readSsl(options.instance.options);
  for (const [index, ssl] of modes.entries()) {
    try {
      return await connectOnce(options, how, ssl, settings);
    } catch (error) {
      if (!isWithoutSsl(error) || index === modes.length - 1) throw error;
    }
  }
  throw new Error('no way to connect');
}

/** A client of the driver with the socket below it. */
interface OpenClient {
  readonly client: Client;
  readonly socket: Socket;
}

/** Opens the socket ourselves: only so can a connection be broken without asking the driver. */
async function openClient(config: ConnectionConfig): Promise<OpenClient> {
  const { host = '', port = 0 } = config;
  let socket: Socket | null = null;
  const client = await createConnection({
    ...config,
    stream: (ready) => {
      socket = connect(port, host);
      socket.setNoDelay(true);
      ready(undefined, socket);
    },
  });
  if (socket === null) throw new Error('the driver has opened no socket');
  return { client, socket };
}

async function connectOnce(
  { instance, secret, connectTimeoutMs }: ConnectOptions,
  { label, autocommit, database }: OpenIn,
  ssl: ReadOptions['modes'][number],
  settings: ReadOptions['settings'],
): Promise<Connection> {
  const config: ConnectionConfig = {
    host: instance.host,
    port: instance.port,
    user: instance.user,
    password: secret ?? '',
    // The driver hands every option of Node's TLS on, though its types name a few only.
    ssl: ssl as NonNullable<ConnectionConfig['ssl']>,
    connectTimeout: connectTimeoutMs,
    keepAliveDelay: 10_000,
    bigIntAsNumber: true,
    decimalAsNumber: true,
    insertIdAsNumber: true,
    // The texts of package code may be longer than the driver's own caution.
    maxAllowedPacket: 64 * 1024 * 1024,
    logParam: false,
    connectAttributes: { program_name: label },
    ...(database === null ? {} : { database }),
  };
  const opened = await openClient(config);
  const { client } = opened;
  try {
    await client.query(settingsStatement(autocommit, settings));
    await client.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE');
    const rows: { version: string }[] = await client.query('SELECT VERSION() AS version FROM dual');
    return new Connection(opened, rows[0]?.version ?? '', database ?? '');
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** The options of the instance have the last word. */
function settingsStatement(autocommit: boolean, settings: ReadOptions['settings']): string {
  const own = Object.entries(settings).map(
    ([name, value]) => `SESSION ${settingName(name)} = ${value}`,
  );
  return `SET ${[
    'NAMES utf8mb4 COLLATE utf8mb4_nopad_bin',
    `SESSION autocommit = ${autocommit ? 1 : 0}`,
    ...PINNED,
    ...TIMEOUTS,
    ...own,
  ].join(', ')}`;
}

function settingName(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/i.test(name)) return name;
  throw new Error(`option "${name}" is no name of a session variable`);
}

/** Whether a statement failed with one of these numbers. */
export function failedWith(error: unknown, ...numbers: readonly number[]): boolean {
  return numbers.includes(errno(error) ?? 0);
}
