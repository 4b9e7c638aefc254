import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { odtmError } from '../core/errors/catalogue.ts';
import type { Connection, Session } from './connection.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
const SCHEMA = 'odtm';
const LEDGER = 'migration';

/** Migrations are plain SQL files, applied in the order of their names and never changed afterwards. */
class SqlFiles implements MigrationProvider {
  async getMigrations(): Promise<Record<string, Migration>> {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort();
    return Object.fromEntries(files.map((file) => [file.replace(/\.sql$/, ''), fromFile(file)]));
  }
}

function fromFile(file: string): Migration {
  return {
    up: async (db: Kysely<never>) => {
      await sql.raw(await readFile(new URL(file, FOLDER), 'utf8')).execute(db);
    },
  };
}

/**
 * Applies the migrations that are missing, all in one transaction; several processes may do it at once.
 * Returns the names of those that were applied.
 * @throws OdtmError REPOSITORY_NEWER, REPOSITORY_UNREACHABLE
 */
export function migrate(connection: Connection): Promise<readonly string[]> {
  return connection.run(async (session) => {
    const provider = new SqlFiles();
    await refuseNewer(session, provider);
    const migrator = new Migrator({
      db: session.db,
      provider,
      migrationTableSchema: SCHEMA,
      migrationTableName: LEDGER,
      migrationLockTableName: `${LEDGER}_lock`,
    });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) {
      // A newer program may have migrated between the look above and the lock.
      await refuseNewer(session, provider);
      throw error;
    }
    return (results ?? []).map(({ migrationName }) => migrationName);
  });
}

async function refuseNewer(session: Session, provider: MigrationProvider): Promise<void> {
  const known = new Set(Object.keys(await provider.getMigrations()));
  const unknown = (await appliedMigrations(session)).find((name) => !known.has(name));
  if (unknown !== undefined) throw odtmError('REPOSITORY_NEWER', { migration: unknown });
}

async function appliedMigrations(session: Session): Promise<readonly string[]> {
  const [ledger] = await session.query<{ exists: boolean }>(
    sql`select to_regclass(${`${SCHEMA}.${LEDGER}`}) is not null as exists`,
  );
  if (ledger?.exists !== true) return [];
  const rows = await session.query<{ name: string }>(
    sql`select name from odtm.migration order by name`,
  );
  return rows.map(({ name }) => name);
}
