import { columnOfTable, typeOfColumn } from './columns.ts';
import { resolve } from './routines.ts';
import type { Sheet, Span } from './sheet.ts';
import { isDate, isNumeric, typeNamed, typeOf, type ValueType } from './types.ts';
import { type Meaning, meaningOf, packageOf, qualifiedMeaning, type Work } from './work.ts';

const DATE_FUNCTIONS = /^(?:SYSDATE|CURRENT_DATE|ADD_MONTHS|LAST_DAY|NEXT_DAY|TO_DATE)$/;
const TIMESTAMP_FUNCTIONS = /^(?:SYSTIMESTAMP|CURRENT_TIMESTAMP|LOCALTIMESTAMP)$/;
const NUMBER_FUNCTIONS =
  /^(?:MONTHS_BETWEEN|TO_NUMBER|ABS|CEIL|FLOOR|MOD|POWER|SQRT|SUM|AVG|EXTRACT|LN|LOG|EXP|STDDEV|VARIANCE)$/;
const INTEGER_FUNCTIONS =
  /^(?:LENGTHB?|INSTR|ASCII|SIGN|COUNT|SQLCODE|ROWNUM|ROW_NUMBER|(?:DENSE_)?RANK|NTILE|REGEXP_INSTR)$/;
const TEXT_FUNCTIONS = new RegExp(
  `^(?:${[
    'TO_CHAR|SUBSTR|UPPER|LOWER|INITCAP|[LR]?TRIM|[LR]PAD|REPLACE|CHR|SQLERRM|USER|CONCAT|LISTAGG',
    'REGEXP_SUBSTR|REGEXP_REPLACE',
  ].join('|')})$`,
);
/** Functions that return what one of their arguments is: which of them may tell. */
const AS_ARGUMENTS: Readonly<Record<string, (count: number) => readonly number[]>> = {
  MAX: () => [0],
  MIN: () => [0],
  NULLIF: () => [0],
  FIRST_VALUE: () => [0],
  LAST_VALUE: () => [0],
  LAG: () => [0],
  LEAD: () => [0],
  NVL: () => [0, 1],
  NVL2: () => [1, 2],
  COALESCE: (count) => [...Array(count).keys()],
  GREATEST: (count) => [...Array(count).keys()],
  LEAST: (count) => [...Array(count).keys()],
  DECODE: (count) => [...Array(count).keys()].filter((place) => isResult(place, count)),
};

/** DECODE(x, value, result, …, other): the results, and the last one where their number is even. */
function isResult(place: number, count: number): boolean {
  return place > 1 && (place % 2 === 0 || (place === count - 1 && count % 2 === 0));
}

/** Words that cannot be part of an operand: an expression begins or ends at them. */
const BOUNDS = new Set(
  (
    'SELECT FROM WHERE AND OR NOT IN BETWEEN LIKE IS THEN ELSE ELSIF WHEN CASE END IF LOOP WHILE RETURN ' +
    'INTO VALUES SET ON BY HAVING UNION ALL MINUS INTERSECT ASC DESC USING AS GROUP ORDER DISTINCT EXISTS ' +
    'DEFAULT IMMEDIATE BEGIN EXIT FETCH LIMIT FOR REVERSE JOIN PARTITION OVER NULLS ROWS RANGE ESCAPE'
  ).split(' '),
);
const PARTING = /^(?:,|;|:=|=>|=|<>|!=|\^=|~=|<|>|<=|>=|\|\||\.\.|<<|>>)$/;
const ADDING = /^[+-]$/;

/** How deep parentheses are followed; nobody writes more, and source that is broken may have any number. */
const DEEPEST = 40;

/** Whether an operand ends before this token, whatever it is. */
export function isBound(sheet: Sheet, at: number): boolean {
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
  for (; at < limit; at += 1) {
    const whole = endOfWhole(sheet, at, start);
    if (whole !== undefined) at = whole;
    else if (isBound(sheet, at) || isAlias(sheet, at, start)) break;
    else if (ADDING.test(sheet.text(at)) && at > start && endsOperand(sheet, at - 1)) {
      operands.push({ from: start, to: at });
      signs.push(at);
      start = at + 1;
    }
  }
  operands.push({ from: start, to: Math.min(at, limit) });
  return { operands, signs };
}

