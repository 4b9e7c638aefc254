import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureServer,
  serverStatus,
  stopServer,
} from '../../../src/repository/embedded/supervisor.ts';
import { endForgotten, OdtmCommand, textOf } from './odtm-command.ts';
import { copyProject, placeShops } from './project.ts';
import { bootstrap, createShop, type Shop } from './shop.ts';

const MARK = 'made-by-the-odtm-demo';
const USER = 'odtm';
/** Folders and files of a data directory, also of the demo over several engines. */
export const REPOSITORY = 'repository';
export const LATAM = 'events_latam';
export const PID_FILE = 'odtm.pid';

/** The shops, and how many orders each has compared with the others. */
const SHARES = { shop_eu: 1.05, shop_us: 1.2, shop_asia: 1, shop_latam: 0.8 };
const SERVERS = [REPOSITORY, LATAM, ...Object.keys(SHARES)];

/** Loads quickly: what is created and filled in one transaction needs no log of its rows. */
const SHOP_SETTINGS = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
};

export interface Fleet {
  readonly shops: readonly Shop[];
  readonly odtm: OdtmCommand;
}

/** Starts a server for each shop, fills it, and prepares the project folder and the command. */
export async function startFleet(dataDir: string, ordersAMonth: number): Promise<Fleet> {
  const password = randomBytes(18).toString('hex');
  const project = join(dataDir, 'project');
  const odtm = new OdtmCommand({
    folder: project,
    pidFile: join(dataDir, PID_FILE),
    env: { ODTM_DATA_DIR: join(dataDir, REPOSITORY), SHOP_PASSWORD: password },
  });
  await copyProject(project);
  const script = await textOf(
    odtm.run,
    ...['client-script', '--engine', 'postgres', '--user', USER],
    ...['--database', 'shop', '--owner', 'app_owner'],
  );
  const shops = await Promise.all(
    Object.entries(SHARES).map(async ([name, share]) => {
      const dir = join(dataDir, name);
      const server = await ensureServer({ dataDir: dir, settings: SHOP_SETTINGS });
      const filled = await createShop({
        name,
        serverUrl: server.url,
        database: 'shop',
        owner: 'app_owner',
        ordersAMonth: Math.round(ordersAMonth * share),
      });
      return bootstrap(filled, script, { user: USER, password });
    }),
  );
  await placeShops(project, shops);
  return { shops, odtm };
}

/**
 * Makes the data directory anew; what an earlier demo has left there is stopped and removed.
 * @throws Error for a directory that holds anything else
 */
export async function makeDataDir(dataDir: string): Promise<void> {
  const found = await readdir(dataDir).catch((): string[] => []);
  if (found.length > 0 && !found.includes(MARK)) {
    throw new Error(`${dataDir} is not empty and not of an earlier demo; name another --data-dir.`);
  }
  await endForgotten(join(dataDir, PID_FILE));
  await stopFleet(dataDir);
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, MARK), '');
}

/** Stops every server of the demo. */
export async function stopFleet(dataDir: string): Promise<void> {
  await Promise.all(
    SERVERS.map(async (name) => {
      const dir = join(dataDir, name);
      if (await stat(dir).catch(() => null)) await stopServer(dir);
    }),
  );
}

/** Names of the servers that still run. */
export async function runningServers(dataDir: string): Promise<string[]> {
  const running: string[] = [];
  for (const name of SERVERS) {
    if ((await serverStatus(join(dataDir, name))).running) running.push(name);
  }
  return running;
}
