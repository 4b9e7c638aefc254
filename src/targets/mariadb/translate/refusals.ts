import type { Sheet } from './sheet.ts';
import { isSleep, startsStatement } from './statements.ts';
import { packageOf, report, type Work } from './work.ts';

/** A construct that MariaDB 10.11 cannot run, and what an author writes so that both engines can. */
export interface Refusal {
  readonly construct: string;
  readonly instead: string;
  readonly stands: (sheet: Sheet, at: number) => boolean;
}

function words(...expected: readonly string[]): Refusal['stands'] {
  return (sheet, at) => sheet.reads(at, ...expected);
}

function refuse(construct: string, instead: string, stands: Refusal['stands']): Refusal {
  return { construct, instead, stands };
}

const CURSOR_LOOP = 'a cursor loop: FOR r IN (SELECT …) LOOP … END LOOP';
const DATE_FUNCTIONS =
  /^(?:TO_TIMESTAMP(?:_TZ)?|(?:NUMTO|TO_)(?:DS|YM)INTERVAL|NEXT_DAY|NEW_TIME|FROM_TZ|TZ_OFFSET)$/;
const OTHER_FUNCTIONS = new RegExp(
  `^(?:${[
    'TRANSLATE|ORA_HASH|STANDARD_HASH|DUMP|VSIZE|BITAND|NANVL|REGEXP_COUNT|SYS_CONTEXT|USERENV|UID',
    'CARDINALITY|TABLE|RATIO_TO_REPORT|XML\\w+|ROWIDTOCHAR|HEXTORAW|RAWTOHEX',
  ].join('|')})$`,
);
const STAGING = 'a table of your own that holds the rows meanwhile';

function callsOf(names: RegExp): Refusal['stands'] {
  return (sheet, at) =>
    names.test(sheet.word(at)) && sheet.text(at + 1) === '(' && sheet.text(at - 1) !== '.';
}

function opensPackage(sheet: Sheet, at: number): boolean {
  if (sheet.text(at - 1) === '.' || sheet.text(at + 1) !== '.') return false;
  const name = sheet.word(at);
  if (/^(?:DBMS_OUTPUT|DBMS_APPLICATION_INFO)$/.test(name)) return !startsStatement(sheet, at);
  if (name === 'DBMS_STANDARD' || isSleep(sheet, at)) return false;
  const format = /^FORMAT_ERROR_(?:STACK|BACKTRACE)$/.test(sheet.word(at + 2));
  if (name === 'DBMS_UTILITY' && format) return false;
  return /^(?:DBMS|UTL|OWA|HTP|APEX|CTX)_/.test(name);
}

/** Whether a word stands where a declaration says its type: `name word`, `IN word`, `RETURN word`. */
function isType(sheet: Sheet, at: number): boolean {
  const before = at - 1;
  const named =
    sheet.isName(before) && !/^(?:SELECT|BY|WHERE|AND|OR|SET|THEN)$/.test(sheet.word(before));
  return named && /^(?:;|,|\)|:=|\(|DEFAULT|NOT|IS|AS|RAW|DAY|YEAR)$/.test(sheet.word(at + 1));
}

/** RETURNING … INTO of a statement; not the RETURN of a function, behind which a SELECT may come. */
function returnsInto(sheet: Sheet, at: number): boolean {
  if (!/^RETURN(?:ING)?$/.test(sheet.word(at)) || startsStatement(sheet, at)) return false;
  const rest = { from: at + 1, to: sheet.endOfStatement(at) };
  const next = sheet.find(rest, (place) => /^(?:INTO|IS|AS|BEGIN)$/.test(sheet.word(place)));
  return next !== undefined && sheet.word(next) === 'INTO';
}

function typeWord(name: RegExp): Refusal['stands'] {
  return (sheet, at) => name.test(sheet.word(at)) && isType(sheet, at);
}

function inStatement(first: string, inner: string): Refusal['stands'] {
  return (sheet, at) => {
    if (!sheet.reads(at, inner)) return false;
    for (let place = at - 1; place >= 0 && sheet.text(place) !== ';'; place -= 1) {
      if (sheet.word(place) === first && startsStatement(sheet, place)) return true;
    }
    return false;
  };
}

