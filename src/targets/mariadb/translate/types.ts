import type { Span } from './sheet.ts';
import type { Declared } from './structure.ts';
import { type Meaning, meaningOf, qualifiedMeaning, type Work } from './work.ts';

/**
 * What is surely known of a value's type. A `number` may have a fraction, which MariaDB's decimals write
 * out with all their zeros; an `integer` looks the same on both engines.
 */
export type ValueType =
  | 'number'
  | 'integer'
  | 'date'
  | 'timestamp'
  | 'text'
  | 'boolean'
  | 'unknown';

const INTEGERS =
  /^(?:INTEGER|INT|SMALLINT|BIGINT|PLS_INTEGER|BINARY_INTEGER|SIMPLE_INTEGER|NATURALN?|POSITIVEN?)\b/;
const TEXTS = /^(?:VARCHAR2?|NVARCHAR2|N?CHAR|N?CLOB|LONG|STRING)\b/;
const WITH_PRECISION = /^(?:NUMBER|NUMERIC|DECIMAL|DEC) ?\( ?\d+ ?(?:, ?0 ?)?\)/;

/** The type that a declaration's text names; %TYPE is looked up elsewhere. */
export function typeNamed(text: string): ValueType {
  const type = text.trim().toUpperCase();
  if (type.includes('%')) return 'unknown';
  if (INTEGERS.test(type) || WITH_PRECISION.test(type)) return 'integer';
  if (/^(?:NUMBER|NUMERIC|DECIMAL|DEC)\b/.test(type)) return 'number';
  if (/^DATE\b/.test(type)) return 'date';
  if (/^TIMESTAMP\b/.test(type)) return 'timestamp';
  if (TEXTS.test(type)) return 'text';
  return type === 'BOOLEAN' ? 'boolean' : 'unknown';
}

export function isNumeric(type: ValueType): boolean {
  return type === 'number' || type === 'integer';
}

/** Whether a number may be added as days; a timestamp becomes a date by that. */
export function isDate(type: ValueType): boolean {
  return type === 'date' || type === 'timestamp';
}

/** How far %TYPE and subtypes are followed; a ring of them would have no end. */
const LONGEST_CHAIN = 8;

/** The type of something declared. */
export function typeOf(meaning: Meaning, depth = 0): ValueType {
  const { declared, work } = meaning;
  if (declared.kind === 'loop') return isCounter(work, declared) ? 'integer' : 'unknown';
  if (!/^(?:variable|constant|parameter)$/.test(declared.kind)) return 'unknown';
  return typeAt(work, declared.type, depth);
}

function isCounter({ sheet }: Work, { span }: Declared): boolean {
  return sheet.find(span, (at) => sheet.text(at) === '..') !== undefined;
}

/** The type that these tokens of a declaration name. */
export function typeAt(work: Work, { from, to }: Span, depth = 0): ValueType {
  const { sheet } = work;
  if (depth > LONGEST_CHAIN) return 'unknown';
  const percent = sheet.find({ from, to }, (at) => sheet.text(at) === '%');
  if (percent !== undefined) {
    return sheet.word(percent + 1) === 'TYPE'
      ? copied(work, { from, to: percent }, depth)
      : 'unknown';
  }
  const subtype = qualifiedMeaning(work, from).meaning;
  if (subtype?.declared.kind === 'subtype') {
    return typeAt(subtype.work, subtypeBase(subtype.declared), depth + 1);
  }
  return typeNamed(sheet.source({ from, to }));
}

/** The base that a subtype stands for: `SUBTYPE name IS base`. */
export function subtypeBase({ at, span }: Declared): Span {
  return { from: at + 2, to: span.to };
}

function copied(work: Work, { from, to }: Span, depth: number): ValueType {
  const { sheet, program } = work;
  const column = program.columns.get(`${sheet.word(to - 3)}.${sheet.word(to - 1)}`);
  if (to - from === 3 && column !== undefined) return typeNamed(column);
  if (to - from !== 1) return 'unknown';
  const variable = meaningOf(work, from, sheet.word(from));
  return variable === undefined ? 'unknown' : typeOf(variable, depth + 1);
}
