import { OracleStandIn } from '../../../test/support/oracle-stand-in/stand-in.ts';
import type { EventStore, RegionNames } from './event-store.ts';
import { createMariadbStore } from './mariadb-store.ts';

/**
 * A region on Oracle's wire: ODTM, its driver and the definitions have to do with Oracle, and a stand-in
 * answers them, with MariaDB in its Oracle mode behind it. `script` is that of MariaDB. The server of
 * MariaDB is the one that ODTM_TEST_MARIADB names, or that of the test run.
 */
export async function createOracleStore(
  names: RegionNames,
  rootUrl: string,
  options: { readonly eventsAMonth: number; readonly script: string; readonly password: string },
): Promise<EventStore> {
  const behind = await createMariadbStore(names, rootUrl, options);
  const { database, user } = names;
  const standIn = await OracleStandIn.start({ database, user, secret: options.password });
  return {
    ...behind,
    host: '127.0.0.1',
    port: standIn.server.port,
    drop: async () => {
      await standIn.stop();
      await behind.drop();
    },
  };
}
