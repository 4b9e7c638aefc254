import { sql } from 'kysely';
import type { Journal } from '../ports/journal.ts';
import type {
  ControllerStore,
  DefinitionStore,
  InstanceStore,
  PackageStore,
  RunStore,
  StreamStore,
} from '../ports/repository.ts';
import type { RunQueries } from '../ports/run-queries.ts';
import { Connection } from './connection.ts';
import { PostgresControllerStore } from './controller-store.ts';
import { PostgresDefinitionStore } from './definition-store.ts';
import { migrate } from './migrate.ts';
import { PostgresPackageStore } from './package-store.ts';
import { PostgresRunQueries } from './run-queries.ts';
import { PostgresRunStore } from './run-store.ts';
import { PostgresStreamStore } from './stream-store.ts';

/** The repository on PostgreSQL: its stores over one pool of connections. */
export interface Repository {
  /** For the parts of the repository itself. */
  readonly connection: Connection;
  readonly definitions: DefinitionStore;
  readonly instances: InstanceStore;
  readonly packages: PackageStore;
  readonly runs: RunStore;
  readonly streams: StreamStore;
  readonly controllers: ControllerStore;
  readonly queries: RunQueries;
  /**
   * Applies the migrations that are missing; returns their names.
   * @throws OdtmError REPOSITORY_NEWER, REPOSITORY_UNREACHABLE
   */
  migrate(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface RepositoryOptions {
  /** Address of the database, with user and password. */
  readonly url: string;
  readonly journal?: Journal;
}

/**
 * Connects to the repository's database. Its schema is there after `migrate`.
 * @throws OdtmError REPOSITORY_UNREACHABLE
 */
export async function openRepository({ url, journal }: RepositoryOptions): Promise<Repository> {
  const connection = new Connection(url, journal);
  try {
    await connection.query(sql`select 1`);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const definitions = new PostgresDefinitionStore(connection);
  return {
    connection,
    definitions,
    instances: definitions,
    packages: new PostgresPackageStore(connection),
    runs: new PostgresRunStore(connection),
    streams: new PostgresStreamStore(connection),
    controllers: new PostgresControllerStore(connection),
    queries: new PostgresRunQueries(connection),
    migrate: () => migrate(connection),
    close: () => connection.close(),
  };
}
