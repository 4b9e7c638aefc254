import type { Fingerprint } from '../protocol/drift.ts';
import type { Querier } from './connection.ts';
import type { BodyPlace } from './package-lines.ts';

/** A routine, view or type that code files created; `identity` is quoted text for DROP. */
export interface CreatedObject {
  readonly kind: 'ROUTINE' | 'VIEW' | 'MATERIALIZED VIEW' | 'TYPE' | 'DOMAIN';
  readonly identity: string;
}

/** What dom$installed says of the framework or a package. */
export interface Installed {
  readonly sha256: string;
  readonly stateSha256: string;
  readonly createdSchema: boolean;
  readonly serverMajor: number;
  readonly objects: readonly CreatedObject[];
  readonly fingerprint: Fingerprint;
  readonly lines: Readonly<Record<string, BodyPlace>>;
}

/** The row of a package, or of the framework; null: it is not installed. The table must be there. */
export async function readInstalled(querier: Querier, name: string): Promise<Installed | null> {
  const rows = await querier.query<{
    sha256: string;
    state_sha256: string;
    created_schema: boolean;
    server_major: number;
    objects: CreatedObject[];
    fingerprint: Fingerprint;
    lines: Record<string, BodyPlace>;
  }>(
    `SELECT sha256, state_sha256, created_schema, server_major, objects, fingerprint, lines
     FROM dom.dom$installed WHERE name = $1`,
    [name],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { sha256, objects, fingerprint, lines } = row;
  const { state_sha256: stateSha256, created_schema: createdSchema } = row;
  return {
    sha256,
    stateSha256,
    createdSchema,
    serverMajor: row.server_major,
    objects,
    fingerprint,
    lines,
  };
}

/** Writes the row after an install. */
export async function writeInstalled(
  querier: Querier,
  name: string,
  installed: Installed,
): Promise<void> {
  await querier.query(
    `INSERT INTO dom.dom$installed (name, sha256, state_sha256, installed_at, created_schema,
       server_major, objects, fingerprint, lines)
     VALUES ($1, $2, $3, pg_catalog.clock_timestamp(), $4, $5, $6, $7, $8)
     ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, state_sha256 = excluded.state_sha256,
       installed_at = excluded.installed_at, server_major = excluded.server_major,
       objects = excluded.objects, fingerprint = excluded.fingerprint, lines = excluded.lines`,
    [
      name,
      installed.sha256,
      installed.stateSha256,
      installed.createdSchema,
      installed.serverMajor,
      JSON.stringify(installed.objects),
      JSON.stringify(installed.fingerprint),
      JSON.stringify(installed.lines),
    ],
  );
}

/** Names of everything in dom$installed, packages first. */
export async function installedNames(querier: Querier): Promise<readonly string[]> {
  const rows = await querier.query<{ name: string }>(
    `SELECT name FROM dom.dom$installed ORDER BY name = 'dom', name`,
  );
  return rows.map(({ name }) => name);
}
