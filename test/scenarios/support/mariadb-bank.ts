import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mariadb';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';
import { runScript } from '../../conformance/target/mariadb-fixture.ts';
import { connectTo, mariadbUrl } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Bank, BankEngine, BankLogin, BankRequest } from './bank.ts';
import { CutProxy } from './cut-proxy.ts';

const COLLATION = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin';

/** A bank on MariaDB: a schema with the money, and beside it the one of ODTM. */
export class MariadbBank implements Bank {
  readonly name: string;
  readonly login: BankLogin;
  /** The schema with the money; it belongs to the objects' names. */
  readonly owner: string;
  /** The schema of ODTM. */
  readonly database: string;
  private readonly serverUrl: string;
  private readonly connectedThrough: CutProxy | null;
  /** Gates that are held, and by whom. */
  private readonly holders = new Map<string, Connection>();

  private constructor(request: BankRequest, proxy: CutProxy | null) {
    const suffix = randomBytes(5).toString('hex');
    this.name = request.name;
    this.login = request.login;
    this.serverUrl = request.serverUrl;
    this.owner = `${request.name}_${suffix}`;
    this.database = `odtm_${this.owner}`;
    this.connectedThrough = proxy;
  }

  static async create(request: BankRequest): Promise<MariadbBank> {
    const proxy = request.proxied ? await CutProxy.to(request.serverUrl) : null;
    const bank = new MariadbBank(request, proxy);
    const { user, password } = bank.login;
    const { database, owner } = bank;
    const tables = await readFile(new URL('torture/mariadb-bank.sql', import.meta.url), 'utf8');
    const options = { user, database, packages: null, owners: [owner] };
    await bank.asRoot(async (root) => {
      await root.query(`CREATE DATABASE ${owner} ${COLLATION}`);
      await root.query(`USE ${owner}`);
      await runScript(root, tables);
      await runScript(root, mariadbEngine.clientScript(options));
      await root.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}' ACCOUNT UNLOCK`);
      await root.query(`USE ${database}`);
      await runScript(root, SWAPPED);
    });
    return bank;
  }

  get proxy(): CutProxy {
    if (this.connectedThrough === null) throw new Error(`${this.name} has no proxy`);
    return this.connectedThrough;
  }

  get place(): Bank['place'] {
    const { hostname, port } = new URL(this.serverUrl);
    const actual = this.connectedThrough?.port ?? port;
    return { engine: 'mariadb', address: `${hostname}:${actual}/${this.database}` };
  }

  /** Executes a statement as root, in the schema with the money. */
  sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.asRoot(async (root) => {
      await root.query(`USE ${this.owner}`);
      return root.query<Row[]>(text, values);
    });
  }

  async hold(gate: string): Promise<() => Promise<void>> {
    await this.sql('INSERT IGNORE INTO gate VALUES (?)', [gate]);
    const holder = await connectTo(this.serverUrl);
    holder.on('error', () => undefined);
    this.holders.set(gate, holder);
    await holder.query('START TRANSACTION');
    await holder.query(`SELECT * FROM ${this.owner}.gate WHERE name = ? FOR UPDATE`, [gate]);
    return async () => {
      this.holders.delete(gate);
      await holder.end().catch(() => undefined);
    };
  }

  async unitWaits(): Promise<void> {
    await waitFor(async () => (await this.waiting()).length > 0, { timeoutMs: 90_000 });
  }

  /** Sessions of ODTM at a gate that is held: who executes its statement waits in it. */
  async waiting(): Promise<number[]> {
    const rows: { id: number; info: string | null }[] = await this.sql(
      'SELECT id, info FROM information_schema.processlist WHERE db = ?',
      [this.database],
    );
    const statements = [...this.holders.keys()].map(
      (gate) => `name = '${gate}' LOCK IN SHARE MODE`,
    );
    return rows
      .filter(({ info }) => statements.some((statement) => info?.includes(statement)))
      .map(({ id }) => id);
  }

  /** Ends sessions as a DBA does. */
  async kill(ids: readonly number[]): Promise<void> {
    for (const id of ids) await this.sql(`KILL ${id}`);
  }

  async contents(): Promise<unknown> {
    const { database } = this;
    const seals = await this.sql<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = ? AND table_name LIKE 'seal%' ORDER BY 1`,
      [this.owner],
    );
    const all: Record<string, unknown> = {};
    for (const table of ['account', 'saving', 'ledger', 'side', 'switch'])
      all[table] = (await this.sql(`SELECT * FROM ${table}`)).map(asText).sort();
    for (const { name } of seals) all[name] = await this.sql(`SELECT * FROM ${name}`);
    all.rounds = (await this.sql(`SELECT * FROM ${database}.rounds`)).map(asText).sort();
    all.swapped = await this.sql(`SELECT * FROM ${database}.swapped PARTITION (p_swap)`);
    all.spare = await this.sql(`SELECT * FROM ${database}.spare`);
    return JSON.parse(this.withoutOwnNames(JSON.stringify(all)));
  }

  async rowsLeft(): Promise<number> {
    const counts = ['unit', 'statement', 'chunk', 'parameter', 'stream'].map(
      (table) => `(SELECT COUNT(*) FROM ${this.database}.dom$${table})`,
    );
    const [row] = await this.sql<{ n: number }>(`SELECT ${counts.join(' + ')} AS n`);
    return row?.n ?? Number.NaN;
  }

  sessions(): Promise<unknown> {
    return this.sql(
      `SELECT id, command, time, state, LEFT(info, 90) AS query FROM information_schema.processlist
       WHERE user = ?`,
      [this.login.user],
    );
  }

  withoutOwnNames(text: string): string {
    return text.replaceAll(this.owner, 'bank');
  }

  async drop(): Promise<void> {
    await this.connectedThrough?.close();
    for (const holder of this.holders.values()) holder.destroy();
    await this.asRoot(async (root) => {
      for (const name of [this.owner, this.database]) {
        const rows: { id: number }[] = await root.query(
          'SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()',
          [name],
        );
        for (const { id } of rows) await root.query(`KILL ${id}`).catch(() => undefined);
        await root.query(`DROP DATABASE ${name}`);
      }
    });
  }

  private asRoot<T>(work: (root: Connection) => Promise<T>): Promise<T> {
    return withRoot(this.serverUrl, work);
  }
}

async function withRoot<T>(url: string, work: (root: Connection) => Promise<T>): Promise<T> {
  const root = await connectTo(url);
  root.on('error', () => undefined);
  try {
    return await work(root);
  } finally {
    await root.end().catch(() => undefined);
  }
}

function asText(row: unknown): string {
  return JSON.stringify(row);
}

/** Each exchange that happens once too often, or not at all, shows in where these two rows are. */
const SWAPPED = `
CREATE TABLE swapped (id INTEGER, txt VARCHAR(10)) PARTITION BY RANGE (id)
  (PARTITION p_swap VALUES LESS THAN (10), PARTITION p_rest VALUES LESS THAN (MAXVALUE));
CREATE TABLE spare (id INTEGER, txt VARCHAR(10));
INSERT INTO swapped VALUES (1, 'inside');
INSERT INTO spare VALUES (2, 'outside');
`;

/** The plain-SQL tasks in the words of this server, and objects whose owners are those of the banks. */
const REPLACED: readonly [from: string, to: string][] = [
  [
    'CREATE INDEX CONCURRENTLY ON bank.ledger (object)',
    'ALTER TABLE swapped EXCHANGE PARTITION p_swap WITH TABLE spare',
  ],
  ['VACUUM bank.ledger', 'ANALYZE TABLE swapped'],
];

async function adapt(folder: string, banks: readonly MariadbBank[]): Promise<void> {
  const file = join(folder, 'operations.yaml');
  const objects = ['account', 'saving'].flatMap((table, index) =>
    banks.map(
      ({ owner, name }) =>
        `{ owner: ${owner}, name: ${table}, order: ${index + 1}, instances: [${name}] }`,
    ),
  );
  let text = await readFile(file, 'utf8');
  for (const [from, to] of [
    ...REPLACED,
    ['[bank.account, bank.saving]', `[${objects.join(', ')}]`] as const,
  ]) {
    if (!text.includes(from)) throw new Error(`operations.yaml does not have: ${from}`);
    text = text.replace(from, to);
  }
  await writeFile(file, text);
}

/** Banks on MariaDB. */
export const onMariadb: BankEngine<MariadbBank> = {
  serverUrl: mariadbUrl,
  create: (request) => MariadbBank.create(request),
  adapt,
  dropLogin: (serverUrl, { user }) =>
    withRoot(serverUrl, async (root) => {
      await root.query(`DROP USER IF EXISTS '${user}'@'%'`);
    }),
};
