import { isInterval, type Reading, readingOf } from './context.ts';
import {
  type Sum,
  startsExpression,
  sumFrom,
  typeOfExpression,
  typeOfOperand,
  typeOfSum,
} from './expressions.ts';
import { daysAround, guardSum, SECONDS_A_DAY } from './guards.ts';
import type { Span } from './sheet.ts';
import { isDate, isNumeric, typeOf, type ValueType } from './types.ts';
import { isProcedural, meaningOf, report, type Work } from './work.ts';

/**
 * Sums with dates, which MariaDB computes as numbers like 20260131, and numbers that become text, which
 * MariaDB writes with all their decimals.
 */
export function rewriteSums(work: Work): void {
  const { sheet } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (startsExpression(sheet, at)) rewriteSum(work, sumFrom(sheet, at, sheet.length));
    if (sheet.text(at) === ':=' && isProcedural(work)) rewriteAssignment(work, at);
  }
}

function rewriteSum(work: Work, sum: Sum): void {
  const { sheet } = work;
  const first = sum.operands[0];
  const last = sum.operands.at(-1);
  if (first === undefined || last === undefined || first.from >= first.to) return;
  const whole = { from: first.from, to: last.to };
  const type = sum.signs.length === 0 ? typeOfOperand(work, first) : rewriteSigns(work, sum, whole);
  const joined = sheet.text(first.from - 1) === '||';
  if (joined && sum.signs.length > 0) return;
  if (joined || sheet.text(last.to) === '||') asText(work, whole, type);
}

/** An operand whose type the sum or its place tells; `inferred` where the operand itself does not. */
interface Term {
  readonly span: Span;
  readonly type: ValueType;
  readonly inferred: boolean;
  /** The sign before it; the first has none. */
  readonly sign: number;
}

/** Answers with the type of the sum. */
function rewriteSigns(work: Work, sum: Sum, whole: Span): ValueType {
  const intervals = sum.operands.slice(1).filter((operand) => isInterval(work, operand));
  if (intervals.length === sum.signs.length) return typeWithInterval(work, sum);
  const reading = readingOf(work, sum, whole);
  const { types, ways } = reading;
  const [only] = ways;
  if (ways.length !== 1) return rewriteDoubtful(work, sum, reading);
  const [first, ...rest] = sum.operands.map((span, index): Term => {
    const type = only?.[index] ?? types[index] ?? 'unknown';
    const inferred = types[index] === 'unknown';
    return { span, type, inferred, sign: sum.signs[index - 1] ?? -1 };
  });
  if (first === undefined) return 'unknown';
  if (isDate(first.type)) asDate(work, first);
  return rest.reduce(
    (left, term) => rewriteStep(work, left, { first: first.span.from, term }),
    first.type,
  );
}

/** MariaDB adds intervals as Oracle does. */
function typeWithInterval(work: Work, { operands: [first] }: Sum): ValueType {
  const type = first === undefined ? 'unknown' : typeOfOperand(work, first);
  return isDate(type) ? type : 'date';
}

/** A sum of which only its values tell whether it is one of numbers. */
function rewriteDoubtful(work: Work, sum: Sum, { types, ways, expected }: Reading): ValueType {
  const unknown = sum.operands.filter((_, index) => types[index] === 'unknown');
  const readings = ways.length === 0 ? [types] : ways;
  if (readings.some((way) => !way.some(isDate))) return guardSum(work, sum, { unknown, expected });
  const shown = unknown.map((span) => work.sheet.source(span).trim()).join(', ');
  report(
    work,
    sum.signs[0] ?? 0,
    `date - ${shown}, of unknown type`,
    `write - INTERVAL '7' DAY, or declare ${shown} as a NUMBER or DATE variable`,
  );
  return 'unknown';
}

interface Step {
  readonly first: number;
  readonly term: Term;
}

/** One sign of a sum; answers with the type of the sum so far. */
function rewriteStep(work: Work, left: ValueType, { first, term }: Step): ValueType {
  const { sheet } = work;
  const { span, type: right, sign } = term;
  const written = sheet.text(sign);
  if (isInterval(work, span)) return left;
  if (isDate(right) && written === '-' && !isNumeric(left)) {
    refuseInterval(work, term, left);
    sheet.before(first, '(-TIMESTAMPDIFF(SECOND, ');
    sheet.replace(sign, ',');
    asDate(work, term);
    sheet.after(span.to - 1, `)*1.0000000000/${SECONDS_A_DAY})`);
    return 'number';
  }
  if (isDate(right)) {
    report(work, sign, `number ${written} date`, 'write the date first: date + number');
  } else if (isDate(left)) addDays(work, term);
  return typeOfSum(left, written, right);
}

/** A difference of timestamps is an INTERVAL on Oracle, which MariaDB has not. */
function refuseInterval(work: Work, { type, sign }: Term, left: ValueType): void {
  if (type !== 'timestamp' && left !== 'timestamp') return;
  report(
    work,
    sign,
    'difference of timestamps',
    'write CAST(timestamp AS DATE) - date, which is a number of days',
  );
}

/** With a number, a timestamp becomes a date, without fractions of a second. */
function asDate({ sheet }: Work, { span, type, inferred }: Term): void {
  if (inferred || type === 'timestamp') sheet.wrap(span, 'CAST(', ' AS DATETIME)');
}

function addDays({ sheet }: Work, { span, type }: Term): void {
  const [opening, closing] = daysAround(type);
  sheet.wrap(span, opening, closing);
}

/** Makes a number into text as Oracle does: without the zeros of MariaDB's decimals. */
export function asText({ sheet }: Work, span: Span, type: ValueType): void {
  if (type === 'number') sheet.wrap(span, 'plsql$text(', ')');
}

/** A number that is assigned to a variable for text. */
function rewriteAssignment(work: Work, at: number): void {
  const { sheet } = work;
  const name = at - 1;
  if (!sheet.isName(name) || /^(?:;|THEN|ELSE|BEGIN|LOOP|>>)$/.exec(sheet.word(name - 1)) === null)
    return;
  const meaning = meaningOf(work, name, sheet.word(name));
  if (meaning === undefined || typeOf(meaning) !== 'text') return;
  const value = { from: at + 1, to: sheet.endOfStatement(at) };
  asText(work, value, typeOfExpression(work, value));
}