/** The last token of what is one thing for a sum: parentheses, CASE … END, OVER (…). */
function endOfWhole(sheet: Sheet, at: number, start: number): number | undefined {
  if (sheet.text(at) === '(') return sheet.closing(at);
  if (sheet.kind(at) !== 'word' || sheet.text(at - 1) === '.') return undefined;
  if (sheet.word(at) === 'CASE') return endOfCase(sheet, at);
  const over = sheet.word(at) === 'OVER' && at > start && sheet.text(at + 1) === '(';
  return over ? sheet.closing(at + 1) : undefined;
}

/** The END of the CASE that is an expression; the one that is a statement has semicolons in it. */
export function endOfCase(sheet: Sheet, at: number): number | undefined {
  let depth = 0;
  for (let place = at; place < sheet.length && sheet.text(place) !== ';'; place += 1) {
    if (sheet.text(place - 1) === '.' || sheet.kind(place) !== 'word') continue;
    if (sheet.word(place) === 'CASE') depth += 1;
    if (sheet.word(place) === 'END') depth -= 1;
    if (depth === 0) return place;
  }
  return undefined;
}

/** The first token behind the first one for which the test holds, outside of what is one thing. */
function findOutside(
  sheet: Sheet,
  { from, to }: Span,
  test: (at: number) => boolean,
): number | undefined {
  for (let at = from; at < to; at += 1) {
    if (at > from && test(at)) return at;
    at = endOfWhole(sheet, at, at) ?? at;
  }
  return undefined;
}

const JOINING = /^(?:AT|TIME|ZONE|LOCAL|COLLATE|MOD|DIV|WITHIN|GROUP)$/;

/** Whether a name stands behind a whole operand: the alias that a query gives it. */
function isAlias(sheet: Sheet, at: number, start: number): boolean {
  if (at === start || !sheet.isName(at) || !endsOperand(sheet, at - 1)) return false;
  if (/^(?:INTERVAL|PRIOR|DISTINCT|UNIQUE)$/.test(sheet.word(start))) return false;
  return !JOINING.test(sheet.word(at)) && !JOINING.test(sheet.word(at - 1));
}

function endsOperand(sheet: Sheet, at: number): boolean {
  return sheet.kind(at) !== 'symbol' || sheet.text(at) === ')';
}

/** Whether an expression can begin at this token: behind a bound or an opening parenthesis. */
export function startsExpression(sheet: Sheet, at: number): boolean {
  const before = at - 1;
  if (sheet.text(before) === '(') return true;
  if (sheet.text(before) === ')' || !isBound(sheet, before)) return false;
  if (sheet.word(before) === 'OVER') return false;
  if (sheet.word(before) === 'END' && /^[-+*/]$/.test(sheet.text(at))) return false;
  return !isBound(sheet, at) || (sheet.word(at) === 'CASE' && endOfCase(sheet, at) !== undefined);
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
  if (isDate(left) && sign === '-') {
    return isDate(right) ? 'number' : right === 'unknown' ? 'unknown' : 'date';
  }
  if (isDate(left)) return 'date';
  if (isDate(right)) return sign === '+' ? 'date' : 'number';
  if (left === 'integer' && right === 'integer') return 'integer';
  const counts = (type: ValueType) => isNumeric(type) || type === 'text';
  return counts(left) && counts(right) ? 'number' : 'unknown';
}

/** The type of an operand of a sum: a product, a call, a name, a literal. */
export function typeOfOperand(work: Work, span: Span, depth = 0): ValueType {
  const { sheet } = work;
  const { from } = span;
  const to = findOutside(sheet, span, (at) => sheet.word(at) === 'OVER') ?? span.to;
  if (depth > DEEPEST) return 'unknown';
  const factor = (at: number) => /^[*/]$/.test(sheet.text(at));
  const product = findOutside(sheet, { from, to }, factor);
  if (product !== undefined) return typeOfProduct(work, { from, to }, product, depth + 1);
  if (ADDING.test(sheet.text(from))) return typeOfOperand(work, { from: from + 1, to }, depth + 1);
  if (sheet.text(from) === '(') {
    if (sheet.closing(from) !== to - 1) return 'unknown';
    const inner = { from: from + 1, to: to - 1 };
    return sheet.word(inner.from) === 'SELECT'
      ? typeSelected(work, inner, null, depth + 1)
      : typeOfExpression(work, inner, depth + 1);
  }
  if (sheet.word(from) === 'CASE') return typeOfCase(work, { from, to }, depth + 1);
  return typeOfAtom(work, { from, to }, depth + 1);
}

