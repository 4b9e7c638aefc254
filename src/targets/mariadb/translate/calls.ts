import { typeOfExpression } from './expressions.ts';
import {
  installedName,
  type KnownParameter,
  type KnownRoutine,
  type Resolved,
  resolve,
  STANDALONE,
} from './routines.ts';
import type { Span } from './sheet.ts';
import { staticSql } from './static-sql.ts';
import { asText } from './sums.ts';
import { typeNamed } from './types.ts';
import { isProcedural, meaningOf, packageOf, report, type Work } from './work.ts';

/** A name that may be a call of a routine of a known package. */
interface Call {
  readonly home: string;
  readonly overloads: readonly KnownRoutine[];
  /** The first token of the name, and the one of the routine itself. */
  readonly from: number;
  readonly at: number;
  /** Its arguments with their parentheses; empty without any. */
  readonly list: Span;
}

/**
 * Calls get every argument, in the order of the parameters, and name the overload that they mean. From the
 * end to the beginning, so that an argument is complete before the call around it.
 */
export function rewriteCalls(work: Work): void {
  const { sheet } = work;
  renameDeclarations(work);
  const sql = staticSql(work);
  for (let at = sheet.length - 1; at >= 0; at -= 1) {
    const call = sheet.isName(at) ? callAt(work, at, sql) : null;
    if (call !== null) rewriteCall(work, call);
  }
}

function callAt(work: Work, at: number, sql: readonly Span[]): Call | null {
  const { sheet, program } = work;
  if (sheet.text(at + 1) === '.' || sheet.text(at + 1) === '%') return null;
  const dotted = sheet.text(at - 1) === '.' && sheet.isName(at - 2);
  const name = sheet.word(at);
  const knows = (place: string) =>
    program.packages[place]?.some((routine) => routine.name === name) === true;
  const homes = dotted ? [sheet.word(at - 2)] : [packageOf(work) ?? STANDALONE, STANDALONE];
  const home = homes.find(knows);
  const overloads = home === undefined ? undefined : program.packages[home];
  if (home === undefined || overloads === undefined) return null;
  const from = dotted ? firstOfName(work, at - 2) : at;
  if (!dotted && !isOwnCall(work, at, sql)) return null;
  const open = at + 1;
  const to = sheet.text(open) === '(' ? sheet.closing(open) + 1 : open;
  return { home, overloads, from, at, list: { from: open, to } };
}

function firstOfName({ sheet }: Work, at: number): number {
  return sheet.text(at - 1) === '.' && sheet.isName(at - 2) ? at - 2 : at;
}

/** Whether an undotted name calls: it declares nothing, and no variable or column hides the routine. */
function isOwnCall(work: Work, at: number, sql: readonly Span[]): boolean {
  const { sheet } = work;
  const before = sheet.word(at - 1);
  if (/^(?:PROCEDURE|FUNCTION|END|GOTO|<<|AS|PACKAGE|BODY|\.|:)$/.test(before)) return false;
  if (/^(?::=|=>|>>)$/.test(sheet.text(at + 1))) return false;
  const word = sheet.word(at);
  if (meaningOf(work, at, word) !== undefined) return false;
  const inSql = sql.some(({ from, to }) => from <= at && at < to);
  if (sheet.text(at + 1) === '(' || (isProcedural(work) && !inSql)) return true;
  return ![...work.program.columns.keys()].some((column) => column.endsWith(`.${word}`));
}

function isStatement({ sheet }: Work, from: number): boolean {
  return /^(?:;|THEN|ELSE|BEGIN|LOOP|>>|CALL)$/.test(sheet.word(from - 1));
}

function rewriteCall(work: Work, call: Call): void {
  const { sheet } = work;
  const { list, at } = call;
  const arguments_ = argumentsOf(work, list);
  const name = sheet.word(at);
  const resolved = resolve(call.overloads, name, arguments_);
  if (resolved === null) {
    report(
      work,
      at,
      `call of ${call.home === STANDALONE ? '' : `${call.home}.`}${name} with ${arguments_.length} arguments`,
      `no overload takes them: ${shownOverloads(call.overloads, name)}`,
    );
    return;
  }
  const { routine } = resolved;
  if (routine.returns === null && !isStatement(work, call.from)) return;
  const written = installedName(call.overloads, routine, sheet.text(at));
  if (written !== sheet.text(at)) sheet.replace(at, quotedAsNeeded(written));
  for (const [place, parameter] of routine.parameters.entries()) {
    const argument = arguments_[resolved.places[place] ?? -1];
    if (argument !== undefined) fitArgument(work, parameter, argument.span);
  }
  complete(work, call, resolved, arguments_);
}

