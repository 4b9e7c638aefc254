import { resolve } from './routines.ts';
import type { Sheet, Span } from './sheet.ts';
import { typeNamed, typeOf, typeOfColumn, type ValueType } from './types.ts';
import { type Meaning, meaningOf, packageOf, qualifiedMeaning, type Work } from './work.ts';

const DATE_FUNCTIONS = /^(?:SYSDATE|CURRENT_DATE|ADD_MONTHS|LAST_DAY|NEXT_DAY|TO_DATE)$/;
const NUMBER_FUNCTIONS =
  /^(?:MONTHS_BETWEEN|TO_NUMBER|ABS|CEIL|FLOOR|MOD|POWER|SQRT|SUM|AVG|EXTRACT)$/;
const INTEGER_FUNCTIONS = /^(?:LENGTH|INSTR|ASCII|SIGN|COUNT|SQLCODE|ROWNUM|ROW_NUMBER|RANK)$/;
const TEXT_FUNCTIONS =
  /^(?:TO_CHAR|SUBSTR|UPPER|LOWER|INITCAP|[LR]?TRIM|[LR]PAD|REPLACE|CHR|SQLERRM|USER|CONCAT)$/;
/** Functions that return what their first argument is. */
const SAME_AS_FIRST = /^(?:NVL|COALESCE|GREATEST|LEAST|TRUNC|ROUND|MAX|MIN)$/;

/** Words that cannot be part of an operand: an expression begins or ends at them. */
const BOUNDS = new Set(
  (
    'SELECT FROM WHERE AND OR NOT IN BETWEEN LIKE IS THEN ELSE ELSIF WHEN CASE END IF LOOP WHILE RETURN ' +
    'INTO VALUES SET ON BY HAVING UNION ALL MINUS INTERSECT ASC DESC USING AS GROUP ORDER DISTINCT EXISTS ' +
    'DEFAULT IMMEDIATE BEGIN EXIT FETCH LIMIT FOR REVERSE JOIN PARTITION OVER NULLS ROWS RANGE ESCAPE'
  ).split(' '),
);
const PARTING = /^(?:,|;|:=|=>|=|<>|!=|\^=|~=|<|>|<=|>=|\|\||\.\.|%|<<|>>)$/;
const ADDING = /^[+-]$/;

/** How deep parentheses are followed; nobody writes more, and source that is broken may have any number. */
const DEEPEST = 40;

/** Whether an operand ends before this token, whatever it is. */
function isBound(sheet: Sheet, at: number): boolean {
  const kind = sheet.kind(at);
  if (kind === 'symbol') return sheet.text(at) === ')' || PARTING.test(sheet.text(at));
  return kind === 'word' && sheet.text(at - 1) !== '.' && BOUNDS.has(sheet.word(at));
}

/** Operands that plus and minus join: operand n+1 follows sign n. */
export interface Sum {
  readonly operands: readonly Span[];
  readonly signs: readonly number[];
}

/** The sum that begins at this token. */
export function sumFrom(sheet: Sheet, from: number, limit: number): Sum {
  const operands: Span[] = [];
  const signs: number[] = [];
  let start = from;
  let at = from;
  for (; at < limit && !isBound(sheet, at); at += 1) {
    const isSign = ADDING.test(sheet.text(at)) && at > start && endsOperand(sheet, at - 1);
    if (isSign) {
      operands.push({ from: start, to: at });
      signs.push(at);
      start = at + 1;
    } else if (sheet.text(at) === '(') {
      at = sheet.closing(at);
    }
  }
  operands.push({ from: start, to: Math.min(at, limit) });
  return { operands, signs };
}

function endsOperand(sheet: Sheet, at: number): boolean {
  return sheet.kind(at) !== 'symbol' || sheet.text(at) === ')';
}

/** Whether an expression can begin at this token: behind a bound or an opening parenthesis. */
export function startsExpression(sheet: Sheet, at: number): boolean {
  const before = at - 1;
  if (sheet.text(before) === '(') return true;
  return sheet.text(before) !== ')' && isBound(sheet, before) && !isBound(sheet, at);
}

/** The type of a whole expression, as far as the source tells it. */
export function typeOfExpression(work: Work, span: Span, depth = 0): ValueType {
  if (depth > DEEPEST) return 'unknown';
  const { operands } = sumFrom(work.sheet, span.from, span.to);
  const last = operands.at(-1);
  if (last === undefined || last.to < span.to) return 'unknown';
  const types = operands.map((operand) => typeOfOperand(work, operand, depth + 1));
  return types.reduce((left, right, index) => {
    const sign = work.sheet.text((operands[index]?.from ?? 0) - 1);
    return typeOfSum(left, sign, right);
  });
}

/** The type of `left sign right`. */
export function typeOfSum(left: ValueType, sign: string, right: ValueType): ValueType {
  if (left === 'date') return right === 'date' && sign === '-' ? 'number' : 'date';
  if (left === 'integer' && right === 'integer') return 'integer';
  return isNumeric(left) && isNumeric(right) ? 'number' : 'unknown';
}

export function isNumeric(type: ValueType): boolean {
  return type === 'number' || type === 'integer';
}

