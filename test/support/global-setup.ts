import type { TestProject } from 'vitest/node';
import { sharedServer } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the server that the tests use. */
    postgresUrl: string;
  }
}

/** Every project that needs PostgreSQL runs this; all of them get the same server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await sharedServer();
  project.provide('postgresUrl', server.url);
  return server.release;
}
