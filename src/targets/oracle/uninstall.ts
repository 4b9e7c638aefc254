import { odtmError } from '../../core/errors/catalogue.ts';
import type { UninstallRequest } from '../../ports/target.ts';
import {
  deleteInstalled,
  installedNames,
  readInstalled,
  unfinishedStreams,
} from '../plsql/installed.ts';
import { forgetStreams } from '../plsql/record-sql.ts';
import { FRAMEWORK } from '../protocol/install-parts.ts';
import type { Connection } from './connection.ts';
import { dropObject, hasFramework } from './schema-objects.ts';

/** How long DROP waits for whoever uses a table. */
const DDL_LOCK_SECONDS = 30;

/**
 * Removes packages with their state tables, or everything with the framework. Returns the names of what has
 * been removed. An interrupted one may be repeated: what is gone is passed over.
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
  if (streams.length > 0 && !force) {
    const texts = streams.map(({ text }) => text).join(', ');
    throw odtmError('UNINSTALL_REFUSED', { instance, streams: texts });
  }
  if (name !== null) {
    const handles = streams.map(({ handle }) => handle);
    await forgetStreams(connection, handles);
  }
  await connection.execute(`ALTER SESSION SET ddl_lock_timeout = ${DDL_LOCK_SECONDS}`);
  for (const each of names) await removePart(connection, each);
  return names;
}

/** Code goes before the tables; the table that tells what there is goes last of all. */
async function removePart(connection: Connection, name: string): Promise<void> {
  const installed = await readInstalled(connection, name);
  const objects = [...(installed?.objects ?? [])].reverse();
  const isLast = ({ name: object }: { name: string }): boolean => object === 'DOM$INSTALLED';
  for (const object of objects) if (!isLast(object)) await dropObject(connection, object);
  if (name !== FRAMEWORK) await deleteInstalled(connection, name);
  await connection.commit();
  for (const object of objects) if (isLast(object)) await dropObject(connection, object);
}
