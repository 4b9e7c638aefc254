import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, open, readFile, realpath, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createConnection } from 'mariadb';
import { type Account, run, serverAccount } from '../../../src/repository/embedded/account.ts';
import { signal, until } from '../../../src/repository/embedded/processes.ts';
import { tempDir } from '../temp-dir.ts';
import { ensureMariadb } from './install.ts';
import type { MariadbBinaries } from './locate.ts';
import { killServersBelow } from './processes.ts';

/** A private MariaDB server with a data directory of its own. */
export interface MariadbServer {
  /** Root's URL, by TCP. It stays the same over restarts. */
  readonly url: string;
  readonly socketPath: string;
  /** The process that runs now, or the last one that did. */
  readonly pid: number;
  /** SIGKILL, as a crash does; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill`, or after a shutdown of its own. */
  restart(): Promise<void>;
  /** Shuts it down and removes its data. */
  stop(): Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly data: string;
  readonly socket: string;
  readonly log: string;
  readonly account: Account | undefined;
  readonly binaries: MariadbBinaries;
  readonly password: string;
  readonly hasTls: boolean;
  readonly options: readonly string[];
}

/** What a server has besides: encryption, and options such as `--read-only`. */
export interface MariadbExtras {
  readonly tls?: MariadbTls;
  readonly options?: readonly string[];
}

/** Certificate and key of the server, and whose certificates of clients it accepts, as texts. */
export interface MariadbTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const HOST = '127.0.0.1';
const START_MS = 60_000;
const STOP_MS = 30_000;
const PORT_TRIES = 5;
const LOG_TAIL_BYTES = 2_000;
const TLS_FILES = ['cert', 'key', 'ca'];
/** Both the installation and the server get this size, or the first start would make the log anew. */
const LOG_SIZE = '--innodb-log-file-size=256M';

/**
 * Makes a server and starts it; with certificates it offers TLS.
 * @throws when there is no MariaDB and none can be installed, or with the end of the server's log when
 * it does not start.
 */
export async function startMariadb(more: MariadbExtras = {}): Promise<MariadbServer> {
  const binaries = await ensureMariadb();
  if ('reason' in binaries) throw new Error(binaries.reason);
  const directory = await tempDir();
  try {
    const place = await createPlace(await realpath(directory.path), binaries, more);
    const { child, port } = await startOnFreePort(place);
    return controls(place, child, port, directory.remove);
  } catch (error) {
    await killServersBelow(directory.path);
    await directory.remove();
    throw error;
  }
}

function controls(
  place: Place,
  first: ChildProcess,
  port: number,
  remove: () => Promise<void>,
): MariadbServer {
  let child = first;
  return {
    url: urlOf(place, port),
    socketPath: place.socket,
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      if (isRunning(child)) throw new Error('The MariaDB server runs; kill it first');
      child = await launch(place, port, []);
    },
    stop: async () => {
      await end(child, 'SIGTERM');
      await remove();
    },
  };
}

function urlOf(place: Place, port: number): string {
  return `mariadb://root:${place.password}@${HOST}:${port}/`;
}

/** The data directory with the system tables; the account that the server runs as owns all of it. */
async function createPlace(
  folder: string,
  binaries: MariadbBinaries,
  { tls, options = [] }: MariadbExtras,
): Promise<Place> {
  const account = await serverAccount();
  const own = join(folder, 'mariadb');
  await mkdir(own, { mode: 0o700 });
  if (account !== undefined) await chown(own, account.uid, account.gid);
  const place = {
    folder: own,
    data: join(own, 'data'),
    socket: join(own, 'socket'),
    log: join(own, 'error.log'),
    account,
    binaries,
    password: randomBytes(12).toString('hex'),
    hasTls: tls !== undefined,
    options,
  };
  if (tls !== undefined) await writeTls(own, tls, account);
  // Started as the account and not with --user, which makes the script change owners below /usr.
  const { code, output } = await run(account, binaries.installer, [
    ...['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'],
    ...['--skip-name-resolve', `--datadir=${place.data}`, LOG_SIZE],
    // A server that starts clears its folder of temporary tables, also of those of another one.
    `--tmpdir=${own}`,
  ]);
  if (code !== 0) throw new Error(`${binaries.installer} failed: ${output}`);
  return place;
}

