import { installedType } from './datatypes.ts';
import type { Span } from './sheet.ts';
import type { Declared, Routine } from './structure.ts';
import { subtypeBase } from './types.ts';
import {
  codeOfException,
  inSpecification,
  type Meaning,
  meaningOf,
  packageOf,
  qualifiedMeaning,
  report,
  type Work,
} from './work.ts';

/** Declarations that MariaDB has no words for go; what they declare is said where it is used. */
export function rewriteDeclarations(work: Work): void {
  for (const scope of work.structure.scopes) {
    for (const declared of scope.names.values()) {
      if (scope.kind === 'package' && work.unit.kind === 'package')
        rewriteSpecified(work, declared);
      else rewriteDeclared(work, declared, scope.kind === 'package');
    }
  }
  for (const routine of work.structure.routines) rewriteRoutine(work, routine);
  rewritePragmas(work);
}

function rewriteSpecified(work: Work, declared: Declared): void {
  const { kind, at, span } = declared;
  if (kind === 'variable' || kind === 'cursor') {
    report(
      work,
      at,
      `${kind} in a package specification`,
      'declare it in the body and give it to others through a function',
    );
  }
  if (kind === 'constant' && !isLiteral(work, declared)) {
    report(
      work,
      at,
      'constant in a package specification whose value is no literal',
      'write its value as a literal, or make it a function',
    );
  }
  if (kind !== 'parameter') blankDeclaration(work, span);
}

function blankDeclaration({ sheet }: Work, { from, to }: Span): void {
  sheet.blank({ from, to: to + 1 });
}

function rewriteDeclared(work: Work, declared: Declared, inPackage: boolean): void {
  const { sheet } = work;
  const { kind, at, span, type, name } = declared;
  if (kind === 'subtype') blankDeclaration(work, span);
  if (kind === 'constant') sheet.blank({ from: at + 1, to: at + 2 });
  if (kind === 'constant' || kind === 'variable') {
    const not = sheet.find(type, (place) => sheet.reads(place, 'NOT', 'NULL'));
    if (not !== undefined) sheet.blank({ from: not, to: not + 2 });
  }
  if (kind !== 'exception') return;
  const code = codeOfException({ declared, work }, name);
  if (inPackage || code !== null) blankDeclaration(work, span);
}

function rewriteRoutine(work: Work, routine: Routine): void {
  const { sheet } = work;
  for (const { at, type } of routine.parameters) {
    for (let word = at + 1; word < type.from; word += 1) {
      if (sheet.word(word) === 'NOCOPY') sheet.blank({ from: word, to: word + 1 });
    }
  }
  if (routine.returns !== null) rewriteReturn(work, routine.returns);
}

/** Calls give every argument; what was written to the values meanwhile goes with them. */
export function leaveOutDefaults({ sheet, structure }: Work): void {
  for (const { value, span } of structure.routines.flatMap(({ parameters }) => parameters)) {
    if (value !== null) sheet.blank({ from: value.from - 1, to: span.to });
  }
}

function rewriteReturn(work: Work, { from, to }: Span): void {
  const { sheet } = work;
  if (sheet.text(to - 2) === '%') rewriteCopiedReturn(work, { from, to });
  if (to - from === 1 && /^(?:VARCHAR2?|NVARCHAR2|STRING)$/.test(sheet.word(from))) {
    sheet.replace(from, 'VARCHAR2(16383)');
  }
  for (let at = to; at < sheet.length && !/^(?:;|IS|AS)$/.test(sheet.word(at)); at += 1) {
    if (/^(?:RESULT_CACHE|PARALLEL_ENABLE)$/.test(sheet.word(at))) {
      const list = sheet.word(at + 1) === 'RELIES_ON' ? at + 2 : at + 1;
      const end = sheet.text(list) === '(' ? sheet.closing(list) : at;
      sheet.blank({ from: at, to: end + 1 });
    }
  }
}

/** MariaDB takes no %TYPE behind RETURN: the type itself is written there, where the units tell it. */
function rewriteCopiedReturn(work: Work, returns: Span): void {
  const { sheet } = work;
  const text = copiedType(work, { from: returns.from, to: returns.to - 2 });
  if (text === null || sheet.word(returns.to - 1) !== 'TYPE') {
    report(
      work,
      returns.from,
      'RETURN with %TYPE or %ROWTYPE',
      'write the type itself, such as RETURN NUMBER; a row goes through an OUT parameter',
    );
    return;
  }
  sheet.blank(returns);
  sheet.before(returns.from, text);
}

