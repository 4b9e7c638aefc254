import type { SharedServer } from '../server.ts';
import { removeForgotten } from '../temp-dir.ts';
import { ensureMariadb } from './install.ts';
import { startMariadb } from './server.ts';

interface Started {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

interface Holder {
  server: Promise<Started>;
  users: number;
}

const KEY = Symbol.for('odtm.test.mariadb');

/**
 * The one MariaDB server of a test run: the one that ODTM_TEST_MARIADB names, or a private one, started
 * for the first user and removed after the last. Its URL is empty where there is no MariaDB.
 */
export async function sharedMariadb(): Promise<SharedServer> {
  const named = process.env.ODTM_TEST_MARIADB;
  if (named) return { url: named, release: async () => {} };
  const shared = globalThis as { [KEY]?: Holder };
  const holder: Holder = shared[KEY] ?? { server: startPrivate(), users: 0 };
  shared[KEY] = holder;
  holder.users += 1;
  const { url, stop } = await holder.server;
  const release = async () => {
    holder.users -= 1;
    if (holder.users > 0) return;
    delete shared[KEY];
    await stop();
  };
  return { url, release };
}

async function startPrivate(): Promise<Started> {
  await removeForgotten();
  const found = await ensureMariadb();
  if (!('reason' in found)) return startMariadb();
  process.stderr.write(`odtm: ${skipNotice(found.reason, process.env.CI)}\n`);
  return { url: '', stop: async () => {} };
}

/**
 * What a person is told whose tests on MariaDB are skipped.
 * @throws where a build server runs the tests: it would be green without them.
 */
export function skipNotice(reason: string, ci: string | undefined): string {
  const remedy = 'Or name a server with ODTM_TEST_MARIADB=mariadb://root:password@host:port';
  if (ci === 'true' || ci === '1') throw new Error(`${reason}. ${remedy}`);
  return `ALL TESTS ON MARIADB ARE SKIPPED: ${reason}. ${remedy}`;
}
