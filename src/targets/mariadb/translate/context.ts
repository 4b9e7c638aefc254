import { isBound, type Sum, sumFrom, typeOfExpression, typeOfOperand } from './expressions.ts';
import { resolve } from './routines.ts';
import type { Sheet, Span } from './sheet.ts';
import { isDate, isNumeric, typeAt, typeNamed, typeOf, type ValueType } from './types.ts';
import { meaningOf, packageOf, type Work } from './work.ts';

/** What the operands of a sum can be. */
export interface Reading {
  /** Their types as they tell them themselves. */
  readonly types: readonly ValueType[];
  /** Every way to take what is unknown for dates or numbers; one where nothing is in doubt. */
  readonly ways: readonly (readonly ValueType[])[];
  /** What the sum has to be where it stands. */
  readonly expected: ValueType;
}

export function readingOf(work: Work, sum: Sum, whole: Span, depth = 0): Reading {
  const isWithInterval = sum.operands.some((operand) => isInterval(work, operand));
  const types = sum.operands.map((operand) =>
    isInterval(work, operand) ? 'number' : typeOfOperand(work, operand),
  );
  if (!types.includes('unknown')) return { types, ways: [types], expected: 'unknown' };
  const expected = isWithInterval ? 'date' : expectedAt(work, whole, depth);
  return { types, ways: waysToRead(work, sum, types, expected), expected };
}

export function isInterval({ sheet }: Work, { from }: Span): boolean {
  return sheet.word(from) === 'INTERVAL';
}

/**
 * Every way to take the operands of unknown type for dates or numbers that Oracle would accept: dates may
 * not add up, none may be subtracted from a number, and the sum has to be what its place expects.
 */
function waysToRead(
  { sheet }: Work,
  { signs }: Sum,
  types: readonly ValueType[],
  expected: ValueType,
): ValueType[][] {
  if (types.filter((type) => type === 'unknown').length > MOST_UNKNOWN)
    return [[...types], [...types]];
  let ways: { types: ValueType[]; dates: number }[] = [{ types: [], dates: 0 }];
  for (const [index, type] of types.entries()) {
    const minus = sheet.text(signs[index - 1] ?? -1) === '-';
    const choices: readonly ValueType[] = type === 'unknown' ? ['date', 'number'] : [type];
    ways = ways.flatMap((way) =>
      choices.map((choice) => ({
        types: [...way.types, choice],
        dates: way.dates + (isDate(choice) ? (minus ? -1 : 1) : 0),
      })),
    );
    ways = ways.filter(({ dates }) => dates === 0 || dates === 1);
  }
  const wanted = isDate(expected) ? 1 : isNumeric(expected) ? 0 : null;
  return ways.filter(({ dates }) => wanted === null || dates === wanted).map((way) => way.types);
}

/** Longer sums are not read in every way; they stay in doubt. */
const MOST_UNKNOWN = 10;

const COMPARING = /^(?:=|<>|!=|\^=|~=|<|>|<=|>=)$/;
/** How many parentheses and calls are followed outwards. */
const DEEPEST = 20;

/**
 * What Oracle wants an expression to be where it stands: it refuses to compare or to assign a date where a
 * number is meant. `unknown` where the place takes both.
 */
export function expectedAt(work: Work, span: Span, depth = 0): ValueType {
  const { sheet } = work;
  const { from, to } = span;
  if (depth > DEEPEST) return 'unknown';
  const compared = firstKnown(work, comparedWith(sheet, span));
  if (compared !== 'unknown') return compared;
  const before = sheet.text(from - 1);
  if (before === ':=' || sheet.word(from - 1) === 'DEFAULT') return assigned(work, from);
  if (before === '=>') return argument(work, span, sheet.word(from - 2), depth);
  if (sheet.word(from - 1) === 'RETURN') {
    const returns = work.structure.scopeAt(from).routine?.returns ?? null;
    return returns === null ? 'unknown' : typeAt(work, returns);
  }
  if (before === '(' && sheet.text(to) === ')' && !isCalled(sheet, from - 2)) {
    return inParentheses(work, span, depth);
  }
  const selected = intoTarget(work, span);
  return selected === undefined ? argument(work, span, null, depth) : firstKnown(work, [selected]);
}

