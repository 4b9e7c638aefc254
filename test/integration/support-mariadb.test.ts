import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createConnection, SqlError } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import {
  connectTo,
  createMariadbDatabase,
  createUser,
  dropUser,
  hasMariadb,
  mariadbUrlOf,
  rootConnection,
} from '../support/mariadb/database.ts';
import { serversBelow } from '../support/mariadb/processes.ts';
import { type MariadbServer, startMariadb } from '../support/mariadb/server.ts';
import { sharedMariadb } from '../support/mariadb/shared.ts';
import { removeForgotten } from '../support/temp-dir.ts';

describe.skipIf(!hasMariadb())('the MariaDB server of the test run', () => {
  const user = { name: `support_${process.pid}`, password: "p/w'1" };
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createMariadbDatabase('support');
    await createUser(user.name, user.password, [database.name]);
  });

  afterAll(async () => {
    await dropUser(user.name);
    await database.drop();
  });

  test('a database compares bytes, names of tables do not, and a user works in it', async () => {
    const connection = await connectTo(mariadbUrlOf(database.name, user));
    await connection.query('CREATE TABLE T (name varchar(20) PRIMARY KEY)');
    await connection.query("INSERT INTO t VALUES ('a'), ('A'), ('a ')");
    const [row] = await connection.query('SELECT count(*) AS n, @@collation_database AS c FROM t');
    expect(row).toEqual({ n: 3, c: 'utf8mb4_nopad_bin' });
    await connection.end();
  });

  test('a user sees no database but its own, and nobody after it is dropped', async () => {
    const other = await createMariadbDatabase('support');
    await expect(connectTo(mariadbUrlOf(other.name, user))).rejects.toThrow('Access denied');
    await other.drop();
    const gone = { name: `gone_${process.pid}`, password: 'x' };
    await createUser(gone.name, gone.password, [database.name]);
    const session = await connectTo(mariadbUrlOf(database.name, gone));
    const ended = once(session, 'error');
    await dropUser(gone.name);
    await expect(connectTo(mariadbUrlOf(database.name, gone))).rejects.toThrow('Access denied');
    await ended;
  });

  test('a database is dropped also while a transaction works in it', async () => {
    const other = await createMariadbDatabase('support');
    const session = await connectTo(other.url);
    const ended = once(session, 'error');
    await session.query('CREATE TABLE t (id int)');
    await session.beginTransaction();
    await session.query('SELECT * FROM t');
    await other.drop();
    await ended;
    const root = await rootConnection();
    expect(await root.query('SHOW DATABASES LIKE ?', [other.name])).toEqual([]);
    await root.end();
  });

  test('a number that JavaScript cannot hold is an error, and others are numbers', async () => {
    const root = await rootConnection();
    expect(await root.query('SELECT 9007199254740991 AS n')).toEqual([{ n: 9007199254740991 }]);
    await expect(root.query('SELECT 9007199254740993 AS n')).rejects.toBeInstanceOf(SqlError);
    await root.end();
  });
});

describe.skipIf(!hasMariadb())('a private MariaDB server', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await startMariadb();
  });

  afterAll(() => server.stop());

  test('it answers by TCP and by its socket, to root with the password only', async () => {
    const { password } = new URL(server.url);
    const bySocket = { socketPath: server.socketPath, user: 'root' };
    const { hostname: host, port } = new URL(server.url);
    const byTcp = { host, port: Number(port), user: 'root', password };
    for (const options of [byTcp, { ...bySocket, password }]) {
      const connection = await createConnection(options);
      expect(await connection.query("SELECT 'here' AS word")).toEqual([{ word: 'here' }]);
      await connection.end();
    }
    await expect(createConnection(bySocket)).rejects.toThrow('Access denied');
  });

  test('it has the settings that the adapter is written for', async () => {
    const root = await connectTo(server.url);
    const [settings] = await root.query(
      `SELECT @@lower_case_table_names AS names, @@character_set_server AS charset,
              @@max_connections AS connections, @@log_bin AS binlog, @@skip_name_resolve AS ip,
              @@thread_stack AS stack, @@innodb_log_file_size AS log, @@system_time_zone AS zone`,
    );
    await root.end();
    expect(settings).toEqual({
      names: 1,
      charset: 'utf8mb4',
      connections: 400,
      binlog: 0,
      ip: 1,
      stack: 1024 * 1024,
      log: 256 * 1024 * 1024,
      zone: 'UTC',
    });
  });

  test('what was committed outlives kill -9, and nothing else does', async () => {
    const before = server.pid;
    const session = await connectTo(server.url);
    const ended = once(session, 'error');
    await session.query('CREATE DATABASE kept');
    await session.query('CREATE TABLE kept.t (id int)');
    await session.query('INSERT INTO kept.t VALUES (1)');
    await session.beginTransaction();
    await session.query('INSERT INTO kept.t VALUES (2)');
    await server.kill();
    await ended;
    await expect(connectTo(server.url)).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(server.pid).not.toBe(before);
    await expect(server.restart()).rejects.toThrow('kill it first');
    const again = await connectTo(server.url);
    expect(await again.query('SELECT id FROM kept.t')).toEqual([{ id: 1 }]);
    await again.end();
  });
});

describe.skipIf(!hasMariadb())('a MariaDB server that cannot start', () => {
  test('it says so with the end of its log, and starts when the reason is gone', async () => {
    const server = await startMariadb();
    await server.kill();
    const stranger = createServer();
    stranger.listen({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
    await once(stranger, 'listening');
    await expect(server.restart()).rejects.toThrow(/does not start.*Address already in use/s);
    stranger.close();
    await once(stranger, 'close');
    await server.restart();
    await (await connectTo(server.url)).end();
    await server.stop();
    await expect(connectTo(server.url)).rejects.toThrow('ECONNREFUSED');
  });
});

describe.skipIf(!hasMariadb())('the life of MariaDB servers', () => {
  test('two users share one server, which goes with the last of them', async () => {
    const [one, two] = await Promise.all([sharedMariadb(), sharedMariadb()]);
    expect(two.url).toBe(one.url);
    await one.release();
    await (await connectTo(two.url)).end();
    await two.release();
    if (!process.env.ODTM_TEST_MARIADB) await expect(connectTo(two.url)).rejects.toThrow();
  });

  test('the server of a process that was killed goes at the next start, with its data', async () => {
    const script = fileURLToPath(new URL('../support/mariadb/start-child.ts', import.meta.url));
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const { pid } = JSON.parse(String(line)) as { pid: number };
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    expect(await serversBelow(tmpdir())).toContain(pid);
    await removeForgotten();
    expect(await serversBelow(tmpdir())).not.toContain(pid);
    const left = (await readdir(tmpdir())).filter((name) => name.includes(`-${child.pid}-`));
    expect(left).toEqual([]);
  });
});
