import { sourceUnits } from '../../plsql/source-units.ts';
import { rewriteCalls } from './calls.ts';
import { valueText } from './declarations.ts';
import { rewriteFunctions } from './functions.ts';
import { rewriteLexical } from './lexical.ts';
import { breaksFunctions } from './restrictions.ts';
import { type KnownPackages, type KnownRoutine, STANDALONE } from './routines.ts';
import { Sheet, type Span } from './sheet.ts';
import { type Routine, structureOf } from './structure.ts';
import { rewriteSums } from './sums.ts';
import { type Program, packageOf, type Work } from './work.ts';

/** A file of a package, as its author wrote it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Reads the files, and everything in them that a translation of any part needs. */
export function programOf(files: readonly SourceFile[], known: KnownPackages): Program {
  const works: Work[] = [];
  const columns = new Map<string, string>();
  const program: Program = { works, packages: known, columns, problems: [] };
  for (const { path, text } of files) {
    for (const unit of sourceUnits(text)) {
      const sheet = new Sheet(unit.text);
      works.push({ path, unit, sheet, structure: structureOf(sheet), program });
    }
  }
  for (const { sheet } of works) {
    rewriteLexical(sheet);
    readColumns(sheet, columns);
  }
  program.packages = { ...known, ...packagesOf(program, valueText) };
  program.packages = { ...known, ...packagesOf(program, translatedValue) };
  markBreaking(program);
  return program;
}

/** The columns of a CREATE TABLE with their types. */
function readColumns(sheet: Sheet, columns: Map<string, string>): void {
  if (sheet.word(0) !== 'CREATE') return;
  const isTable = (at: number) => sheet.word(at) === 'TABLE';
  const table = sheet.find({ from: 1, to: Math.min(sheet.length, 5) }, isTable);
  if (table === undefined) return;
  const name = sheet.text(table + 2) === '.' ? table + 3 : table + 1;
  if (sheet.text(name + 1) !== '(') return;
  for (const { from, to } of sheet.items({ from: name + 2, to: sheet.closing(name + 1) })) {
    const sized = sheet.text(from + 2) === '(';
    const end = Math.min(to, sized ? sheet.closing(from + 2) + 1 : from + 2);
    columns.set(
      `${sheet.word(name)}.${sheet.word(from)}`,
      sheet.source({ from: from + 1, to: end }),
    );
  }
}

/** The text of a default value, as calls get it that leave the argument out. */
type DefaultText = (work: Work, value: Span) => string;

/** Calls are completed with it when everything around them is translated already. */
function translatedValue(work: Work, value: Span): string {
  const above = '\n'.repeat(work.sheet.line(value.from) - 1);
  const sheet = new Sheet(above + valueText(work, value));
  const alone: Work = { ...work, sheet, structure: structureOf(sheet) };
  rewriteFunctions(alone);
  rewriteSums(alone);
  rewriteCalls(alone);
  return sheet.rendered().slice(above.length);
}

/** What the packages of the files declare: the specification first, then what only the body has. */
function packagesOf({ works }: Program, textOf: DefaultText): Record<string, KnownRoutine[]> {
  const packages: Record<string, KnownRoutine[]> = {};
  const inOrder = [...works].sort((one, other) => rank(one) - rank(other));
  for (const work of inOrder) {
    const home = packageOf(work) ?? STANDALONE;
    const routines = packages[home] ?? [];
    packages[home] = routines;
    for (const routine of work.structure.routines) {
      if (routine.parent === null) declare(routines, knownRoutine(work, routine, textOf));
    }
  }
  return packages;
}

function rank({ unit }: Work): number {
  return unit.kind === 'package' ? 0 : 1;
}

function declare(routines: KnownRoutine[], declared: KnownRoutine): void {
  const arity = declared.parameters.length;
  const known = routines.findIndex(
    ({ name, parameters }) => name === declared.name && parameters.length === arity,
  );
  const before = routines[known];
  if (before === undefined) routines.push(declared);
  else routines[known] = merged(before, declared);
}

/** A specification may give the defaults that the body leaves out, and the other way round. */
function merged(one: KnownRoutine, other: KnownRoutine): KnownRoutine {
  const parameters = one.parameters.map((parameter, place) => ({
    ...parameter,
    byDefault: parameter.byDefault ?? other.parameters[place]?.byDefault ?? null,
  }));
  return { ...one, parameters };
}

function knownRoutine(
  work: Work,
  { name, parameters, returns }: Routine,
  textOf: DefaultText,
): KnownRoutine {
  const { sheet } = work;
  return {
    name,
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      type: sheet.source(parameter.type).trim(),
      byDefault: parameter.value === null ? null : textOf(work, parameter.value),
    })),
    returns: returns === null ? null : sheet.source(returns).trim(),
    breaksFunctions: false,
  };
}

/**
 * Marks the routines that commit or run dynamic SQL, and then those that call them, until no more are
 * found.
 */
function markBreaking(program: Program): void {
  for (let found = true; found; ) {
    found = false;
    for (const work of program.works) {
      for (const routine of work.structure.routines) found = markRoutine(work, routine) || found;
    }
  }
}

function markRoutine(work: Work, routine: Routine): boolean {
  const home = packageOf(work) ?? STANDALONE;
  const routines = work.program.packages[home];
  const place = routines?.findIndex(
    ({ name, parameters }) =>
      name === routine.name && parameters.length === routine.parameters.length,
  );
  const known = routines?.[place ?? -1];
  if (routines === undefined || known === undefined) return false;
  if (known.breaksFunctions || !breaksFunctions(work, routine)) return false;
  const changed = routines.with(place ?? 0, { ...known, breaksFunctions: true });
  work.program.packages = { ...work.program.packages, [home]: changed };
  return true;
}