function firstKnown(work: Work, spans: readonly Span[]): ValueType {
  for (const span of spans) {
    const type = typeOfExpression(work, span);
    if (isDate(type) || isNumeric(type)) return type;
  }
  return 'unknown';
}

/** Where the expression begins that ends before this token. */
function beginOf(sheet: Sheet, end: number): number {
  let at = end - 1;
  for (; at >= 0; at -= 1) {
    if (sheet.text(at) === ')') at = sheet.opening(at);
    else if (sheet.text(at) === '(' || isBound(sheet, at)) break;
  }
  return at + 1;
}

function endOf(sheet: Sheet, from: number): number {
  return sumFrom(sheet, from, sheet.length).operands.at(-1)?.to ?? from;
}

/** What a comparison compares the expression with. */
function comparedWith(sheet: Sheet, { from, to }: Span): Span[] {
  const others: Span[] = [];
  const after = (at: number) => others.push({ from: at, to: endOf(sheet, at) });
  const before = (at: number) => others.push({ from: beginOf(sheet, at), to: at });
  if (COMPARING.test(sheet.text(to))) after(to + 1);
  if (COMPARING.test(sheet.text(from - 1))) before(from - 1);
  const next = sheet.word(to) === 'NOT' ? to + 1 : to;
  if (sheet.word(next) === 'BETWEEN') {
    after(next + 1);
    after(endOf(sheet, next + 1) + 1);
  }
  const low = sheet.word(from - 1) === 'AND' ? beginOf(sheet, from - 1) : from;
  if (sheet.word(low - 1) === 'BETWEEN') {
    const not = sheet.word(low - 2) === 'NOT' ? 1 : 0;
    before(low - 1 - not);
    if (low < from) others.push({ from: low, to: from - 1 });
    else if (sheet.word(to) === 'AND') after(to + 1);
  }
  return others;
}

/** The type of the variable, parameter or field that gets the value. */
function assigned(work: Work, from: number): ValueType {
  for (const { names } of work.structure.scopes) {
    for (const declared of names.values()) {
      if (declared.value?.from === from) return typeOf({ declared, work });
    }
  }
  return firstKnown(work, [{ from: beginOf(work.sheet, from - 1), to: from - 1 }]);
}

/** Whether the parenthesis behind this token holds arguments. */
function isCalled(sheet: Sheet, at: number): boolean {
  return sheet.isName(at) && !isBound(sheet, at);
}

/** Parentheses that only group: what the expression around them has to be. */
function inParentheses(work: Work, { from, to }: Span, depth: number): ValueType {
  const { sheet } = work;
  const outer = { from: from - 1, to: to + 1 };
  if (/^[*/]$/.test(sheet.text(outer.from - 1)) || /^[*/]$/.test(sheet.text(outer.to)))
    return 'number';
  const begin = beginOf(sheet, outer.from);
  const sum = sumFrom(sheet, begin, sheet.length);
  const place = sum.operands.findIndex((operand) => operand.from === outer.from);
  const whole = { from: begin, to: sum.operands.at(-1)?.to ?? outer.to };
  if (sum.signs.length === 0) return expectedAt(work, outer, depth + 1);
  const found = readingOf(work, sum, whole, depth + 1).ways.map((way) => way[place] ?? 'unknown');
  const [first = 'unknown'] = found;
  return found.every((type) => type === first) ? first : 'unknown';
}

const OF_DATES = /^(?:ADD_MONTHS|LAST_DAY|NEXT_DAY|MONTHS_BETWEEN|EXTRACT)$/;
const OF_NUMBERS = /^(?:MOD|ABS|CEIL|FLOOR|POWER|SIGN|SQRT|SUM|AVG|LN|LOG|EXP)$/;
const OF_LIKE = /^(?:NVL|COALESCE|GREATEST|LEAST|MAX|MIN|NULLIF)$/;