function typeOfProduct(work: Work, { from, to }: Span, sign: number, depth: number): ValueType {
  const left = typeOfOperand(work, { from, to: sign }, depth);
  const right = typeOfOperand(work, { from: sign + 1, to }, depth);
  if (left === 'integer' && right === 'integer' && work.sheet.text(sign) === '*') return 'integer';
  if (work.sheet.text(sign) === '/') return 'number';
  return 'number';
}

/** The type of what one of several values is, as far as one of them tells it. */
function typeAmong(types: readonly ValueType[]): ValueType {
  if (types.length > 0 && types.every((type) => type === 'integer')) return 'integer';
  const known = types.find((type) => type !== 'unknown') ?? 'unknown';
  return isNumeric(known) ? 'number' : known;
}

function typeOfCase(work: Work, { from, to }: Span, depth: number): ValueType {
  const { sheet } = work;
  const types: ValueType[] = [];
  for (let at = from + 1; at < to; at += 1) {
    const inner = endOfWhole(sheet, at, at);
    if (inner !== undefined) at = inner;
    if (!/^(?:THEN|ELSE)$/.test(sheet.word(at))) continue;
    const [end] = sumFrom(sheet, at + 1, to).operands.slice(-1);
    const branch = { from: at + 1, to: end?.to ?? to };
    if (sheet.reads(branch.from, 'NULL')) continue;
    const joined = sheet.text(branch.to) === '||';
    types.push(joined ? 'text' : typeOfExpression(work, branch, depth));
  }
  return typeAmong(types);
}

function typeOfAtom(work: Work, { from, to }: Span, depth: number): ValueType {
  const { sheet } = work;
  if (to - from === 1) {
    if (sheet.kind(from) === 'string') return 'text';
    if (sheet.kind(from) === 'number') return /[.eE]/.test(sheet.text(from)) ? 'number' : 'integer';
  }
  if (sheet.reads(from, 'DATE') && sheet.kind(from + 1) === 'string') return 'date';
  if (sheet.reads(from, 'TIMESTAMP') && sheet.kind(from + 1) === 'string') return 'timestamp';
  if (sheet.reads(to - 2, '%', 'ROWCOUNT')) return 'integer';
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
  const native = typeOfFunction(word);
  if (native !== 'unknown') return native;
  const home = packageOf(work);
  const own = home === null ? 'unknown' : typeReturned(work, home, word, list);
  if (own !== 'unknown') return own;
  return isCall
    ? typeOfCall(work, word, { from: list.from + 1, to: list.to - 1 }, depth)
    : typeOfColumn(work, at, { table: null, name: word });
}

function typeOfFunction(word: string): ValueType {
  if (DATE_FUNCTIONS.test(word)) return 'date';
  if (TIMESTAMP_FUNCTIONS.test(word)) return 'timestamp';
  if (INTEGER_FUNCTIONS.test(word)) return 'integer';
  if (NUMBER_FUNCTIONS.test(word)) return 'number';
  return TEXT_FUNCTIONS.test(word) ? 'text' : 'unknown';
}

/** The type of a call of a function whose arguments tell it. */
function typeOfCall(work: Work, word: string, list: Span, depth: number): ValueType {
  const { sheet } = work;
  const items = sheet.items(list);
  const typeAtPlace = (place: number): ValueType => {
    const item = items[place];
    return item === undefined ? 'unknown' : typeOfExpression(work, item, depth);
  };
  if (word === 'CAST') {
    const as = sheet.find(list, (at) => sheet.word(at) === 'AS') ?? list.to;
    return typeNamed(sheet.source({ from: as + 1, to: list.to }));
  }
  // With one argument, or a format, they make a date of whatever their translation lets pass.
  if (word === 'TRUNC')
    return isNumeric(typeAtPlace(0)) || isNumeric(typeAtPlace(1)) ? 'number' : 'date';
  if (word === 'ROUND')
    return isDate(typeAtPlace(0)) || typeAtPlace(1) === 'text' ? 'date' : 'number';
  const places = Object.hasOwn(AS_ARGUMENTS, word) ? AS_ARGUMENTS[word]?.(items.length) : undefined;
  return typeAmong((places ?? []).map(typeAtPlace));
}