/** Every construct that is refused by what stands in the source. */
export const REFUSALS: readonly Refusal[] = [
  refuse('TABLE OF', STAGING, words('IS', 'TABLE', 'OF')),
  refuse(
    'VARRAY',
    STAGING,
    (sheet, at) => /^(?:VARRAY|VARYING)$/.test(sheet.word(at)) && sheet.word(at - 1) === 'IS',
  ),
  refuse('TYPE … IS RECORD', 'single variables, or table%ROWTYPE', words('IS', 'RECORD')),
  refuse('REF CURSOR', CURSOR_LOOP, words('REF', 'CURSOR')),
  refuse('SYS_REFCURSOR', CURSOR_LOOP, words('SYS_REFCURSOR')),
  refuse('BULK COLLECT', CURSOR_LOOP, words('BULK', 'COLLECT')),
  refuse('FORALL', 'one statement for all rows: UPDATE … WHERE, INSERT … SELECT', words('FORALL')),
  refuse(
    'WHERE CURRENT OF',
    'WHERE with the primary key that the cursor selects',
    words('CURRENT', 'OF'),
  ),
  refuse(
    'PRAGMA AUTONOMOUS_TRANSACTION',
    'DOM.log_message, whose rows survive a rollback',
    words('PRAGMA', 'AUTONOMOUS_TRANSACTION'),
  ),
  refuse('PRAGMA SERIALLY_REUSABLE', 'a state table', words('PRAGMA', 'SERIALLY_REUSABLE')),
  refuse(
    'MERGE',
    'UPDATE …; IF SQL%ROWCOUNT = 0 THEN INSERT …; END IF;',
    (sheet, at) => sheet.reads(at, 'MERGE') && startsStatement(sheet, at),
  ),
  refuse(
    'RETURNING INTO',
    'a sequence read before: v := s.NEXTVAL; or a SELECT behind it',
    returnsInto,
  ),
  refuse(
    'INSERT ALL',
    'one INSERT for each table',
    (sheet, at) => sheet.reads(at, 'INSERT') && /^(?:ALL|FIRST)$/.test(sheet.word(at + 1)),
  ),
  refuse('CONNECT BY', 'WITH RECURSIVE …', words('CONNECT', 'BY')),
  refuse('(+)', 'LEFT JOIN … ON', words('(', '+', ')')),
  refuse(
    'USING OUT',
    'DOM.select_number, DOM.select_string or DOM.select_date',
    inStatementOf('EXECUTE', /^(?:USING|,|IN)$/, 'OUT'),
  ),
  refuse(
    'pipelined function',
    STAGING,
    (sheet, at) => sheet.reads(at, 'PIPELINED') && sheet.text(at - 1) !== '.',
  ),
  refuse(
    'conditional compilation',
    'one source without $IF',
    (sheet, at) =>
      sheet.text(at) === '$' && /^(?:IF|ELSIF|ELSE|END|ERROR|\$)$/.test(sheet.word(at + 1)),
  ),
  refuse('LONG', 'CLOB', typeWord(/^LONG$/)),
  refuse('ROWID', 'the primary key', (sheet, at) => /^U?ROWID$/.test(sheet.word(at))),
  refuse(
    'INTERVAL type',
    'NUMBER of days or seconds',
    (sheet, at) => sheet.reads(at, 'INTERVAL') && /^(?:DAY|YEAR)$/.test(sheet.word(at + 1)),
  ),
  refuse('BFILE', 'BLOB', typeWord(/^BFILE$/)),
  refuse('XMLTYPE', 'CLOB', words('XMLTYPE')),
  refuse(
    'object type',
    'a table',
    typeWord(/^(?:ANYDATA|ANYTYPE|SDO_GEOMETRY|JSON_OBJECT_T|JSON_ARRAY_T)$/),
  ),
  refuse('SET (column, …) = (SELECT …)', 'one subquery for each column', (sheet, at) =>
    sheet.reads(at, 'SET', '('),
  ),
  refuse('record as a row', 'name the columns and the fields', inStatement('UPDATE', 'ROW')),
  refuse(
    'LOCK TABLE',
    'SELECT … FOR UPDATE of the rows',
    (sheet, at) => sheet.reads(at, 'LOCK', 'TABLE') && startsStatement(sheet, at),
  ),
  refuse('power operator **', 'POWER(a, b)', (sheet, at) => sheet.text(at) === '**'),
  refuse('PIVOT', 'SUM(CASE WHEN …)', callsOf(/^(?:UN)?PIVOT$/)),
  refuse('KEEP (DENSE_RANK …)', 'a subquery with ROW_NUMBER()', words('KEEP', '(', 'DENSE_RANK')),
  refuse('AS OF', 'a copy of the rows made before', (sheet, at) => sheet.reads(at, 'AS', 'OF')),
  refuse(
    'CROSS APPLY',
    'a JOIN of a subquery',
    (sheet, at) => sheet.reads(at + 1, 'APPLY') && /^(?:CROSS|OUTER)$/.test(sheet.word(at)),
  ),
  refuse(
    'date function of Oracle',
    "TO_DATE, ADD_MONTHS, LAST_DAY, or INTERVAL '7' DAY",
    callsOf(DATE_FUNCTIONS),
  ),
  refuse('function of Oracle', 'what both engines have', callsOf(OTHER_FUNCTIONS)),
  refuse('SQLERRM of a code', 'SQLERRM in the handler', words('SQLERRM', '(')),
  refuse(
    'SQL%BULK_ROWCOUNT',
    'SQL%ROWCOUNT of single statements',
    (sheet, at) => sheet.text(at) === '%' && sheet.word(at + 1).startsWith('BULK_'),
  ),
  refuse(
    'database link',
    'one package for each instance',
    (sheet, at) => sheet.text(at) === '@' && sheet.isName(at - 1),
  ),
  refuse('package of Oracle', 'what DOM offers', opensPackage),
];

function inStatementOf(first: string, before: RegExp, word: string): Refusal['stands'] {
  const within = inStatement(first, word);
  return (sheet, at) => within(sheet, at) && before.test(sheet.word(at - 1));
}

/** Reports what the source says that MariaDB cannot do. */
export function refuseConstructs(work: Work): void {
  const { sheet } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (sheet.kind(at) === 'string' || sheet.kind(at) === 'quoted') continue;
    for (const { construct, instead, stands } of REFUSALS) {
      if (stands(sheet, at) && !isOwnRoutine(work, at)) {
        report(work, at, shownAt(sheet, at, construct), instead);
      }
    }
  }
}

/** Names the function or package that was met where a row of the table stands for many. */
function shownAt(sheet: Sheet, at: number, construct: string): string {
  if (construct === 'package of Oracle') return `${sheet.word(at)}.${sheet.word(at + 2)}`;
  return /function of Oracle$/.test(construct) ? sheet.word(at) : construct;
}

/** Whether the package has a routine of this name itself, so that nothing of Oracle's is meant. */
function isOwnRoutine(work: Work, at: number): boolean {
  const routines = work.program.packages[packageOf(work) ?? ''] ?? [];
  return routines.some(({ name }) => name === work.sheet.word(at));
}