/** What a function or routine wants as this argument. */
function argument(work: Work, span: Span, named: string | null, depth: number): ValueType {
  const { sheet } = work;
  const open = openingBefore(sheet, span.from - 1);
  if (open === undefined || !sheet.isName(open - 1)) return 'unknown';
  const list = sheet.items({ from: open + 1, to: sheet.closing(open) });
  const place = list.findIndex(({ from, to }) => from <= span.from && span.to <= to);
  const name = sheet.word(open - 1);
  if (name === 'ADD_MONTHS' && place === 1) return 'number';
  if (OF_DATES.test(name)) return 'date';
  if (OF_NUMBERS.test(name)) return 'number';
  if (/^(?:TRUNC|ROUND|TO_CHAR)$/.test(name))
    return place === 1 ? 'unknown' : byFormat(work, list[1]);
  const whole = { from: open - 1, to: sheet.closing(open) + 1 };
  if (OF_LIKE.test(name)) {
    const others = firstKnown(work, list.toSpliced(place, 1));
    return others === 'unknown' ? expectedAt(work, whole, depth + 1) : others;
  }
  return typeOfParameter(work, open, named ?? place);
}

/** What the second argument of TRUNC, ROUND and TO_CHAR tells of the first. */
function byFormat({ sheet }: Work, format: Span | undefined): ValueType {
  if (format === undefined) return 'unknown';
  const text = sheet.source(format);
  if (/^\d+$/.test(text)) return 'number';
  return /^'.*[YMDHQW].*'$/i.test(text) && !/[90]/.test(text) ? 'date' : 'unknown';
}

function typeOfParameter(work: Work, open: number, wanted: string | number): ValueType {
  const { sheet, program } = work;
  const dotted = sheet.text(open - 2) === '.';
  if (!dotted && meaningOf(work, open - 1, sheet.word(open - 1)) !== undefined) return 'unknown';
  const home = dotted ? sheet.word(open - 3) : packageOf(work);
  const overloads = home === null ? [] : (program.packages[home] ?? []);
  const given = sheet.items({ from: open + 1, to: sheet.closing(open) }).map(({ from }) => ({
    name: sheet.text(from + 1) === '=>' ? sheet.word(from) : null,
  }));
  const parameters = resolve(overloads, sheet.word(open - 1), given)?.routine.parameters ?? [];
  const parameter =
    typeof wanted === 'number'
      ? parameters[wanted]
      : parameters.find(({ name }) => name === wanted);
  return parameter === undefined ? 'unknown' : typeNamed(parameter.type);
}

/** The parenthesis that opens the list in which this token stands. */
function openingBefore(sheet: Sheet, from: number): number | undefined {
  for (let at = from; at >= 0 && sheet.text(at) !== ';'; at -= 1) {
    if (sheet.text(at) === '(') return at;
    if (sheet.text(at) === ')') at = sheet.opening(at);
  }
  return undefined;
}

/** The variable into which a query selects the expression. */
function intoTarget({ sheet }: Work, { from, to }: Span): Span | undefined {
  let place = 0;
  let at = from - 1;
  for (; at >= 0 && sheet.word(at) !== 'SELECT'; at -= 1) {
    if (/^(?:FROM|;|\()$/.test(sheet.word(at))) return undefined;
    if (sheet.text(at) === ',') place += 1;
    if (sheet.text(at) === ')') at = sheet.opening(at);
  }
  const rest = { from: to, to: sheet.endOfStatement(to) };
  const into = sheet.find(rest, (next) => /^(?:INTO|FROM|;|\))$/.test(sheet.word(next)));
  if (at < 0 || into === undefined || sheet.word(into) !== 'INTO') return undefined;
  const from_ = sheet.find(rest, (next) => sheet.word(next) === 'FROM') ?? rest.to;
  return sheet.items({ from: into + 1, to: from_ })[place];
}
