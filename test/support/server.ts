import { ensureServer } from '../../src/repository/embedded/supervisor.ts';
import { removeForgotten, tempDir } from './temp-dir.ts';

/** The server of one test run, with the way to give it back. */
export interface SharedServer {
  readonly url: string;
  readonly release: () => Promise<void>;
}

interface Holder {
  url: Promise<{ url: string; remove: () => Promise<void> }>;
  users: number;
}

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
  const dir = await tempDir();
  const server = await ensureServer({ dataDir: dir.path, settings: testSettings() });
  const remove = async () => {
    await server.stop('immediate');
    await dir.remove();
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
