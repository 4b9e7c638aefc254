import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Engine } from '../../../src/core/engine.ts';
import { postgresEngine } from '../../../src/targets/postgres/engine.ts';
import { superuserUrl } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { CutProxy } from './cut-proxy.ts';

/** Roles belong to the whole server, so every world has its own. */
export interface BankLogin {
  readonly user: string;
  readonly password: string;
  readonly owner: string;
}

export function newLogin(): BankLogin {
  const suffix = randomBytes(5).toString('hex');
  const password = randomBytes(12).toString('hex');
  return { user: `odtm_${suffix}`, owner: `bank_owner_${suffix}`, password };
}

export interface BankRequest {
  readonly name: string;
  /** The superuser's URL to the server. */
  readonly serverUrl: string;
  readonly login: BankLogin;
  /** Whether ODTM comes through a proxy. */
  readonly proxied: boolean;
}

/** A target database with money in it, on any engine. */
export interface Bank {
  readonly name: string;
  readonly proxy: CutProxy;
  /** Its engine and address, as its instance has them. */
  readonly place: { readonly engine: Engine; readonly address: string };
  /** Holds every unit that comes to a gate of the package until the returned function is called. */
  hold(gate: string): Promise<() => Promise<void>>;
  /** Waits until a unit has come to a gate that is held. */
  unitWaits(): Promise<void>;
  /** Every row of every table that the operation touches. */
  contents(): Promise<unknown>;
  /** How many rows of the framework are left. */
  rowsLeft(): Promise<number>;
  /** What the sessions of ODTM do now. */
  sessions(): Promise<unknown>;
  /** The text with what differs from one bank to another of the same name taken out. */
  withoutOwnNames(text: string): string;
  drop(): Promise<void>;
}

/** What a world needs of the engine of its banks. */
export interface BankEngine<B extends Bank> {
  serverUrl(): string;
  create(request: BankRequest): Promise<B>;
  /** Adapts the files of the project to the banks. */
  adapt(folder: string, banks: readonly B[]): Promise<void>;
  /** Removes the users of databases that are gone. */
  dropLogin(serverUrl: string, login: BankLogin): Promise<void>;
}

/** A bank on PostgreSQL. */
export class PostgresBank implements Bank {
  readonly name: string;
  readonly database: string;
  readonly login: BankLogin;
  /** The superuser's URL to the database, past the proxy. */
  readonly url: string;
  private readonly connectedThrough: CutProxy | null;

  private constructor(request: BankRequest, database: string, proxy: CutProxy | null) {
    this.name = request.name;
    this.login = request.login;
    this.database = database;
    this.url = urlTo(request.serverUrl, database);
    this.connectedThrough = proxy;
  }

  /** Makes the database, runs what `odtm client-script` prints, and gives its role a password. */
  static async create(request: BankRequest): Promise<PostgresBank> {
    const { login, serverUrl, name, proxied } = request;
    const database = `${name}_${randomBytes(5).toString('hex')}`;
    await withClient(serverUrl, async (client) => {
      const owner = escapeIdentifier(login.owner);
      await client.query(`CREATE ROLE ${owner} NOLOGIN`).catch(unlessThere);
      await client.query(`CREATE DATABASE ${escapeIdentifier(database)} TEMPLATE template0`);
    });
    const proxy = proxied ? await CutProxy.to(serverUrl) : null;
    const bank = new PostgresBank(request, database, proxy);
    const setUp = await readFile(new URL('torture/bank.sql', import.meta.url), 'utf8');
    const options = { user: login.user, database, packages: null, owners: [login.owner] };
    await withClient(bank.url, async (client) => {
      await client.query(setUp.replaceAll('bank_owner', escapeIdentifier(login.owner)));
      await client.query(postgresEngine.clientScript(options));
      const role = escapeIdentifier(login.user);
      await client.query(`ALTER ROLE ${role} PASSWORD ${escapeLiteral(login.password)}`);
    });
    return bank;
  }

  get proxy(): CutProxy {
    if (this.connectedThrough === null) throw new Error(`${this.name} has no proxy`);
    return this.connectedThrough;
  }

  get place(): Bank['place'] {
    const { hostname, port } = new URL(this.url);
    const actual = this.connectedThrough?.port ?? port;
    return { engine: 'postgres', address: `${hostname}:${actual}/${this.database}` };
  }

  sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return withClient(this.url, async (client) => (await client.query(text, values)).rows as Row[]);
  }

  /**
   * Holds every unit that comes to a gate of the package until the returned function is called. One that
   * has passed before is not affected.
   */
  hold(gate: string): Promise<() => Promise<void>> {
    return this.lock(`torture ${gate}`);
  }

  /** Takes an advisory lock until the returned function is called. */
  async lock(name: string): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
    return async () => {
      await client.end();
    };
  }

  /** Waits until a unit has come to a gate that is held. */
  async unitWaits(): Promise<void> {
    await waitFor(async () => (await this.waiting()).length > 0, { timeoutMs: 90_000 });
  }

  /** Backends of ODTM that wait at a gate. */
  async waiting(): Promise<number[]> {
    const rows = await this.sql<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND usename = $2
          AND wait_event_type = 'Lock' AND wait_event = 'advisory'`,
      [this.database, this.login.user],
    );
    return rows.map(({ pid }) => pid);
  }

  async contents(): Promise<unknown> {
    const seals = await this.sql<{ name: string }>(
      `SELECT format('torture.%I', relname) AS name FROM pg_class
        WHERE relnamespace = to_regnamespace('torture') AND relkind = 'r'
          AND relname LIKE 'seal%' ORDER BY 1`,
    );
    const totals = seals.map(({ name }) => `SELECT '${name}' AS seal, total FROM ${name}`);
    const sealed = totals.length === 0 ? `SELECT 'none' AS seal` : totals.join(' UNION ALL ');
    const [row] = await this.sql<{ contents: unknown }>(
      `SELECT jsonb_build_object(
         'account', (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM bank.account t),
         'saving', (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM bank.saving t),
         'ledger', (SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)) FROM bank.ledger t),
         'side', (SELECT jsonb_agg(to_jsonb(t) ORDER BY name) FROM bank.side t),
         'switch', (SELECT jsonb_agg(to_jsonb(t)) FROM bank.switch t),
         'round', (SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)) FROM torture.round t),
         'seals', (SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)) FROM (${sealed}) t),
         'indexes', (SELECT jsonb_agg(jsonb_build_array(indexrelid::regclass, indisvalid) ORDER BY indexrelid)
                       FROM pg_index WHERE indrelid = 'bank.ledger'::regclass)) AS contents`,
    );
    return row?.contents;
  }

  async rowsLeft(): Promise<number> {
    const [row] = await this.sql<{ rows: number }>(
      `SELECT ((SELECT count(*) FROM dom.dom$unit) + (SELECT count(*) FROM dom.dom$statement)
             + (SELECT count(*) FROM dom.dom$chunk) + (SELECT count(*) FROM dom.dom$parameter)
             + (SELECT count(*) FROM dom.dom$stream))::integer AS rows`,
    );
    return row?.rows ?? Number.NaN;
  }

  sessions(): Promise<unknown> {
    return this.sql(
      `SELECT pid, application_name, state, wait_event, left(query, 90) AS query
       FROM pg_stat_activity WHERE usename = $1`,
      [this.login.user],
    );
  }

  withoutOwnNames(text: string): string {
    return text;
  }

  async drop(): Promise<void> {
    await this.connectedThrough?.close();
    const server = urlTo(this.url, 'postgres');
    await withClient(server, async (client) => {
      await client.query(`DROP DATABASE ${escapeIdentifier(this.database)} WITH (FORCE)`);
    });
  }
}

/** Removes the roles of databases that are gone. */
export async function dropLogin(serverUrl: string, { user, owner }: BankLogin): Promise<void> {
  await withClient(serverUrl, async (client) => {
    for (const role of [user, owner])
      await client.query(`DROP ROLE IF EXISTS ${escapeIdentifier(role)}`);
  });
}

/** Banks on PostgreSQL, for which the project is written. */
export const onPostgres: BankEngine<PostgresBank> = {
  serverUrl: superuserUrl,
  create: (request) => PostgresBank.create(request),
  adapt: async () => {},
  dropLogin,
};

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server and login, another database. */
export function urlTo(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

function unlessThere(error: Error & { readonly code?: string }): void {
  if (error.code !== '42710') throw error;
}
