import type { PackageFile, PackageVersion } from '../../core/definitions/model.ts';
import { TargetError } from '../../ports/target.ts';
import { missingProcedure } from '../plsql/mandatory.ts';
import { type SourceUnit, sourceUnits } from '../plsql/source-units.ts';
import { type InstallScene, installFailed, privilegeMissing } from '../protocol/install-parts.ts';
import { errno, isDenied } from './errors.ts';
import { type TranslatedUnit, translate } from './translate/translate.ts';

/** The units of a package as the server gets them. */
export interface PackageUnits {
  readonly state: readonly TranslatedUnit[];
  readonly code: readonly TranslatedUnit[];
}

/**
 * Translates a package and looks whether it is whole, before anything is touched.
 * @throws OdtmError PACKAGE_INSTALL_FAILED
 */
export function packageUnits(
  { name, files }: Pick<PackageVersion, 'name' | 'files'>,
  scene: InstallScene,
): PackageUnits {
  const { units, problems } = translate(files, undefined, { marks: true });
  const [problem, ...more] = problems;
  if (problem !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more places)`;
    const reason = `${problem.construct}: ${problem.instead}${others}`;
    throw installFailed(scene, problem.path, problem.line, reason);
  }
  const missing = missingProcedure(name, units);
  const roles = new Map(files.map((file) => [file.path, file.role]));
  const ofRole = (role: PackageFile['role']): TranslatedUnit[] =>
    units.filter(({ path }) => roles.get(path) === role);
  if (missing !== null) {
    const file = files.find(({ role }) => role === 'code')?.path ?? 'no file';
    throw installFailed(scene, file, 1, missing);
  }
  return { state: ofRole('state'), code: ofRole('code') };
}

/** The framework's own files are written for this server. */
export function frameworkUnits(files: readonly PackageFile[]): PackageUnits {
  const code = files.flatMap(({ path, text }) =>
    sourceUnits(text).map((unit) => ({ ...unit, path })),
  );
  return { state: [], code };
}

/** An error of a statement of a file, with its place. */
export function explain(
  error: unknown,
  unit: SourceUnit & { readonly path: string },
  scene: InstallScene,
): unknown {
  if (!(error instanceof TargetError) || error.kind === 'lost') return error;
  const number = errno(error);
  const { message } = error.failure;
  const within = /at line (\d+)$/.exec(message)?.[1];
  const line = unit.line + Number(within ?? 1) - 1;
  if (isDenied(error)) return privilegeMissing(scene, `${message} (${unit.path}:${line})`, error);
  return installFailed(scene, unit.path, line, `${message} [${number}]`, error);
}