function typeOfDotted(work: Work, { from, to }: Span, open: number, depth: number): ValueType {
  const { sheet } = work;
  if (sheet.text(open - 2) !== '.' || (open - from) % 2 === 0) return 'unknown';
  const { meaning, next } = qualifiedMeaning(work, from);
  if (meaning !== undefined && next === to) return typeOf(meaning);
  const name = sheet.word(open - 1);
  if (/^(?:NEXTVAL|CURRVAL)$/.test(name)) return 'integer';
  const returned = typeReturned(work, sheet.word(open - 3), name, { from: open, to });
  if (returned !== 'unknown' || open < to || open - from !== 3) return returned;
  const row = meaningOf(work, from, sheet.word(from));
  return row === undefined
    ? typeOfColumn(work, from, { table: sheet.word(from), name })
    : typeOfField(row, name, depth);
}

/** The type of a field of a record: of a loop, or with the %ROWTYPE of a table or a cursor. */
function typeOfField({ declared, work }: Meaning, name: string, depth: number): ValueType {
  const { sheet } = work;
  const { from, to } = declared.kind === 'loop' ? declared.span : declared.type;
  if (depth > DEEPEST) return 'unknown';
  if (sheet.reads(from, '(', 'SELECT')) {
    return typeSelected(work, { from: from + 1, to: sheet.closing(from) }, name, depth + 1);
  }
  if (declared.kind !== 'loop' && !sheet.reads(to - 2, '%', 'ROWTYPE')) return 'unknown';
  const home = meaningOf(work, from, sheet.word(from));
  if (home?.declared.kind === 'cursor') return typeOfCursor(home, name, depth + 1);
  if (declared.kind === 'loop' || to - from !== 3) return 'unknown';
  return columnOfTable(work.program, sheet.word(from), name);
}

function typeOfCursor({ declared, work }: Meaning, name: string, depth: number): ValueType {
  const { sheet } = work;
  const is = sheet.find(declared.span, (at) => sheet.reads(at, 'IS', 'SELECT'));
  if (is === undefined) return 'unknown';
  return typeSelected(work, { from: is + 1, to: declared.span.to }, name, depth);
}

/** The type of what a query selects under a name; without one, of what it selects first. */
function typeSelected(work: Work, query: Span, name: string | null, depth: number): ValueType {
  const { sheet } = work;
  const isEnd = (at: number) => /^(?:FROM|INTO)$/.test(sheet.word(at));
  const end = sheet.find({ from: query.from + 1, to: query.to }, isEnd) ?? query.to;
  const all = /^(?:DISTINCT|UNIQUE|ALL)$/.test(sheet.word(query.from + 1)) ? 2 : 1;
  for (const { from, to } of sheet.items({ from: query.from + all, to: end })) {
    const last = to - 1;
    if (sheet.text(last) === '*' && name !== null) {
      return typeOfColumn(work, from, { table: last > from ? sheet.word(from) : null, name });
    }
    if (name !== null && sheet.word(last) !== name) continue;
    const aliased =
      last > from && sheet.isName(last) && /^(?:\w.*|"|'|\)|")/.test(sheet.text(last - 1));
    const alias = sheet.word(last - 1) === 'AS' ? last - 1 : last;
    return typeOfExpression(work, { from, to: aliased ? alias : to }, depth);
  }
  return 'unknown';
}

/** What a function of a known package returns; `list` is its arguments with their parentheses. */
function typeReturned(work: Work, home: string, name: string, list: Span): ValueType {
  const overloads = work.program.packages[home] ?? [];
  const count = work.sheet.items({ from: list.from + 1, to: list.to - 1 }).length;
  const given = Array.from({ length: count }, () => ({ name: null }));
  const found = resolve(overloads, name, given)?.routine.returns ?? null;
  if (found === null) return 'unknown';
  const [table = '', column = ''] = found
    .toUpperCase()
    .replace(/%TYPE$/, '')
    .split('.');
  return found.includes('%') ? columnOfTable(work.program, table, column) : typeNamed(found);
}
