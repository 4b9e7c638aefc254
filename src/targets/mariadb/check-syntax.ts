import type { InstallScene } from '../protocol/install-parts.ts';
import { explain } from './code-files.ts';
import type { Connection } from './connection.ts';
import type { TranslatedUnit } from './translate/translate.ts';

/** The framework's package with nothing in it, as whose body every body can be prepared. */
const CHECKED_AS = 'dom$check';

/**
 * Has the server parse code without creating it, so that a mistake is found before anything is touched.
 * @throws OdtmError PACKAGE_INSTALL_FAILED
 */
export async function checkSyntax(
  connection: Connection,
  units: readonly TranslatedUnit[],
  scene: InstallScene,
): Promise<void> {
  for (const unit of units) {
    if (unit.kind !== 'package' && unit.kind !== 'package body') continue;
    try {
      await connection.execute('SET @dom$unit = :1', [renamed(unit)]);
      await connection.query('PREPARE dom$check FROM @dom$unit');
      await connection.query('DEALLOCATE PREPARE dom$check');
    } catch (error) {
      throw explain(error, unit, scene);
    }
  }
  await connection.query('SET @dom$unit = NULL');
}

/** A body can only be prepared for a specification that is there and asks for nothing. */
function renamed({ kind, name, text }: TranslatedUnit): string {
  if (kind !== 'package body' || name === null) return text;
  const quoted = name.replaceAll(/[$]/g, '\\$&');
  return text
    .replace(new RegExp(`(\\bBODY\\s+)["\`]?${quoted}["\`]?`, 'i'), `$1${CHECKED_AS}`)
    .replace(
      new RegExp(`(\\bEND\\s+)["\`]?${quoted}["\`]?(\\s*;?\\s*)$`, 'i'),
      `$1${CHECKED_AS}$2`,
    );
}