/** Writes the files that a server with TLS reads, when it starts and at FLUSH SSL. */
export async function writeTls(folder: string, tls: MariadbTls, account?: Account): Promise<void> {
  for (const [name, text] of Object.entries(tls)) {
    const file = join(folder, `${name}.pem`);
    await writeFile(file, text);
    if (account !== undefined) await chown(file, account.uid, account.gid);
  }
}

/** The first start gives root its password, before the server listens to anybody. */
async function startOnFreePort(place: Place): Promise<{ child: ChildProcess; port: number }> {
  const file = join(place.folder, 'first.sql');
  await writeFile(file, rootAccounts(place.password), { mode: 0o600, flag: 'wx' });
  if (place.account !== undefined) await chown(file, place.account.uid, place.account.gid);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { child: await launch(place, port, [`--init-file=${file}`]), port };
    } catch (error) {
      // Between the look for a free port and the start somebody else may have taken it.
      const taken = /Address already in use/.test(String(error));
      if (!taken || attempt === PORT_TRIES) throw error;
    }
  }
}

function rootAccounts(password: string): string {
  const accounts = ["'root'@'localhost'", "'root'@'127.0.0.1'"];
  const statements = accounts.flatMap((account) => [
    `CREATE OR REPLACE USER ${account} IDENTIFIED BY '${password}'`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION`,
  ]);
  // The installation makes more of them, for the names of the host, and none has a password.
  const others = "DELETE FROM mysql.global_priv WHERE Host NOT IN ('localhost', '127.0.0.1')";
  return [...statements, others, 'FLUSH PRIVILEGES', ''].join(';\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: HOST, port: 0, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Starts the process and waits until it takes connections; the end of its log when it does not. */
async function launch(place: Place, port: number, more: readonly string[]): Promise<ChildProcess> {
  await using log = await open(place.log, 'a', 0o600);
  await chmod(place.log, 0o600);
  const start = (await log.stat()).size;
  const identity =
    place.account === undefined ? {} : { uid: place.account.uid, gid: place.account.gid };
  const child = spawn(place.binaries.server, [...serverOptions(place, port), ...more], {
    ...identity,
    cwd: place.folder,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', log.fd, log.fd],
    // A Ctrl-C for the tests ends them first, and they the server.
    detached: true,
  });
  child.unref();
  await once(child, 'spawn');
  const answered = await until(
    async () => !isRunning(child) || (await answers(place, port)),
    START_MS,
  );
  if (answered && isRunning(child)) return child;
  if (isRunning(child)) await end(child, 'SIGKILL');
  const said = (await readFile(place.log)).subarray(start).subarray(-LOG_TAIL_BYTES);
  throw new Error(`The MariaDB server does not start. Its log ends with:\n${said}`);
}

function serverOptions(place: Place, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${place.data}`,
    `--aria-log-dir-path=${place.data}`,
    `--tmpdir=${place.folder}`,
    `--socket=${place.socket}`,
    `--pid-file=${join(place.folder, 'pid')}`,
    `--bind-address=${HOST}`,
    `--port=${port}`,
    '--skip-name-resolve',
    '--skip-log-bin',
    '--lower-case-table-names=1',
    '--character-set-server=utf8mb4',
    // Deep recursion of procedures and large packages need more than the default of 292 KiB.
    '--thread-stack=1M',
    '--max-connections=400',
    '--innodb-buffer-pool-size=256M',
    LOG_SIZE,
    `--innodb-flush-log-at-trx-commit=${flushMode()}`,
    ...place.options,
    ...(place.hasTls ? TLS_FILES.map((name) => `--ssl-${name}=${place.folder}/${name}.pem`) : []),
  ];
}

/** Without the flush to the disk a commit still outlives the server's process, though not the machine. */
function flushMode(): number {
  return process.env.ODTM_TEST_FSYNC === 'off' ? 2 : 1;
}

async function answers(place: Place, port: number): Promise<boolean> {
  try {
    const options = { host: HOST, port, user: 'root', password: place.password };
    const connection = await createConnection({ ...options, connectTimeout: 2_000 });
    await connection.end();
    return true;
  } catch {
    // Not yet: the log tells the rest if it never does.
    return false;
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess, name: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (!isRunning(child) || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.ref();
  signal(child.pid, name);
  // A shutdown waits for transactions that recover; a test that ends has no use for them.
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
