import { escapeIdentifier, escapeLiteral } from 'pg';
import { urlTo, withClient } from '../../purge-orders/demo/shop.ts';
import { appScript, type EventStore, type RegionNames } from './event-store.ts';

/** Makes the database of an application and fills it. `script` is that of `odtm client-script`. */
export async function createPostgresStore(
  names: RegionNames,
  serverUrl: string,
  options: { readonly eventsAMonth: number; readonly script: string; readonly password: string },
): Promise<EventStore> {
  const { eventsAMonth, script, password } = options;
  const { owner, database, user } = names;
  const role = ownerRole(names);
  const asAdministrator = (sql: string) =>
    withClient(serverUrl, async (client) => {
      await client.query(sql);
    });
  await asAdministrator(`CREATE ROLE ${escapeIdentifier(role)} NOLOGIN`);
  await asAdministrator(`CREATE DATABASE ${escapeIdentifier(database)}`);
  const url = urlTo(serverUrl, database);
  const filled = (await appScript('postgres', owner, eventsAMonth)).replaceAll('app_owner', role);
  await withClient(url, async (client) => {
    await client.query(filled);
    await client.query(script);
    await client.query(
      `ALTER ROLE ${escapeIdentifier(user)} LOGIN PASSWORD ${escapeLiteral(password)}`,
    );
  });
  const { hostname, port } = new URL(serverUrl);
  return {
    ...names,
    host: hostname,
    port: Number(port),
    execute: (sql) =>
      withClient(url, async (client) => {
        await client.query(sql);
      }),
    lines: (sql) =>
      withClient(url, async (client) => {
        const { rows } = await client.query<{ line: string }>(sql);
        return rows.map(({ line }) => line);
      }),
    drop: async () => {
      await asAdministrator(`DROP DATABASE IF EXISTS ${escapeIdentifier(database)} WITH (FORCE)`);
      await asAdministrator(`DROP ROLE IF EXISTS ${escapeIdentifier(user)}`);
      await asAdministrator(`DROP ROLE IF EXISTS ${escapeIdentifier(role)}`);
    },
  };
}

/** The role that owns the application's tables, of which ODTM's is made a member. */
export function ownerRole({ owner }: Pick<RegionNames, 'owner'>): string {
  return `${owner}_owner`;
}
