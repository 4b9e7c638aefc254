import { randomBytes } from 'node:crypto';
import { type Connection, createConnection, SqlError } from 'mariadb';
import { inject } from 'vitest';
import type { TestDatabase } from '../database.ts';

/** ER_NO_SUCH_THREAD: a session that has ended by itself needs no KILL. */
const NO_SUCH_THREAD = 1094;
const LOCK_WAIT_SECONDS = 30;

/** Root's URL of the test run's MariaDB server; empty where there is none. */
export function mariadbUrl(): string {
  return process.env.ODTM_TEST_MARIADB || inject('mariadbUrl') || '';
}

/** For `describe.skipIf(...)`: without a server the suites on MariaDB are skipped, and counted as such. */
export function hasMariadb(): boolean {
  return mariadbUrl() !== '';
}

/** The URL to a database of the test server, as root or as the given user. */
export function mariadbUrlOf(database: string, user?: { name: string; password: string }): string {
  if (!hasMariadb()) throw new Error('There is no MariaDB server for these tests');
  const url = new URL(mariadbUrl());
  url.pathname = `/${encodeURIComponent(database)}`;
  if (user !== undefined) {
    url.username = encodeURIComponent(user.name);
    url.password = encodeURIComponent(user.password);
  }
  return url.href;
}

/** Opens a connection by URL. Numbers come as numbers, and one too large for that is an error. */
export async function connectTo(url: string): Promise<Connection> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  const connection = await createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(database === '' ? {} : { database }),
    timezone: 'Z',
    bigIntAsNumber: true,
    insertIdAsNumber: true,
    checkNumberRange: true,
  });
  // A connection that breaks while nobody uses it says so to whoever uses it next.
  connection.on('error', () => undefined);
  return connection;
}

/** Opens a connection as root, to a database or to none. */
export function rootConnection(database = ''): Promise<Connection> {
  return connectTo(mariadbUrlOf(database));
}

/** Makes an empty database under a name that no other test has. */
export async function createMariadbDatabase(prefix: string): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(5).toString('hex')}`.toLowerCase();
  const collation = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin';
  await asRoot((root) => root.query(`CREATE DATABASE ${identifier(name)} ${collation}`));
  return { name, url: mariadbUrlOf(name), drop: () => asRoot((root) => dropDatabase(root, name)) };
}

/**
 * Makes a user that can log in from anywhere, with all rights on the databases that are named. Users
 * belong to the whole server: a test takes a name of its own, and drops it with `dropUser`.
 */
export async function createUser(
  name: string,
  password: string,
  databases: readonly string[] = [],
): Promise<void> {
  await asRoot(async (root) => {
    await root.query(`CREATE USER ${account(root, name)} IDENTIFIED BY ${root.escape(password)}`);
    for (const database of databases) {
      // In a grant the underscore of a database's name would stand for any character.
      const pattern = identifier(database.replaceAll('_', '\\_'));
      await root.query(`GRANT ALL PRIVILEGES ON ${pattern}.* TO ${account(root, name)}`);
    }
  });
}

/** Ends the sessions of a user and removes it. */
export async function dropUser(name: string): Promise<void> {
  await asRoot(async (root) => {
    await killSessions(root, 'USER = ?', name);
    await root.query(`DROP USER IF EXISTS ${account(root, name)}`);
  });
}

/** A session that still works in the database would make DROP wait for its locks. */
async function dropDatabase(root: Connection, name: string): Promise<void> {
  await root.query('SET SESSION lock_wait_timeout = ?', [LOCK_WAIT_SECONDS]);
  await killSessions(root, 'DB = ?', name);
  await root.query(`DROP DATABASE IF EXISTS ${identifier(name)}`);
}

async function killSessions(root: Connection, condition: string, value: string): Promise<void> {
  const rows = await root.query<{ id: number }[]>(
    `SELECT ID AS id FROM information_schema.PROCESSLIST
      WHERE ${condition} AND ID <> CONNECTION_ID()`,
    [value],
  );
  for (const { id } of rows) {
    await root.query(`KILL CONNECTION ${Number(id)}`).catch((error: unknown) => {
      if (!(error instanceof SqlError && error.errno === NO_SUCH_THREAD)) throw error;
    });
  }
}

async function asRoot(work: (root: Connection) => Promise<unknown>): Promise<void> {
  const root = await rootConnection();
  try {
    await work(root);
  } finally {
    await root.end();
  }
}

function account(root: Connection, name: string): string {
  return `${root.escape(name)}@'%'`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
