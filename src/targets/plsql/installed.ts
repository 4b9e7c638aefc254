import type { Fingerprint } from '../protocol/drift.ts';
import type { InstalledPart } from '../protocol/install-parts.ts';
import type { LineMap } from './engine-parts.ts';
import type { Querier } from './querier.ts';

/** Something that a package's files created; names as the catalogue has them. */
export interface CreatedObject {
  readonly kind: string;
  readonly name: string;
}

/** What dom$installed says of the framework or a package. */
export interface Installed extends InstalledPart {
  /** Milliseconds since 1970. */
  readonly installedMs: number;
  readonly serverVersion: string;
  readonly objects: readonly CreatedObject[];
  readonly lines: LineMap;
}

interface InstalledRow {
  readonly sha256: string;
  readonly state_sha256: string;
  readonly installed_ms: number;
  readonly server_version: string;
  readonly objects: string;
  readonly fingerprint: string;
  readonly line_map: string;
}

/** The row of a package, or of the framework; null: it is not installed. The table must be there. */
export async function readInstalled(querier: Querier, name: string): Promise<Installed | null> {
  const rows = await querier.query<InstalledRow>(
    `SELECT i.sha256, i.state_sha256, i.installed_ms, i.server_version, i.objects, i.fingerprint, i.line_map
     FROM dom$installed i WHERE i.name = :1`,
    [name],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    sha256: row.sha256,
    stateSha256: row.state_sha256,
    installedMs: row.installed_ms,
    serverVersion: row.server_version,
    objects: JSON.parse(row.objects) as readonly CreatedObject[],
    fingerprint: JSON.parse(row.fingerprint) as Fingerprint,
    lines: JSON.parse(row.line_map) as LineMap,
  };
}

/** Writes the row after an install. The caller commits. */
export async function writeInstalled(
  querier: Querier,
  name: string,
  installed: Installed,
): Promise<void> {
  await deleteInstalled(querier, name);
  await querier.execute(
    `INSERT INTO dom$installed (name, sha256, state_sha256, installed_ms, server_version, objects,
       fingerprint, line_map)
     VALUES (:1, :2, :3, :4, :5, :6, :7, :8)`,
    [
      name,
      installed.sha256,
      installed.stateSha256,
      installed.installedMs,
      installed.serverVersion,
      JSON.stringify(installed.objects),
      JSON.stringify(installed.fingerprint),
      JSON.stringify(installed.lines),
    ],
  );
}

/** Forgets that something is installed. The caller commits. */
export async function deleteInstalled(querier: Querier, name: string): Promise<void> {
  await querier.execute('DELETE FROM dom$installed WHERE name = :1', [name]);
}

/** Names of everything in dom$installed, packages first. */
export async function installedNames(querier: Querier): Promise<readonly string[]> {
  const rows = await querier.query<{ name: string }>(
    `SELECT i.name FROM dom$installed i ORDER BY CASE i.name WHEN 'dom' THEN 1 ELSE 0 END, i.name`,
  );
  return rows.map(({ name }) => name);
}

/** Streams that are not over, in words; of one package, or of all. */
export async function unfinishedStreams(
  querier: Querier,
  packageName: string | null,
): Promise<readonly { readonly handle: string; readonly text: string }[]> {
  const rows = await querier.query<{
    handle: string;
    run_id: string;
    operation_name: string;
    package_name: string;
  }>(
    `SELECT s.handle, s.run_id, s.operation_name, s.package_name FROM dom$stream s
     ORDER BY s.attached_ms`,
  );
  return rows
    .filter(({ package_name }) => packageName === null || package_name === packageName)
    .map(({ handle, run_id, operation_name }) => ({
      handle,
      text: `run ${run_id} of operation ${operation_name} (${handle})`,
    }));
}
