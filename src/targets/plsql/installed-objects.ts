import { FRAMEWORK, type Part, type PartState } from '../protocol/install-parts.ts';
import { type CreatedObject, type Installed, writeInstalled } from './installed.ts';
import type { PlsqlConnection } from './querier.ts';

/** One name for one object of a schema. */
export function keyOf({ kind, name }: CreatedObject): string {
  return `${kind} ${name}`;
}

/** What a part's files create, and the data that an earlier version of them has made. */
export function objectsOf(
  created: readonly CreatedObject[],
  installed: Installed | null,
  isCode: (object: CreatedObject) => boolean,
): CreatedObject[] {
  const kept = (installed?.objects ?? []).filter((object) => !isCode(object));
  return [...new Map([...kept, ...created].map((object) => [keyOf(object), object])).values()];
}

/** Code of the version before that the new one does not have any more. */
export function outdatedOf(
  created: readonly CreatedObject[],
  installed: Installed | null,
  isCode: (object: CreatedObject) => boolean,
): CreatedObject[] {
  const keys = new Set(created.map(keyOf));
  return (installed?.objects ?? []).filter((object) => isCode(object) && !keys.has(keyOf(object)));
}

/** The framework and the package, in the order in which they are installed. */
export function partsOf(framework: Omit<Part, 'name'>, version: Part): readonly Part[] {
  const { name, sha256, files } = version;
  return [
    { name: FRAMEWORK, ...framework },
    { name, sha256, files },
  ];
}

/** After an install that was taken back: what had been installed before, and is again, has its row again. */
export async function restoreRows(
  connection: PlsqlConnection,
  states: readonly PartState<Installed>[],
): Promise<void> {
  for (const { part, installed, due } of states)
    if (due && installed !== null) await writeInstalled(connection, part.name, installed);
  await connection.commit();
}
