import { type Connection, createConnection } from 'mariadb';
import { appScript, type EventStore, type RegionNames } from './event-store.ts';

/** Makes the schema of an application on a server and fills it. `script` is that of `odtm client-script`. */
export async function createMariadbStore(
  names: RegionNames,
  rootUrl: string,
  options: { readonly eventsAMonth: number; readonly script: string; readonly password: string },
): Promise<EventStore> {
  const { eventsAMonth, script, password } = options;
  const { owner, database, user } = names;
  const { hostname, port } = new URL(rootUrl);
  await withRoot(rootUrl, async (root) => {
    await runScript(root, await appScript('mariadb', owner, eventsAMonth));
    await runScript(root, script);
    await root.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}' ACCOUNT UNLOCK`);
  });
  return {
    ...names,
    host: hostname,
    port: Number(port),
    execute: (sql) =>
      withRoot(rootUrl, async (root) => {
        await root.query(sql);
      }),
    lines: (sql) =>
      withRoot(rootUrl, async (root) => {
        const rows: { line: string }[] = await root.query(sql);
        return rows.map(({ line }) => line);
      }),
    drop: () => withRoot(rootUrl, (root) => dropRegion(root, owner, database, user)),
  };
}

async function dropRegion(
  root: Connection,
  owner: string,
  database: string,
  user: string,
): Promise<void> {
  const sessions: { id: number }[] = await root.query(
    'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ?',
    [user],
  );
  // One that has ended by itself meanwhile needs no end.
  for (const { id } of sessions) await root.query(`KILL ${Number(id)}`).catch(() => undefined);
  await root.query(`DROP DATABASE IF EXISTS ${database}`);
  await root.query(`DROP DATABASE IF EXISTS ${owner}`);
  await root.query(`DROP USER IF EXISTS '${user}'@'%'`);
}

/** Runs the statements of a script one by one, as the server's own client does. */
async function runScript(root: Connection, script: string): Promise<void> {
  const code = script.replaceAll(/^--.*$/gm, '');
  for (const statement of code.split(/;\s*$/m))
    if (statement.trim() !== '') await root.query(statement);
}

/** Connects as the administrator for one piece of work. */
async function withRoot<T>(rootUrl: string, work: (root: Connection) => Promise<T>): Promise<T> {
  const { hostname, port, username, password } = new URL(rootUrl);
  const root = await createConnection({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    bigIntAsNumber: true,
    insertIdAsNumber: true,
  });
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}
