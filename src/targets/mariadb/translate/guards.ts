import { type Sum, typeOfOperand } from './expressions.ts';
import type { Span } from './sheet.ts';
import { isNumeric, type ValueType } from './types.ts';
import { packageOf, type Work } from './work.ts';

export const SECONDS_A_DAY = 86_400;
/** How a date looks as text; no number does. */
const A_DATE = "LIKE '____-__-__%'";
const LONGEST_SHOWN = 60;

/** The operands of which the source tells no type, and what the place of the sum wants. */
export interface Unknown {
  readonly unknown: readonly Span[];
  readonly expected: ValueType;
}

/**
 * A sum whose operands the source does not tell the types of. MariaDB would take a date in it for a number
 * like 20260131: the values are looked at, and a date is an error. Where the place wants a number, the
 * difference of two dates is their days; where it takes what it gets, the days are added.
 */
export function guardSum(work: Work, sum: Sum, { unknown, expected }: Unknown): ValueType {
  const { sheet } = work;
  const whole = { from: sum.operands[0]?.from ?? 0, to: sum.operands.at(-1)?.to ?? 0 };
  const shown = shownText(work, whole);
  const plain = unknown.filter((span) => isPlain(work, span));
  for (const span of unknown) {
    if (!plain.includes(span)) sheet.wrap(span, 'plsql$number(', `, ${shown})`);
  }
  if (plain.length === 0) return 'number';
  const texts = plain.map((span) => sheet.rendering(span).trim());
  const isAny = texts.map((text) => `${text} ${A_DATE}`).join(' OR ');
  const later = unknown.length === 1 && isAssigned(work, whole) ? laterDate(work, sum) : null;
  const difference =
    isNumeric(expected) && sum.signs.length === 1 ? differenceOf(work, sum, texts) : '';
  const otherwise = later ?? `plsql$is_date(${shown})`;
  sheet.before(whole.from, `CASE ${difference}WHEN ${isAny} THEN ${otherwise} ELSE `);
  sheet.after(whole.to - 1, ' END');
  return later === null ? 'number' : 'unknown';
}

/** Whether the sum is all that a variable or a column gets: as text it becomes whatever they are. */
function isAssigned({ sheet }: Work, { from, to }: Span): boolean {
  if (sheet.text(from - 1) === ':=') return sheet.text(to) === ';';
  if (sheet.text(from - 1) !== '=' || !/^(?:,|;|WHERE|)$/.test(sheet.word(to))) return false;
  let at = from - 2;
  for (; at > 0 && !/^(?:;|SET|WHERE|SELECT|ON|AND|OR|\()$/.test(sheet.word(at)); at -= 1) {
    if (sheet.text(at) === ')') at = sheet.opening(at);
  }
  return sheet.word(at) === 'SET';
}

/** A date with days added, as text; null where the days are not said by names and literals. */
function laterDate(work: Work, { operands, signs }: Sum): string | null {
  const { sheet } = work;
  const [first, ...rest] = operands;
  if (first === undefined || !isPlain(work, first)) return null;
  let date = `CAST(${sheet.rendering(first).trim()} AS DATETIME)`;
  for (const [index, days] of rest.entries()) {
    const factors = sheet.items(days).length === 1 ? factorsOf(work, days) : [];
    if (!factors.every((factor) => isPlain(work, factor))) return null;
    const [opening, closing] = daysAround(typeOfOperand(work, days));
    const sign = sheet.text(signs[index] ?? -1);
    date += ` ${sign} ${opening}${sheet.rendering(days).trim()}${closing}`;
  }
  return `CAST(${date} AS CHAR)`;
}

function factorsOf({ sheet }: Work, { from, to }: Span): Span[] {
  const factors: Span[] = [];
  let start = from;
  for (let at = from; at <= to; at += 1) {
    if (at < to && !/^[*/]$/.test(sheet.text(at))) continue;
    factors.push({ from: start, to: at });
    start = at + 1;
  }
  return factors;
}

/** What is written around a number of days that a date gets. */
export function daysAround(type: ValueType): readonly [opening: string, closing: string] {
  return type === 'integer'
    ? ['INTERVAL (', ') DAY']
    : ['INTERVAL ROUND((', `)*${SECONDS_A_DAY}) SECOND`];
}

/** The days between two values, if they are dates. */
function differenceOf({ sheet }: Work, { signs }: Sum, texts: readonly string[]): string {
  const [left, right] = texts;
  if (sheet.text(signs[0] ?? -1) !== '-' || left === undefined || right === undefined) return '';
  return (
    `WHEN ${left} ${A_DATE} AND ${right} ${A_DATE} ` +
    `THEN -TIMESTAMPDIFF(SECOND, ${left}, ${right})*1.0000000000/${SECONDS_A_DAY} `
  );
}

/** A name, which may be read twice; what is called may have effects. */
function isPlain(work: Work, { from, to }: Span): boolean {
  const { sheet, program } = work;
  const names = sheet.source({ from, to }).replaceAll(/\s/g, '');
  if (!/^:?(?:[\w$#]+|"[^"]+")(?:\.(?:[\w$#]+|"[^"]+"))*$/.test(names)) return false;
  const home = to - from > 1 ? sheet.word(to - 3) : (packageOf(work) ?? '');
  return program.packages[home]?.some(({ name }) => name === sheet.word(to - 1)) !== true;
}

/** What an error of a guard shows of the source, as a literal. */
export function shownText({ sheet }: Work, span: Span): string {
  const text = sheet.source(span).trim().slice(0, LONGEST_SHOWN);
  return `'${text.replaceAll(/['\\]/g, '"')}'`;
}
