import { createConnection } from 'mariadb';
import { Client } from 'pg';
import { ensureDatabase } from '../src/repository/embedded/database.ts';
import { ensureServer } from '../src/repository/embedded/supervisor.ts';
import { startMariadb } from '../test/support/mariadb/server.ts';
import { pidCpuMs, serverCpuMs } from './cpu.ts';
import type { TargetPlace } from './definitions.ts';

const DATABASE = 'bench';

/** A session that calls the procedure of the smallest task, one durable commit a call. */
export interface Caller {
  call(handle: string): Promise<void>;
  end(): Promise<void>;
}

/** The server that all targets of a stand are on. */
export interface Target {
  readonly name: string;
  readonly place: TargetPlace;
  caller(): Promise<Caller>;
  /** Processor time of the server so far; null where the machine does not tell. */
  cpuMs(): number | null;
  stop(): Promise<void>;
}

/** PostgreSQL with fsync on. */
export async function postgresTarget(dataDir: string): Promise<Target> {
  const server = await ensureServer({
    dataDir,
    settings: { fsync: 'on', max_connections: '300' },
  });
  const url = await ensureDatabase(server.url, DATABASE);
  const { host, port, user } = server;
  const password = new URL(url).password;
  return {
    name: 'PostgreSQL',
    place: { engine: 'postgres', host, port, user, database: DATABASE, password },
    caller: async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      const query = { name: 'call', text: 'CALL bench.work($1)' };
      return {
        call: async (handle) => {
          await client.query({ ...query, values: [handle] });
        },
        end: () => client.end(),
      };
    },
    cpuMs: () => serverCpuMs(server.dataDir),
    stop: () => server.stop('immediate'),
  };
}

/** MariaDB, which writes its log to disk at each commit. */
export async function mariadbTarget(): Promise<Target> {
  const server = await startMariadb();
  const { hostname: host, port, username: user, password } = new URL(server.url);
  const login = { host, port: Number(port), user, password: decodeURIComponent(password) };
  const root = await createConnection(login);
  await root.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`);
  await root.end();
  return {
    name: 'MariaDB',
    place: { engine: 'mariadb', ...login, database: DATABASE },
    caller: async () => {
      const client = await createConnection({ ...login, database: DATABASE });
      await client.query("SET SESSION sql_mode = 'ORACLE'");
      return {
        call: async (handle) => {
          await client.execute('CALL bench.work(?)', [handle]);
        },
        end: () => client.end(),
      };
    },
    cpuMs: () => pidCpuMs(server.pid),
    stop: () => server.stop(),
  };
}
