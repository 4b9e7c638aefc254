import { odtmError } from '../../core/errors/catalogue.ts';
import type { UninstallRequest } from '../../ports/target.ts';
import { FRAMEWORK } from '../protocol/install-parts.ts';
import type { Connection } from './connection.ts';
import { installedNames, readInstalled } from './installed.ts';
import { hasFramework } from './record-sql.ts';
import { dropSchema, emptySchema } from './schema-objects.ts';

/**
 * Removes packages with their state tables, or everything with the framework, in the caller's transaction.
 * Returns the names of what has been removed.
 * @throws OdtmError UNINSTALL_REFUSED while streams have their record here, unless forced
 */
export async function uninstallHere(
  connection: Connection,
  { package: name, force }: UninstallRequest,
  instance: string,
): Promise<readonly string[]> {
  if (!(await hasFramework(connection))) return [];
  const installed = await installedNames(connection);
  const names = name === null ? installed : installed.filter((each) => each === name);
  const streams = await unfinishedStreams(connection, name);
  if (streams.length > 0 && !force)
    throw odtmError('UNINSTALL_REFUSED', { instance, streams: streams.join(', ') });
  await connection.query(`SELECT pg_catalog.set_config('search_path', '', true)`);
  for (const each of names) await removePart(connection, each);
  if (name !== null) await forgetPackage(connection, name);
  return names;
}

async function removePart(connection: Connection, name: string): Promise<void> {
  const installed = await readInstalled(connection, name);
  if (installed === null) return;
  if (name !== FRAMEWORK)
    await connection.query('DELETE FROM dom.dom$installed WHERE name = $1', [name]);
  if (installed.createdSchema) await dropSchema(connection, name);
  else await emptySchema(connection, name);
}

/** Streams that are not over, in words. */
async function unfinishedStreams(
  connection: Connection,
  packageName: string | null,
): Promise<readonly string[]> {
  const rows = await connection.query<{ text: string }>(
    `SELECT pg_catalog.format('run %s of operation %s (%s)', run_id, operation_name, handle) AS text
     FROM dom.dom$stream WHERE $1::text IS NULL OR package = $1 ORDER BY attached_at`,
    [packageName],
  );
  return rows.map(({ text }) => text);
}

async function forgetPackage(connection: Connection, packageName: string): Promise<void> {
  await connection.query('SELECT dom.forget(handle) FROM dom.dom$stream WHERE package = $1', [
    packageName,
  ]);
}
