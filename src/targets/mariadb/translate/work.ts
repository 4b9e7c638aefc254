import type { SourceUnit } from '../../plsql/source-units.ts';
import { predefinedCode } from './errors-of-oracle.ts';
import type { KnownPackages } from './routines.ts';
import type { Sheet } from './sheet.ts';
import type { Declared, Structure } from './structure.ts';

/** What stands in the way of a translation, and what the author can write instead. */
export interface TranslationProblem {
  readonly path: string;
  /** The line of the file. */
  readonly line: number;
  readonly construct: string;
  readonly instead: string;
}

/** One unit under translation. */
export interface Work {
  readonly path: string;
  readonly unit: SourceUnit;
  readonly sheet: Sheet;
  readonly structure: Structure;
  readonly program: Program;
}

/** All units that are translated together, and what is known around them. */
export interface Program {
  readonly works: readonly Work[];
  /** The known packages and those of the units themselves. */
  packages: KnownPackages;
  /** The types of the columns of the tables that the units create, by `TABLE.COLUMN`. */
  readonly columns: ReadonlyMap<string, string>;
  readonly problems: TranslationProblem[];
}

/** A declaration, and the unit that it stands in. */
export interface Meaning {
  readonly declared: Declared;
  readonly work: Work;
}

/** Reports what cannot be translated, once for a construct and a line. */
export function report(work: Work, at: number, construct: string, instead: string): void {
  const line = work.unit.line + work.sheet.line(at) - 1;
  const { problems } = work.program;
  const same = problems.some(
    (other) => other.path === work.path && other.line === line && other.construct === construct,
  );
  if (!same) problems.push({ path: work.path, line, construct, instead });
}

/** Whether the unit is PL/SQL; a plain statement is not. */
export function isProcedural({ unit }: Work): boolean {
  return unit.kind !== 'sql' && unit.kind !== 'type';
}

/** The package that the unit is part of, in capitals; null where it is none. */
export function packageOf({ unit }: Work): string | null {
  if (unit.kind !== 'package' && unit.kind !== 'package body') return null;
  return unit.name?.toUpperCase() ?? null;
}

/** What a name means at a place: the scopes outwards, then the package's specification. */
export function meaningOf(work: Work, at: number, name: string): Meaning | undefined {
  const declared = work.structure.lookup(at, name);
  if (declared !== undefined) return { declared, work };
  const home = packageOf(work);
  return home === null ? undefined : inSpecification(work.program, home, name);
}

/** What a name means that the specification of a package declares. */
export function inSpecification(program: Program, home: string, name: string): Meaning | undefined {
  for (const work of program.works) {
    if (work.unit.kind !== 'package' || packageOf(work) !== home) continue;
    const declared = work.structure.scopes.find(({ kind }) => kind === 'package')?.names.get(name);
    if (declared !== undefined) return { declared, work };
  }
  return undefined;
}

/** What the name that begins here means, and the token behind it; `package.name` is one name. */
export function qualifiedMeaning(
  work: Work,
  at: number,
): { meaning: Meaning | undefined; next: number } {
  const { sheet } = work;
  if (sheet.text(at + 1) !== '.')
    return { meaning: meaningOf(work, at, sheet.word(at)), next: at + 1 };
  const outer = sheet.word(at);
  const meaning =
    packageOf(work) === outer
      ? meaningOf(work, at, sheet.word(at + 2))
      : inSpecification(work.program, outer, sheet.word(at + 2));
  return { meaning, next: at + 3 };
}

/** The ORA code that an exception has from PRAGMA EXCEPTION_INIT, or as a predefined one; else null. */
export function codeOfException(meaning: Meaning | undefined, name: string): number | null {
  if (meaning === undefined) return predefinedCode(name);
  const { work, declared } = meaning;
  const { sheet, structure } = work;
  const home = structure.scopeAt(declared.at);
  for (let at = 0; at < sheet.length; at += 1) {
    if (!sheet.reads(at, 'PRAGMA', 'EXCEPTION_INIT', '(', declared.name)) continue;
    if (structure.scopeAt(at) !== home) continue;
    const close = sheet.closing(at + 2);
    return Number(sheet.source({ from: at + 5, to: close }).replaceAll(/[\s']/g, ''));
  }
  return null;
}
