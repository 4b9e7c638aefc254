import type { SourceUnit } from '../../plsql/source-units.ts';
import { moveForwardDeclarations, rewriteCalls } from './calls.ts';
import { rewriteDatatypes } from './datatypes.ts';
import { leaveOutDefaults, rewriteDeclarations, rewriteUses } from './declarations.ts';
import { DOM_INTERFACE } from './dom-interface.ts';
import { rewriteExceptions } from './exceptions.ts';
import { rewriteFunctions } from './functions.ts';
import { rewriteHeader } from './header.ts';
import { markStatements } from './marks.ts';
import { programOf, type SourceFile } from './program.ts';
import { refuseConstructs } from './refusals.ts';
import { refuseStructures } from './restrictions.ts';
import type { KnownPackages } from './routines.ts';
import { rewriteStatements } from './statements.ts';
import { refuseHiddenColumns } from './static-sql.ts';
import { rewriteSums } from './sums.ts';
import { isLeftOut, rewritePlain } from './tables.ts';
import { isProcedural, type TranslationProblem, type Work } from './work.ts';

export type { SourceFile } from './program.ts';
export type { TranslationProblem } from './work.ts';

/** A unit as MariaDB gets it: its text has the lines of the source, so that line numbers of errors hold. */
export interface TranslatedUnit extends SourceUnit {
  readonly path: string;
}

export interface Translation {
  readonly units: readonly TranslatedUnit[];
  /** What cannot be translated; with one of them, nothing may be installed. */
  readonly problems: readonly TranslationProblem[];
}

export interface TranslateOptions {
  /** Leave marks of where the code is, for the places of errors. */
  readonly marks: boolean;
}

/** Makes of a package's source, written for Oracle, what MariaDB in its Oracle mode accepts. */
export function translate(
  files: readonly SourceFile[],
  known: KnownPackages = DOM_INTERFACE,
  options: TranslateOptions = { marks: false },
): Translation {
  const program = programOf(files, known);
  const procedural = program.works.filter(isProcedural);
  for (const work of program.works) {
    refuseStructures(work);
    if (isProcedural(work)) {
      refuseConstructs(work);
      refuseHiddenColumns(work);
    }
    rewriteHeader(work);
    rewriteDatatypes(work);
  }
  for (const work of procedural) rewriteUses(work);
  for (const work of program.works) {
    if (isProcedural(work)) rewriteProcedural(work);
    else rewriteStatement(work);
  }
  if (options.marks) for (const work of procedural) markStatements(work);
  const units = program.works
    .filter((work) => !isLeftOut(work))
    .map(({ path, unit, sheet }) => ({ ...unit, path, text: sheet.rendered() }));
  const problems = program.problems.toSorted(
    (one, other) => one.path.localeCompare(other.path) || one.line - other.line,
  );
  return { units, problems };
}

/** The order matters where two of them write to one token: what comes later stands further out. */
function rewriteProcedural(work: Work): void {
  rewriteDeclarations(work);
  rewriteFunctions(work);
  rewriteSums(work);
  rewriteCalls(work);
  rewriteExceptions(work);
  rewriteStatements(work);
  leaveOutDefaults(work);
  moveForwardDeclarations(work);
}

function rewriteStatement(work: Work): void {
  rewriteFunctions(work);
  rewriteSums(work);
  rewritePlain(work);
}