function copiedType(work: Work, { from, to }: Span): string | null {
  const { sheet, program } = work;
  if (to - from >= 3) {
    const column = program.columns.get(`${sheet.word(to - 3)}.${sheet.word(to - 1)}`);
    return column === undefined ? null : installedType(column);
  }
  const variable = meaningOf(work, from, sheet.word(from));
  if (variable === undefined || !/^(?:variable|constant)$/.test(variable.declared.kind))
    return null;
  const type = variable.work.sheet.source(variable.declared.type);
  return type.includes('%') ? null : installedType(type);
}

function rewritePragmas(work: Work): void {
  const { sheet } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (sheet.word(at) !== 'PRAGMA' || !sheet.isName(at + 1)) continue;
    blankDeclaration(work, { from: at, to: sheet.endOfStatement(at) });
  }
}

/**
 * Uses of subtypes, and of constants that a specification declares: what they stand for is written there.
 * This has to happen in all units before the declarations go.
 */
export function rewriteUses(work: Work): void {
  const { sheet, structure } = work;
  const parameters = new Set(
    structure.routines.flatMap((routine) => routine.parameters.map(({ at }) => at)),
  );
  for (let at = 0; at < sheet.length; at += 1) {
    if (!sheet.isName(at) || sheet.text(at - 1) === '.' || sheet.text(at + 1) === '=>') continue;
    if (parameters.has(at)) continue;
    const { meaning, next } = qualifiedMeaning(work, at);
    if (meaning === undefined || isDeclaration(work, at, meaning)) continue;
    const text = standsFor(meaning);
    if (text === null) continue;
    sheet.blank({ from: at, to: next });
    sheet.before(at, text);
  }
}

function isDeclaration(work: Work, at: number, { declared, work: home }: Meaning): boolean {
  return home === work && at >= declared.span.from && at < declared.span.to && at <= declared.at;
}

/** What is written in place of a name: a subtype's base, the value of a specified constant. */
function standsFor({ declared, work }: Meaning): string | null {
  const { sheet } = work;
  if (declared.kind === 'subtype')
    return sheet.rendering(withoutRange(work, subtypeBase(declared)));
  const specified = work.unit.kind === 'package' && declared.kind === 'constant';
  if (!specified || declared.value === null || !isLiteral(work, declared)) return null;
  return valueText(work, declared.value);
}

function withoutRange({ sheet }: Work, { from, to }: Span): Span {
  const extra = sheet.find({ from, to }, (at) => /^(?:NOT|RANGE)$/.test(sheet.word(at)));
  return { from, to: extra ?? to };
}

/** The value of a constant, with the constants in it written out too. */
export function valueText(work: Work, { from, to }: Span): string {
  const { sheet } = work;
  const parts: string[] = [];
  for (let at = from; at < to; at += 1) {
    const meaning = sheet.isName(at) ? meaningOf(work, at, sheet.word(at)) : undefined;
    const inner = meaning === undefined ? null : standsFor(meaning);
    parts.push(inner ?? sheet.rendering({ from: at, to: at + 1 }));
  }
  return parts.length === 1 ? parts.join('') : `(${parts.join(' ')})`;
}

const LITERAL_WORD = /^(?:NULL|TRUE|FALSE|DATE|TIMESTAMP|CHR)$/;

/** Whether the value is made of literals and of constants that are. */
function isLiteral(work: Work, { value, name }: Declared): boolean {
  if (value === null) return false;
  const { sheet } = work;
  for (let at = value.from; at < value.to; at += 1) {
    if (!sheet.isName(at) || LITERAL_WORD.test(sheet.word(at))) continue;
    const home = packageOf(work);
    const inner = home === null ? undefined : inSpecification(work.program, home, sheet.word(at));
    if (inner === undefined || inner.declared.name === name) return false;
    if (inner.declared.at > value.from || !isLiteral(inner.work, inner.declared)) return false;
  }
  return true;
}
