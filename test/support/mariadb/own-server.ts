import { afterAll, beforeAll } from 'vitest';
import { type MariadbExtras, type MariadbServer, startMariadb } from './server.ts';

/**
 * A server for the tests of one file, which is a process of its own: its fixtures work on this one instead
 * of the shared one. Call it in a describe.
 */
export function useOwnMariadb(extras: MariadbExtras = {}): () => MariadbServer {
  const shared = process.env.ODTM_TEST_MARIADB;
  let server: MariadbServer | undefined;

  beforeAll(async () => {
    server = await startMariadb(extras);
    process.env.ODTM_TEST_MARIADB = server.url;
  });
  afterAll(async () => {
    if (shared === undefined) delete process.env.ODTM_TEST_MARIADB;
    else process.env.ODTM_TEST_MARIADB = shared;
    await server?.stop();
  });

  return () => {
    if (server === undefined) throw new Error('The server is started before the first test.');
    return server;
  };
}