/** The type of an operand of a sum: a product, a call, a name, a literal. */
export function typeOfOperand(work: Work, { from, to }: Span, depth = 0): ValueType {
  const { sheet } = work;
  if (depth > DEEPEST) return 'unknown';
  const factor = (at: number) => /^[*/]$/.test(sheet.text(at));
  const product = sheet.find({ from: from + 1, to }, factor);
  if (product !== undefined) return typeOfProduct(work, { from, to }, product, depth + 1);
  if (ADDING.test(sheet.text(from))) return typeOfOperand(work, { from: from + 1, to }, depth + 1);
  if (sheet.text(from) === '(') {
    return sheet.closing(from) === to - 1 && sheet.word(from + 1) !== 'SELECT'
      ? typeOfExpression(work, { from: from + 1, to: to - 1 }, depth + 1)
      : 'unknown';
  }
  return typeOfAtom(work, { from, to }, depth + 1);
}

function typeOfProduct(work: Work, { from, to }: Span, sign: number, depth: number): ValueType {
  const left = typeOfOperand(work, { from, to: sign }, depth);
  const right = typeOfOperand(work, { from: sign + 1, to }, depth);
  if (left === 'integer' && right === 'integer' && work.sheet.text(sign) === '*') return 'integer';
  if (work.sheet.text(sign) === '/') return 'number';
  return isNumeric(left) && isNumeric(right) ? 'number' : 'unknown';
}

function typeOfAtom(work: Work, { from, to }: Span, depth: number): ValueType {
  const { sheet } = work;
  if (to - from === 1) {
    if (sheet.kind(from) === 'string') return 'text';
    if (sheet.kind(from) === 'number') return /[.eE]/.test(sheet.text(from)) ? 'number' : 'integer';
  }
  if (sheet.reads(from, 'DATE') && sheet.kind(from + 1) === 'string') return 'date';
  if (sheet.reads(from, 'SQL', '%', 'ROWCOUNT')) return 'integer';
  if (!sheet.isName(from)) return 'unknown';
  const open = sheet.text(to - 1) === ')' ? sheet.opening(to - 1) : to;
  if (open <= from) return 'unknown';
  return open - from === 1
    ? typeOfPlain(work, from, { from: open, to }, depth)
    : typeOfDotted(work, { from, to }, open, depth);
}

function typeOfPlain(work: Work, at: number, list: Span, depth: number): ValueType {
  const { sheet } = work;
  const word = sheet.word(at);
  const isCall = list.to > list.from;
  const meaning = isCall ? undefined : meaningOf(work, at, word);
  if (meaning !== undefined) return typeOf(meaning);
  if (DATE_FUNCTIONS.test(word)) return 'date';
  if (INTEGER_FUNCTIONS.test(word)) return 'integer';
  if (NUMBER_FUNCTIONS.test(word)) return 'number';
  if (TEXT_FUNCTIONS.test(word)) return 'text';
  const home = packageOf(work);
  const own = home === null ? 'unknown' : typeReturned(work, home, word, list);
  if (own !== 'unknown') return own;
  if (!isCall) return typeOfColumn(work, word);
  const first = sheet.items({ from: list.from + 1, to: list.to - 1 })[0];
  return SAME_AS_FIRST.test(word) && first !== undefined
    ? typeOfExpression(work, first, depth)
    : 'unknown';
}

function typeOfDotted(work: Work, { from, to }: Span, open: number, depth: number): ValueType {
  const { sheet } = work;
  if (sheet.text(open - 2) !== '.' || (open - from) % 2 === 0) return 'unknown';
  const { meaning, next } = qualifiedMeaning(work, from);
  if (meaning !== undefined && next === to) return typeOf(meaning);
  const returned = typeReturned(work, sheet.word(open - 3), sheet.word(open - 1), {
    from: open,
    to,
  });
  if (returned !== 'unknown' || open < to) return returned;
  const row = meaningOf(work, from, sheet.word(from));
  const field = sheet.word(open - 1);
  const selected = row?.declared.kind === 'loop' ? selectedAs(row, field) : undefined;
  if (row === undefined || selected === undefined) return typeOfColumn(work, field);
  return typeOfExpression(row.work, selected, depth);
}

/** The expression that a loop over a query selects under an alias. */
function selectedAs({ declared, work }: Meaning, alias: string): Span | undefined {
  const { sheet } = work;
  const { from, to } = declared.span;
  if (!sheet.reads(from, '(', 'SELECT')) return undefined;
  const end = sheet.find({ from: from + 1, to }, (at) => sheet.word(at) === 'FROM') ?? to;
  for (const item of sheet.items({ from: from + 2, to: end })) {
    const last = item.to - 1;
    const aliased = sheet.word(last) === alias && sheet.text(last - 1) !== '.' && last > item.from;
    if (aliased) return { from: item.from, to: sheet.word(last - 1) === 'AS' ? last - 1 : last };
  }
  return undefined;
}

/** What a function of a known package returns; `list` is its arguments with their parentheses. */
function typeReturned(work: Work, home: string, name: string, list: Span): ValueType {
  const overloads = work.program.packages[home] ?? [];
  const count = work.sheet.items({ from: list.from + 1, to: list.to - 1 }).length;
  const given = Array.from({ length: count }, () => ({ name: null }));
  const found = resolve(overloads, name, given)?.routine.returns ?? null;
  return found === null ? 'unknown' : typeNamed(found);
}
