import { type InstallScene, installFailed } from '../protocol/install-parts.ts';
import type { FileUnit } from './code-files.ts';
import type { Connection } from './connection.ts';
import { firstLine } from './package-lines.ts';
import { quoteIdentifier } from './quoting.ts';
import { createdBy, places, readInvalid } from './schema-objects.ts';

interface ErrorRow {
  readonly name: string;
  readonly type: string;
  readonly line: number;
  readonly text: string;
}

/**
 * Compiles again what has become invalid, and sees whether all of the units are whole.
 * @throws OdtmError PACKAGE_INSTALL_FAILED with the place, the error and the line of the source
 */
export async function checkCompiled(
  connection: Connection,
  units: readonly FileUnit[],
  scene: InstallScene,
): Promise<void> {
  await compileInvalid(connection, units);
  const errors = await readErrors(connection, units);
  const [first] = errors.sort((a, b) => a.order - b.order);
  if (first === undefined) return;
  const { unit, row } = first;
  const line = firstLine(unit) + Math.max(row.line, 1) - 1;
  const source = unit.text.split('\n')[line - unit.line]?.trim() ?? '';
  const others = errors.length === 1 ? '' : ` (and ${errors.length - 1} more errors)`;
  throw installFailed(scene, unit.path, line, `${row.text.trim()} in: ${source}${others}`);
}

/** What was created before what it needs is valid after one more look at it. */
async function compileInvalid(connection: Connection, units: readonly FileUnit[]): Promise<void> {
  const created = new Set(units.flatMap((unit) => createdBy(unit)?.name ?? []));
  for (const { object_type, object_name } of await readInvalid(connection)) {
    if (!created.has(object_name)) continue;
    const [kind = '', body] = object_type.split(' ');
    await connection.create(
      `ALTER ${kind} ${quoteIdentifier(object_name)} COMPILE${body === undefined ? '' : ' BODY'}`,
    );
  }
}

interface Found {
  readonly unit: FileUnit;
  readonly row: ErrorRow;
  /** The order of the files first, then that of the compiler. */
  readonly order: number;
}

async function readErrors(connection: Connection, units: readonly FileUnit[]): Promise<Found[]> {
  const objects = units.map(createdBy);
  const names = [...new Set(objects.flatMap((object) => object?.name ?? []))];
  if (names.length === 0) return [];
  const rows = await connection.query<ErrorRow>(
    `SELECT e.name, e.type, e.line, e.text FROM user_errors e
     WHERE e.attribute = 'ERROR' AND e.name IN (${places(names)}) ORDER BY e.sequence`,
    names,
  );
  return rows.flatMap((row, index): Found[] => {
    const at = objects.findIndex(
      (object) => object?.name === row.name && object.kind.toUpperCase() === row.type,
    );
    const unit = units[at];
    return unit === undefined ? [] : [{ unit, row, order: at * rows.length + index }];
  });
}
