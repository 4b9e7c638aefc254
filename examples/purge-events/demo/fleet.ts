import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureServer } from '../../../src/repository/embedded/supervisor.ts';
import { ensureMariadb } from '../../../test/support/mariadb/install.ts';
import { type MariadbServer, startMariadb } from '../../../test/support/mariadb/server.ts';
import { removeForgotten } from '../../../test/support/temp-dir.ts';
import { LATAM, PID_FILE, REPOSITORY } from '../../purge-orders/demo/fleet.ts';
import { OdtmCommand, textOf } from '../../purge-orders/demo/odtm-command.ts';
import type { EventStore, RegionNames } from './event-store.ts';
import { createMariadbStore } from './mariadb-store.ts';
import { createOracleStore } from './oracle-store.ts';
import { createPostgresStore, ownerRole } from './postgres-store.ts';
import { copyEventsProject, placeRegions } from './project.ts';

/** The regions, and the engine of each. */
export const REGIONS: Readonly<Record<string, 'mariadb' | 'postgres' | 'oracle'>> = {
  events_eu: 'mariadb',
  events_us: 'mariadb',
  events_asia: 'mariadb',
  events_latam: 'postgres',
  events_africa: 'oracle',
};

export interface EventsFleet {
  readonly stores: readonly EventStore[];
  readonly odtm: OdtmCommand;
  /** Ends the servers that are not in the data directory. */
  stop(): Promise<void>;
}

/**
 * What a person reads who has no MariaDB and cannot have it installed by us; null where there is one. It may
 * be installed first, which takes a while once.
 */
export async function whatIsMissing(ensure = ensureMariadb): Promise<string | null> {
  const found = await ensure();
  if (!('reason' in found)) return null;
  return `${found.reason}.\nInstall MariaDB 10.6 or newer (mariadbd and mariadb-install-db), then try again.`;
}

/** Starts a server of MariaDB and one of PostgreSQL, fills the regions, and prepares the project. */
export async function startEventsFleet(
  dataDir: string,
  eventsAMonth: number,
  onCommand: (odtm: OdtmCommand) => void,
): Promise<EventsFleet> {
  const password = randomBytes(18).toString('hex');
  const project = join(dataDir, 'project');
  const odtm = new OdtmCommand({
    folder: project,
    pidFile: join(dataDir, PID_FILE),
    env: { ODTM_DATA_DIR: join(dataDir, REPOSITORY), EVENTS_PASSWORD: password },
  });
  onCommand(odtm);
  await copyEventsProject(project);
  await removeForgotten();
  const postgres = await ensureServer({ dataDir: join(dataDir, LATAM) });
  const mariadb = await startMariadb();
  // The stand-in of Oracle looks here for the server behind it.
  process.env.ODTM_TEST_MARIADB = mariadb.url;
  const stores: EventStore[] = [];
  const stop = () => stopAll(stores, mariadb);
  try {
    for (const [instance, engine] of Object.entries(REGIONS)) {
      const names = namesOf(instance);
      const script = await scriptOf(odtm, names, engine);
      const options = { eventsAMonth, script, password };
      stores.push(
        engine === 'postgres'
          ? await createPostgresStore(names, postgres.url, options)
          : await CREATE[engine](names, mariadb.url, options),
      );
    }
    await placeRegions(project, stores);
    return { stores, odtm, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const CREATE = { mariadb: createMariadbStore, oracle: createOracleStore };

async function stopAll(stores: readonly EventStore[], mariadb: MariadbServer): Promise<void> {
  for (const { instance, drop } of stores) if (REGIONS[instance] === 'oracle') await drop();
  await mariadb.stop();
}

function namesOf(instance: string): RegionNames {
  const region = instance.replace('events_', '');
  const engine = REGIONS[instance];
  return {
    instance,
    owner: `app_${region}`,
    database: engine === 'postgres' ? instance : `odtm_${region}`,
    user: `odtm_${region}`,
  };
}

/** The script for the DBA; behind the stand-in it is MariaDB that has to be prepared. */
function scriptOf(
  odtm: OdtmCommand,
  names: RegionNames,
  engine: 'mariadb' | 'postgres' | 'oracle',
): Promise<string> {
  const isPostgres = engine === 'postgres';
  return textOf(
    odtm.run,
    ...['client-script', '--engine', isPostgres ? 'postgres' : 'mariadb'],
    ...['--user', names.user, '--database', names.database],
    ...['--owner', isPostgres ? ownerRole(names) : names.owner],
  );
}
