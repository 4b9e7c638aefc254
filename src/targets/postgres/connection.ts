import { Client, type ClientConfig, type QueryResultRow } from 'pg';
import { isOdtmError, odtmError } from '../../core/errors/catalogue.ts';
import { type ConnectOptions, TargetError } from '../../ports/target.ts';
import { readSslModes } from '../protocol/ssl-modes.ts';
import { type ErrorScene, PERMISSION_DENIED, reasonOf, sqlState, targetError } from './errors.ts';

/** The oldest server that is served. */
export const OLDEST_VERSION_NUM = 130000;

/** Password, pg_hba.conf, no such database, no CONNECT on it: a person must see to it. */
const LOGIN_REFUSALS: ReadonlySet<string | null> = new Set([
  '28P01',
  '28000',
  '3D000',
  PERMISSION_DENIED,
]);

/** A message that the server sent while a statement ran. */
export interface Notice {
  readonly code: string;
  readonly message: string;
}

/** Something that executes statements: a connection, or the one transaction of a preview. */
export interface Querier {
  /** @throws TargetError */
  query<R extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<R[]>;
}

export interface QueryOptions {
  /** Prepares the statement once a session under this name. */
  readonly name?: string;
  readonly scene?: () => ErrorScene;
}

/**
 * A controller that is silent this long in the middle of a transaction sleeps, or is cut off: the server ends
 * the session, whose locks would keep whoever takes the stream over waiting.
 */
const FROZEN_AFTER = '5s';

/** One session on the server. */
export class Connection implements Querier {
  readonly pid: number;
  /** Start time of its process as text: with the pid it names the session for good. */
  readonly backendStart: string;
  readonly serverVersion: string;
  readonly versionNum: number;
  private readonly client: Client;
  private broken: Error | null = null;
  onNotice: ((notice: Notice) => void) | null = null;

  constructor(client: Client, facts: SessionFacts) {
    this.client = client;
    this.pid = facts.pid;
    this.backendStart = facts.backend_start;
    this.serverVersion = facts.version;
    this.versionNum = facts.version_num;
    client.on('error', (error) => {
      this.broken ??= error;
    });
    client.on('notice', ({ code, message }) =>
      this.onNotice?.({ code: code ?? '', message: message ?? '' }),
    );
  }

  async query<R extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<R[]> {
    const { rows } = await this.execute<R>(text, values, options);
    return rows;
  }

  /** As query, with the number of rows that the statement processed; null where it processes none. */
  async execute<R extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<{ rows: R[]; rowCount: number | null }> {
    try {
      if (this.broken !== null) throw this.broken;
      const query = { text, values: [...values], name: options.name };
      const { rows, rowCount } = await this.client.query<R>(query);
      return { rows, rowCount };
    } catch (error) {
      throw targetError(error, options.scene?.());
    }
  }

  /** Work in one transaction; rolled back when it fails. Nothing else may use the connection meanwhile. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN');
    try {
      await this.query(`SET LOCAL idle_in_transaction_session_timeout = '${FROZEN_AFTER}'`);
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      await this.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Breaks the connection: what runs on it is rejected as lost. */
  destroy(reason: string): void {
    this.broken ??= new Error(reason);
    const { connection } = this.client as unknown as {
      connection: { stream: { destroy(e: Error): void } };
    };
    connection.stream.destroy(this.broken);
  }

