import type { PackageFile, PackageVersion } from '../../core/definitions/model.ts';
import { TargetError } from '../../ports/target.ts';
import { missingProcedure } from '../plsql/mandatory.ts';
import { type SourceUnit, sourceUnits } from '../plsql/source-units.ts';
import { type InstallScene, installFailed, privilegeMissing } from '../protocol/install-parts.ts';
import { isDenied } from './errors.ts';

/** A unit of a file of the framework or of a package. */
export interface FileUnit extends SourceUnit {
  readonly path: string;
}

/** The units of the framework or of a package. */
export interface PackageUnits {
  readonly state: readonly FileUnit[];
  readonly code: readonly FileUnit[];
}

/** Cuts files into units. */
export function unitsOf(files: readonly PackageFile[]): FileUnit[] {
  return files.flatMap(({ path, text }) => sourceUnits(text).map((unit) => ({ ...unit, path })));
}

/**
 * The units of a package, looked at whether it is whole before anything is touched.
 * @throws OdtmError PACKAGE_INSTALL_FAILED
 */
export function packageUnits(
  { name, files }: Pick<PackageVersion, 'name' | 'files'>,
  scene: InstallScene,
): PackageUnits {
  const ofRole = (role: PackageFile['role']): FileUnit[] =>
    unitsOf(files.filter((file) => file.role === role));
  const [state, code] = [ofRole('state'), ofRole('code')];
  const missing = missingProcedure(name, [...state, ...code]);
  if (missing === null) return { state, code };
  const file = files.find(({ role }) => role === 'code')?.path ?? 'no file';
  throw installFailed(scene, file, 1, missing);
}

/** The framework has one object a file; what holds data stands in those that end with .sql. */
export function frameworkUnits(files: readonly PackageFile[]): PackageUnits {
  const isState = ({ path }: PackageFile): boolean => path.endsWith('.sql');
  return {
    state: unitsOf(files.filter(isState)),
    code: unitsOf(files.filter((file) => !isState(file))),
  };
}

/** An error of a statement of a file, with its place. */
export function explain(error: unknown, unit: FileUnit, scene: InstallScene): unknown {
  if (!(error instanceof TargetError) || error.kind === 'lost') return error;
  const { code, message, hint } = error.failure;
  const line = unit.line + lineWithin(error, unit);
  if (isDenied(error)) {
    return privilegeMissing(scene, `${code}: ${message} (${unit.path}:${line})`, error);
  }
  const reason = `${code}: ${message}${hint === null ? '' : ` (${hint})`}`;
  return installFailed(scene, unit.path, line, reason, error);
}

/** How many lines into a statement its parsing stopped. */
function lineWithin({ cause }: TargetError, { text }: FileUnit): number {
  const offset = (cause as { readonly offset?: unknown } | undefined)?.offset;
  return typeof offset === 'number' ? text.slice(0, offset).split('\n').length - 1 : 0;
}
