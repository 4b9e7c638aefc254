import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureServer, stopServer } from '../../src/repository/embedded/supervisor.ts';

/** The server of one test run, with the way to give it back. */
export interface SharedServer {
  readonly url: string;
  readonly release: () => Promise<void>;
}

interface Holder {
  url: Promise<{ url: string; remove: () => Promise<void> }>;
  users: number;
}

const PREFIX = 'odtm-test-';
const KEY = Symbol.for('odtm.test.server');

/**
 * The one PostgreSQL server of a test run: the one that ODTM_TEST_POSTGRES names, or an embedded one
 * in a temporary directory, started for the first user and removed after the last. Each project
 * loads this module anew, so the holder is kept where all of them see it.
 */
export async function sharedServer(): Promise<SharedServer> {
  const named = process.env.ODTM_TEST_POSTGRES;
  if (named) return { url: named, release: async () => {} };
  const shared = globalThis as { [KEY]?: Holder };
  const holder: Holder = shared[KEY] ?? { url: startTemporary(), users: 0 };
  shared[KEY] = holder;
  holder.users += 1;
  const { url, remove } = await holder.url;
  const release = async () => {
    holder.users -= 1;
    if (holder.users > 0) return;
    delete shared[KEY];
    await remove();
  };
  return { url, release };
}

async function startTemporary() {
  await removeForgotten();
  const dataDir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = await ensureServer({ dataDir, settings: testSettings() });
  const remove = async () => {
    await server.stop('immediate');
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, remove };
}

function testSettings(): Record<string, string> {
  const fsync = process.env.ODTM_TEST_FSYNC === 'off' ? 'off' : 'on';
  return {
    fsync,
    max_connections: '400',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    autovacuum_naptime: '10s',
  };
}

/** Servers of test runs that were killed before they could clean up. */
async function removeForgotten(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const dataDir = join(tmpdir(), name);
    // Another user's leftovers are that user's own to remove.
    await stopServer(dataDir, 'immediate').catch(() => false);
    await rm(dataDir, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
