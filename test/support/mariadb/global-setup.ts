import type { TestProject } from 'vitest/node';
import setupPostgres from '../global-setup.ts';
import { sharedMariadb } from './shared.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Root's URL of the MariaDB server that the tests use; empty where there is none. */
    mariadbUrl: string;
  }
}

/** Projects whose tests work on more engines than PostgreSQL run this; all get the same two servers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // At the same time, because together they take little longer than the slower one.
  const started = await Promise.allSettled([setupPostgres(project), setupMariadb(project)]);
  const releases = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const release = async () => {
    await Promise.all(releases.map((one) => one()));
  };
  const failure = started.find((one) => one.status === 'rejected');
  if (failure === undefined) return release;
  await release();
  throw failure.reason;
}

async function setupMariadb(project: TestProject): Promise<() => Promise<void>> {
  const server = await sharedMariadb();
  project.provide('mariadbUrl', server.url);
  return server.release;
}
