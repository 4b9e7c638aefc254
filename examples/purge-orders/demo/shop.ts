import { readFile } from 'node:fs/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** A shop's database, with the rows that the operation purges. */
export interface Shop {
  /** The name of the instance. */
  readonly name: string;
  readonly database: string;
  /** The superuser's URL to the database. It has the password in it: never log it. */
  readonly url: string;
  /** The role that ODTM works as. */
  readonly user: string;
}

export interface ShopRequest {
  readonly name: string;
  /** The superuser's URL to the server. */
  readonly serverUrl: string;
  readonly database: string;
  /** The role that owns the tables. Roles belong to the whole server. */
  readonly owner: string;
  /** 36 months are filled, 45 times this number of orders and twice as many items. */
  readonly ordersAMonth: number;
}

/** Makes a shop's database and fills it. */
export async function createShop(request: ShopRequest): Promise<Omit<Shop, 'user'>> {
  const { name, serverUrl, database, owner, ordersAMonth } = request;
  await withClient(serverUrl, async (client) => {
    await client.query(`CREATE ROLE ${escapeIdentifier(owner)} NOLOGIN`).catch(unlessThere);
    await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`);
  });
  const url = urlTo(serverUrl, database);
  await withClient(url, async (client) => {
    for (const file of ['schema.sql', 'data.sql']) {
      const text = await readFile(new URL(`../shop/${file}`, import.meta.url), 'utf8');
      await client.query(text.replaceAll('app_owner', escapeIdentifier(owner)));
    }
    await client.query('CALL app.fill($1, $2)', [ordersAMonth, 5000]);
    await client.query('VACUUM (ANALYZE)');
  });
  return { name, database, url };
}

/** Runs the bootstrap script of `odtm client-script`, as a DBA does once, and gives its role a password. */
export async function bootstrap(
  shop: Omit<Shop, 'user'>,
  script: string,
  login: { readonly user: string; readonly password: string },
): Promise<Shop> {
  const { user, password } = login;
  await withClient(shop.url, async (client) => {
    await client.query(script);
    await client.query(
      `ALTER ROLE ${escapeIdentifier(user)} LOGIN PASSWORD ${escapeLiteral(password)}`,
    );
  });
  return { ...shop, user };
}

/**
 * Limits the space for temporary files that a session of ODTM may use in this database, such as `1MB`;
 * null takes the limit away. Only a superuser may.
 */
export async function limitTemporaryFiles(shop: Shop, limit: string | null): Promise<void> {
  const role = `ALTER ROLE ${escapeIdentifier(shop.user)} IN DATABASE ${escapeIdentifier(shop.database)}`;
  const change = limit === null ? 'RESET temp_file_limit' : `SET temp_file_limit = '${limit}'`;
  await withClient(shop.url, (client) => client.query(`${role} ${change}`));
}

/** Connects for one piece of work. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
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

/** Two shops on one server share the roles. */
function unlessThere(error: Error & { readonly code?: string }): void {
  if (error.code !== '42710') throw error;
}
