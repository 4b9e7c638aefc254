import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { postgresEngine } from '../../../src/targets/postgres/engine.ts';
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

/** A target database with money in it. */
export class Bank {
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
  static async create(request: BankRequest): Promise<Bank> {
    const { login, serverUrl, name, proxied } = request;
    const database = `${name}_${randomBytes(5).toString('hex')}`;
    await withClient(serverUrl, async (client) => {
      const owner = escapeIdentifier(login.owner);
      await client.query(`CREATE ROLE ${owner} NOLOGIN`).catch(unlessThere);
      await client.query(`CREATE DATABASE ${escapeIdentifier(database)} TEMPLATE template0`);
    });
    const proxy = proxied ? await CutProxy.to(serverUrl) : null;
    const bank = new Bank(request, database, proxy);
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

  /** `host:port/database`, as ODTM gets it. */
  get address(): string {
    const { hostname, port } = new URL(this.url);
    const actual = this.connectedThrough?.port ?? port;
    return `${hostname}:${actual}/${this.database}`;
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
    await waitFor(async () => (await this.waiting()).length > 0, { timeoutMs: 40_000 });
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
