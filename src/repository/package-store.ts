import { sql } from 'kysely';
import type { PackageVersion } from '../core/definitions/model.ts';
import { compareFiles } from '../core/definitions/package-order.ts';
import type { Engine } from '../core/engine.ts';
import type { PackageStore } from '../ports/repository.ts';
import type { Connection, Session } from './connection.ts';
import { safeJson } from './safe-text.ts';

/** Package code, kept by its content. */
export class PostgresPackageStore implements PackageStore {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async version(name: string, engine: Engine, sha256: string): Promise<PackageVersion | null> {
    const [found] = await this.connection.query(sql<PackageVersion>`
      ${VERSIONS} where (v.name, v.engine, v.sha256) = (${name}, ${engine}, ${sha256})`);
    return found === undefined ? null : inOrder(found);
  }
}

const VERSIONS = sql`
  select v.name, v.engine, v.sha256,
         coalesce((select jsonb_agg(jsonb_build_object('path', f.path, 'role', f.role, 'text', c.text,
                                                       'sha256', c.sha256))
                     from odtm.package_version_file f
                     join odtm.package_content c on c.sha256 = f.content_sha256
                    where (f.name, f.engine, f.version_sha256) = (v.name, v.engine, v.sha256)), '[]') as files
    from odtm.package_version v`;

/** The versions that new runs take. */
export async function readCurrentPackages(session: Session): Promise<readonly PackageVersion[]> {
  const versions = await session.query(sql<PackageVersion>`
    ${VERSIONS} where v.is_current order by v.name collate "C", v.engine collate "C"`);
  return versions.map(inOrder);
}

/** The order in which files run is a rule of the definitions, and no business of the database. */
function inOrder(version: PackageVersion): PackageVersion {
  return { ...version, files: [...version.files].sort(compareFiles) };
}

/** Makes these the current versions; adds those that are new, and forgets none. */
export async function writePackages(
  session: Session,
  packages: readonly PackageVersion[],
  by: string,
): Promise<void> {
  await session.query(sql`update odtm.package_version set is_current = false where is_current`);
  await insertContents(session, packages);
  const versions = packages.map(({ name, engine, sha256 }) => ({ name, engine, sha256 }));
  await session.query(sql`
    insert into odtm.package_version (name, engine, sha256, is_current, first_applied_by)
    select name, engine, sha256, true, ${by}
      from jsonb_to_recordset(${safeJson(versions)}::jsonb) as v (name text, engine text, sha256 text)
        on conflict (name, engine, sha256) do update set is_current = true`);
  await insertFiles(session, packages);
}

async function insertContents(
  session: Session,
  packages: readonly PackageVersion[],
): Promise<void> {
  const contents = packages.flatMap(({ files }) =>
    files.map(({ sha256, text }) => ({ sha256, text })),
  );
  await session.query(sql`
    insert into odtm.package_content (sha256, text)
    select distinct on (sha256) sha256, text
      from jsonb_to_recordset(${safeJson(contents)}::jsonb) as c (sha256 text, text text)
        on conflict do nothing`);
}

async function insertFiles(session: Session, packages: readonly PackageVersion[]): Promise<void> {
  const files = packages.flatMap(({ name, engine, sha256, files: of }) =>
    of.map((file) => ({
      name,
      engine,
      version_sha256: sha256,
      path: file.path,
      role: file.role,
      content_sha256: file.sha256,
    })),
  );
  await session.query(sql`
    insert into odtm.package_version_file
    select * from jsonb_populate_recordset(null::odtm.package_version_file, ${safeJson(files)}::jsonb)
        on conflict do nothing`);
}