  /** Says goodbye to the server. Never throws, and waits no longer than a moment. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.destroy('the connection did not close'), 2_000);
    await this.client.end().catch(() => undefined);
    clearTimeout(timer);
  }
}

interface SessionFacts {
  readonly pid: number;
  readonly backend_start: string;
  readonly version: string;
  readonly version_num: number;
}

/** `host:port/database`, for messages. */
export function addressOf({ instance }: ConnectOptions): string {
  return `${instance.host}:${instance.port}/${instance.database}`;
}

/**
 * Opens a session with the settings that ODTM needs.
 * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
 */
export async function openConnection(
  options: ConnectOptions,
  label: string,
  searchPath: string,
): Promise<Connection> {
  const { instance } = options;
  try {
    const connection = await connectWithSsl(options, label, searchPath);
    if (connection.versionNum >= OLDEST_VERSION_NUM) return connection;
    await connection.close();
    throw odtmError('VERSION_UNSUPPORTED', {
      instance: instance.name,
      version: `PostgreSQL ${connection.serverVersion}`,
      oldest: 'PostgreSQL 13',
    });
  } catch (error) {
    if (isOdtmError(error)) throw error;
    const details = {
      instance: instance.name,
      address: addressOf(options),
      reason: reasonOf(error),
    };
    throw LOGIN_REFUSALS.has(sqlState(error))
      ? odtmError('LOGIN_REFUSED', { ...details, role: instance.user }, error)
      : odtmError('TARGET_UNREACHABLE', details, error);
  }
}

/** As openConnection, for a target that has been reached before: being away is a lost connection. */
export async function reopenConnection(
  options: ConnectOptions,
  label: string,
  searchPath: string,
): Promise<Connection> {
  try {
    return await openConnection(options, label, searchPath);
  } catch (error) {
    if (!isOdtmError(error, 'TARGET_UNREACHABLE')) throw error;
    throw new TargetError('lost', targetError(error).failure, error);
  }
}

async function connectWithSsl(
  options: ConnectOptions,
  label: string,
  searchPath: string,
): Promise<Connection> {
  // Every other option of an instance is a setting of the server.
  const { modes, others: settings } = await readSslModes(options.instance.options);
  for (const [index, ssl] of modes.entries()) {
    try {
      return await connectOnce(options, ssl, {
        ...settings,
        ...sessionSettings(label, searchPath),
      });
    } catch (error) {
      const refused = error instanceof Error && /does not support SSL/.test(error.message);
      if (!refused || index === modes.length - 1) throw error;
    }
  }
  throw new Error('no way to connect');
}

async function connectOnce(
  { instance, secret, connectTimeoutMs }: ConnectOptions,
  ssl: ClientConfig['ssl'],
  settings: Readonly<Record<string, string>>,
): Promise<Connection> {
  const client = new Client({
    host: instance.host,
    port: instance.port,
    database: instance.database,
    user: instance.user,
    // As a function, so that an absent password is not taken from the environment of the controller.
    password: () => secret ?? '',
    ssl,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: settings.application_name,
  });
  // The driver reports a connection that breaks while idle as an event; without a listener it would throw.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<SessionFacts>(SESSION_FACTS, [JSON.stringify(settings)]);
    const facts = rows[0];
    if (facts === undefined) throw new Error('the server said nothing about the session');
    return new Connection(client, facts);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Start of a session's process, as a text that does not depend on settings; `a` is pg_stat_activity. */
export const BACKEND_START = 'EXTRACT(epoch FROM a.backend_start)::text';

/** Applies the settings that this version of the server knows, and reads what the session is. */
const SESSION_FACTS = `
  WITH applied AS (
    SELECT pg_catalog.count(pg_catalog.set_config(w.key, w.value, false)) AS n
    FROM pg_catalog.jsonb_each_text($1::jsonb) AS w
    WHERE w.key NOT IN ('client_connection_check_interval', 'idle_session_timeout')
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_settings s WHERE s.name = w.key)
  )
  SELECT pg_catalog.pg_backend_pid() AS pid, ${BACKEND_START} AS backend_start,
    pg_catalog.current_setting('server_version') AS version,
    pg_catalog.current_setting('server_version_num')::integer AS version_num
  FROM applied, pg_catalog.pg_stat_activity a WHERE a.pid = pg_catalog.pg_backend_pid()`;

/**
 * Timeouts that may stand on the role or the database would end long maintenance, so they are off; the
 * server looks after its client, so that a session whose controller died does not work on for nobody.
 */
function sessionSettings(label: string, searchPath: string): Record<string, string> {
  return {
    application_name: label,
    search_path: searchPath,
    client_min_messages: 'notice',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    statement_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    idle_session_timeout: '0',
    tcp_keepalives_idle: '30',
    tcp_keepalives_interval: '10',
    tcp_keepalives_count: '3',
    client_connection_check_interval: '10s',
  };
}