function quotedAsNeeded(name: string): string {
  if (name.startsWith('"')) return `"${name.replaceAll('"', '')}"`;
  return name.includes('#') ? `"${name}"` : name;
}

function shownOverloads(overloads: readonly KnownRoutine[], wanted: string): string {
  return overloads
    .filter(({ name }) => name === wanted)
    .map(({ parameters }) => `(${parameters.map(({ name }) => name.toLowerCase()).join(', ')})`)
    .join(' or ');
}

interface Given {
  readonly name: string | null;
  readonly span: Span;
}

function argumentsOf({ sheet }: Work, list: Span): Given[] {
  return sheet
    .items({ from: list.from + 1, to: list.to - 1 })
    .map(({ from, to }) =>
      sheet.text(from + 1) === '=>'
        ? { name: sheet.word(from), span: { from: from + 2, to } }
        : { name: null, span: { from, to } },
    );
}

/** A number for a parameter that is text becomes the text that Oracle makes of it. */
function fitArgument(work: Work, { type }: KnownParameter, span: Span): void {
  if (typeNamed(type) === 'text') asText(work, span, typeOfExpression(work, span));
}

function complete(work: Work, call: Call, resolved: Resolved, given: readonly Given[]): void {
  const { sheet } = work;
  const { routine, places } = resolved;
  const missing = routine.parameters.map(({ byDefault }) => byDefault ?? 'NULL');
  if (call.list.from === call.list.to) {
    if (missing.length > 0) sheet.extend(call.at, `(${missing.join(', ')})`);
    else if (routine.returns !== null) sheet.extend(call.at, '()');
    return;
  }
  const close = call.list.to - 1;
  const inOrder = places.every((place, index) => place === null || place === index);
  if (inOrder) {
    for (const { name, span } of given) {
      if (name !== null) sheet.blank({ from: span.from - 2, to: span.from });
    }
    const rest = missing.slice(given.length);
    if (rest.length > 0) sheet.before(close, `${given.length > 0 ? ', ' : ''}${rest.join(', ')}`);
    return;
  }
  const texts = places.map((place, index) => {
    const argument = given[place ?? -1];
    return argument === undefined ? missing[index] : sheet.rendering(argument.span).trim();
  });
  sheet.blank({ from: call.list.from + 1, to: close });
  sheet.before(close, texts.join(', '));
}

/** Declarations of an overload other than the first one, and the name behind their END. */
function renameDeclarations(work: Work): void {
  const { sheet, structure, program } = work;
  const overloads = program.packages[packageOf(work) ?? STANDALONE] ?? [];
  for (const declared of structure.routines) {
    const arity = declared.parameters.length;
    const routine = overloads.find(
      ({ name, parameters }) => name === declared.name && parameters.length === arity,
    );
    if (routine === undefined || declared.parent !== null) continue;
    const place = declared.at + 1;
    const written = installedName(overloads, routine, sheet.text(place));
    if (written === sheet.text(place)) continue;
    sheet.replace(place, quotedAsNeeded(written));
    if (declared.end >= 0 && sheet.word(declared.end + 1) === declared.name) {
      sheet.replace(declared.end + 1, '');
    }
  }
}

/**
 * In a package body MariaDB wants all variables before any routine: what Oracle lets stand between them, the
 * declaration of a routine that is defined later, goes behind them.
 */
export function moveForwardDeclarations({ sheet, structure, unit }: Work): void {
  if (unit.kind !== 'package body') return;
  const own = structure.routines.filter(({ parent }) => parent === null);
  const first = own.find(({ hasBody }) => hasBody);
  const scope = structure.scopes.find(({ kind }) => kind === 'package');
  const last = Math.max(-1, ...[...(scope?.names.values() ?? [])].map(({ at }) => at));
  if (first === undefined) return;
  for (const { hasBody, at } of own.toReversed()) {
    if (hasBody || at > last) continue;
    const span = { from: at, to: sheet.endOfStatement(at) + 1 };
    const text = sheet.rendering(span).replaceAll(/ +/g, ' ');
    sheet.blank(span);
    sheet.before(first.at, `${text} `);
  }
}
