import { typeOfExpression } from './expressions.ts';
import { shownText } from './guards.ts';
import type { Span } from './sheet.ts';
import { isDate, isNumeric } from './types.ts';
import { report, type Work } from './work.ts';

/** The arguments of the call whose name stands at a place. */
export interface Call {
  readonly at: number;
  readonly close: number;
  readonly list: readonly Span[];
}

export type Rewrite = (work: Work, call: Call) => void;

/** Elements that TO_CHAR of MariaDB writes as Oracle does. */
const SAME = /^(?:YYYY|YY|MM|DD|HH24|HH12|HH|MI|SS|[^A-Z0-9"])/;
/** What plsql$to_char writes besides. */
const WRITTEN = new RegExp(
  `^(?:${[
    'FM|SYYYY|YYY|Y|RRRR|RR|IYYY|IYY|IY|I|Q|MONTH|MON|WW|IW|W|DDD|DAY|DY|J|SSSSS|FF[1-6]?',
    '[AP]M|[AP]\\.M\\.|"[^"]*"',
  ].join('|')})`,
);
/** What to_date reads. */
const READ =
  /^(?:FM|YYYY|YY|RRRR|RR|MONTH|MON|MM|DDD|DD|HH24|HH12|HH|MI|SSSSS|SS|[AP]M|[AP]\.M\.|"[^"]*"|[^A-Z0-9"])/;
const WEEK = "TRUNC(date, 'IW') for the Monday, TRUNC(date + 1, 'IW') - 1 for the Sunday";

export function rewriteToChar(work: Work, { at, close, list }: Call): void {
  const { sheet } = work;
  const [value, format] = list;
  if (value === undefined) return;
  const type = typeOfExpression(work, value);
  if (format !== undefined) {
    if (isNumeric(type) || isNumberFormat(work, format)) {
      report(
        work,
        at,
        'TO_CHAR of a number with a format',
        "write LPAD(TO_CHAR(number), 5, '0'), or ROUND",
      );
    } else rewriteFormat(work, at, list);
    return;
  }
  if (type === 'text') sheet.replace(at, '');
  if (!isNumeric(type)) return;
  sheet.replace(at, type === 'integer' ? "(''||" : 'plsql$text');
  if (type === 'integer') sheet.after(close, ')');
}

function isNumberFormat({ sheet }: Work, format: Span): boolean {
  return /^'(?:FM)?[SL$]?[09][09.,GDSLMIPR$]*'$/i.test(sheet.source(format));
}

/** The literal that a format is, without its quotes; null where it is none. */
function literalOf({ sheet }: Work, { from, to }: Span): string | null {
  return to - from === 1 && sheet.kind(from) === 'string' ? sheet.text(from).slice(1, -1) : null;
}

function rewriteFormat(work: Work, at: number, list: readonly Span[]): void {
  const { sheet } = work;
  const [, format, language] = list;
  if (format === undefined || refuseLanguage(work, at, language)) return;
  const literal = literalOf(work, format);
  if (literal !== null && firstOther(literal, [SAME]) === null) return;
  const other = literal === null ? null : firstOther(literal, [WRITTEN, SAME]);
  if (other !== null) refuseElement(work, at, other);
  sheet.replace(at, 'plsql$to_char');
}

/** Where a format begins to have what none of these patterns takes; null if they take it all. */
function firstOther(format: string, patterns: readonly RegExp[]): string | null {
  let rest = format.toUpperCase();
  while (rest !== '') {
    const found = patterns.map((pattern) => pattern.exec(rest)?.[0]).find((text) => text);
    if (found === undefined) return /^(?:\w+|.)/.exec(rest)?.[0] ?? rest;
    rest = rest.slice(found.length);
  }
  return null;
}

function refuseElement(work: Work, at: number, element: string): void {
  const name = work.sheet.word(at);
  const instead = /^D\b/.test(element)
    ? "the day of the week depends on the session's territory: TRUNC(date) - TRUNC(date, 'IW') + 1"
    : 'elements of which each engine makes the same, such as YYYY, MON, DY, IW, HH24';
  report(work, at, `${name} with the format element ${element}`, instead);
}

function refuseLanguage(work: Work, at: number, language: Span | undefined): boolean {
  if (language === undefined) return false;
  report(work, at, `${work.sheet.word(at)} with a language`, 'names of days and months in English');
  return true;
}

export function rewriteToDate(work: Work, { at, list }: Call): void {
  const [, format, language] = list;
  if (format === undefined) {
    report(work, at, 'TO_DATE without a format', "give the format: TO_DATE(text, 'YYYY-MM-DD')");
    return;
  }
  if (refuseLanguage(work, at, language)) return;
  const literal = literalOf(work, format);
  const other = literal === null ? null : firstOther(literal, [READ]);
  if (other !== null) refuseElement(work, at, other);
}

/** TRUNC of a value of unknown type is taken for a date's; the function raises for what is none. */
export function rewriteTrunc(work: Work, { at, close, list }: Call): void {
  const { sheet } = work;
  const [value, format] = list;
  if (value === undefined) return;
  const byDigits = format !== undefined && isNumeric(typeOfExpression(work, format));
  if (byDigits || isNumeric(typeOfExpression(work, value))) {
    sheet.replace(at, 'TRUNCATE');
    if (format === undefined) sheet.before(close, ', 0');
  } else if (format === undefined) sheet.before(close, ", 'DD'");
  else if (/^(?:DAY|DY|D)$/i.test(literalOf(work, format) ?? '')) {
    report(work, at, "TRUNC to the first day of the week by the session's territory", WEEK);
  }
}

/** ROUND of a date goes to the next day on Oracle, and to the second on MariaDB. */
export function rewriteRound(work: Work, { at, close, list }: Call): void {
  const { sheet } = work;
  const [value, format] = list;
  if (value === undefined) return;
  const type = typeOfExpression(work, value);
  const byFormat = format !== undefined && typeOfExpression(work, format) === 'text';
  if (isDate(type) || byFormat) {
    report(work, at, 'ROUND of a date', "write TRUNC(date + INTERVAL '12' HOUR, 'DD')");
  } else if (type === 'unknown' && format === undefined) {
    const shown = shownText(work, { from: at, to: close + 1 });
    sheet.replace(at, 'ROUND(plsql$number');
    sheet.before(close, `, ${shown}`);
    sheet.after(close, ')');
  }
}
