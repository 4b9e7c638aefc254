import { odtmError } from '../../core/errors/catalogue.ts';
import type { UninstallRequest } from '../../ports/target.ts';
import { FRAMEWORK } from '../protocol/install-parts.ts';
import { deleteInstalled, installedNames, readInstalled, unfinishedStreams } from './installed.ts';
import type { PlsqlConnection } from './querier.ts';
import { forgetStreams } from './record-sql.ts';
import type { Schema } from './schema.ts';

/**
 * Removes packages with their state tables, or everything with the framework. Returns the names of what has
 * been removed. An interrupted one may be repeated: what is gone is passed over.
 * @throws OdtmError UNINSTALL_REFUSED while streams have their record here, unless forced
 */
export async function uninstallFrom(
  connection: PlsqlConnection,
  schema: Schema,
  { package: name, force }: UninstallRequest,
  instance: string,
): Promise<readonly string[]> {
  if (!(await schema.hasFramework(connection))) return [];
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
  await schema.beforeChanges(connection);
  for (const each of names) await removePart(connection, schema, each);
  return names;
}

/** Code goes before the tables; the table that tells what there is goes last of all. */
async function removePart(
  connection: PlsqlConnection,
  schema: Schema,
  name: string,
): Promise<void> {
  const installed = await readInstalled(connection, name);
  await connection.rollback();
  const objects = [...(installed?.objects ?? [])].reverse();
  const isLast = (object: { name: string }): boolean =>
    object.name.toLowerCase() === 'dom$installed';
  const drop = (object: (typeof objects)[number]) => schema.dropObject(connection, object);
  for (const object of objects) if (!isLast(object)) await drop(object);
  if (name !== FRAMEWORK) await deleteInstalled(connection, name);
  await connection.commit();
  for (const object of objects) if (isLast(object)) await drop(object);
}
