import { Sheet } from './sheet.ts';
import type { Work } from './work.ts';

/** The longest VARCHAR that four bytes a character leave room for. */
const LONGEST_VARCHAR = 16_383;
const WIDE_NUMBER = '(38,10)';

const RENAMED: Readonly<Record<string, string>> = {
  PLS_INTEGER: 'INTEGER',
  BINARY_INTEGER: 'INTEGER',
  SIMPLE_INTEGER: 'INTEGER',
  NATURAL: 'INTEGER',
  NATURALN: 'INTEGER',
  POSITIVE: 'INTEGER',
  POSITIVEN: 'INTEGER',
  NCLOB: 'CLOB',
  BINARY_DOUBLE: 'DOUBLE',
  BINARY_FLOAT: 'DOUBLE',
  REAL: 'DOUBLE',
};

/** Types: MariaDB's NUMBER without precision is a DOUBLE, its INTEGER has 32 bits. */
export function rewriteDatatypes(work: Work): void {
  const { sheet } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (sheet.kind(at) === 'word' && isTypePlace(work, at)) rewriteType(sheet, at);
  }
}

const BEFORE_EXPRESSIONS =
  /^(?:SELECT|BY|WHERE|AND|OR|NOT|SET|ON|DISTINCT|THEN|ELSE|WHEN|BETWEEN|LIKE|RETURN|INTO|FROM|VALUES)$/;

/**
 * A type stands behind the name that it is for, or behind a word such as IN, AS, IS, RETURN. Columns may be
 * called like types.
 */
function isTypePlace({ sheet, structure }: Work, at: number): boolean {
  if (!sheet.isName(at - 1) || /^(?:\.|=>)$/.test(sheet.text(at + 1))) return false;
  if (BEFORE_EXPRESSIONS.test(sheet.word(at - 1)) && !isReturnType(sheet, at)) return false;
  return structure.lookup(at, sheet.word(at)) === undefined;
}

function isReturnType(sheet: Sheet, at: number): boolean {
  return (
    sheet.word(at - 1) === 'RETURN' && !/^(?:;|THEN|ELSE|BEGIN|LOOP|>>)$/.test(sheet.word(at - 2))
  );
}

/** A type as MariaDB gets it. */
export function installedType(type: string): string {
  const sheet = new Sheet(type.trim());
  rewriteType(sheet, 0);
  return sheet.rendered();
}

function rewriteType(sheet: Sheet, at: number): void {
  const word = sheet.word(at);
  const sized = sheet.text(at + 1) === '(';
  const renamed = Object.hasOwn(RENAMED, word) ? RENAMED[word] : undefined;
  if (renamed !== undefined) sheet.replace(at, renamed);
  else if (/^(?:VARCHAR2?|NVARCHAR2|STRING|N?CHAR)$/.test(word)) rewriteText(sheet, at);
  else if (word === 'NUMBER') rewriteNumber(sheet, at);
  else if (/^(?:INTEGER|INT|SMALLINT)$/.test(word)) {
    if (sheet.word(at - 1) !== 'AS') sheet.replace(at, 'NUMBER(38)');
  } else if (/^(?:NUMERIC|DECIMAL|DEC)$/.test(word) && !sized) sheet.after(at, '(38)');
  else if (word === 'FLOAT') {
    sheet.replace(at, 'DOUBLE');
    if (sized) sheet.blank({ from: at + 1, to: sheet.closing(at + 1) + 1 });
  } else if (word === 'TIMESTAMP') rewriteTimestamp(sheet, at);
  else if (word === 'DATE' && sheet.word(at - 1) === 'AS' && sheet.text(at + 1) === ')') {
    sheet.replace(at, 'DATETIME');
  }
}

function rewriteText(sheet: Sheet, at: number): void {
  const word = sheet.word(at);
  if (word === 'STRING' && sheet.text(at + 1) !== '(') return;
  if (/^(?:NVARCHAR2|STRING)$/.test(word)) sheet.replace(at, 'VARCHAR2');
  if (word === 'NCHAR') sheet.replace(at, 'CHAR');
  if (sheet.text(at + 1) !== '(') return;
  if (/^(?:CHAR|BYTE)$/.test(sheet.word(at + 3))) sheet.blank({ from: at + 3, to: at + 4 });
  if (Number(sheet.text(at + 2)) <= LONGEST_VARCHAR) return;
  sheet.replace(at, 'CLOB');
  sheet.blank({ from: at + 1, to: sheet.closing(at + 1) + 1 });
}

function rewriteNumber(sheet: Sheet, at: number): void {
  const cast = sheet.word(at - 1) === 'AS' && sheet.text(at + 1) === ')';
  if (cast) sheet.replace(at, 'DECIMAL');
  if (sheet.text(at + 1) !== '(') sheet.after(at, WIDE_NUMBER);
  else if (sheet.text(at + 2) === '*') {
    sheet.replace(at + 2, sheet.text(at + 3) === ')' ? '38,10' : '38');
  }
}

/** MariaDB's own TIMESTAMP ends in 2038, and its first column of a table changes by itself. */
function rewriteTimestamp(sheet: Sheet, at: number): void {
  if (sheet.kind(at + 1) === 'string') return;
  const sized = sheet.text(at + 1) === '(';
  const end = sized ? sheet.closing(at + 1) : at;
  sheet.replace(at, 'DATETIME');
  if (!sized) sheet.after(at, '(6)');
  else if (Number(sheet.text(at + 2)) > 6) sheet.replace(at + 2, '6');
  if (sheet.word(end + 1) !== 'WITH') return;
  const zone = sheet.word(end + 2) === 'LOCAL' ? end + 4 : end + 3;
  if (sheet.reads(zone - 1, 'TIME', 'ZONE')) sheet.blank({ from: end + 1, to: zone + 1 });
}
