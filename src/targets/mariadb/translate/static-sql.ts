import type { Span } from './sheet.ts';
import { startsStatement } from './statements.ts';
import { meaningOf, report, type Work } from './work.ts';

const VERBS = /^(?:SELECT|WITH|INSERT|UPDATE|DELETE)$/;

/** The SQL statements of a unit of PL/SQL: on their own, of a cursor, of a loop over a query. */
export function staticSql({ sheet }: Work): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < sheet.length; at += 1) {
    if (sheet.kind(at) !== 'word' || !VERBS.test(sheet.word(at))) continue;
    const ofLoop =
      sheet.text(at - 1) === '(' && sheet.word(at - 2) === 'IN' && sheet.word(at - 4) === 'FOR';
    const ofCursor = sheet.word(at - 1) === 'IS';
    if (!ofLoop && !ofCursor && !startsStatement(sheet, at)) continue;
    const to = ofLoop ? sheet.closing(at - 1) : sheet.endOfStatement(at);
    spans.push({ from: at, to });
    at = to;
  }
  return spans;
}

/**
 * In SQL, Oracle takes a name for the column, and MariaDB for the variable: where both are known, nobody can
 * have meant the variable. Of tables that the units do not create the columns are not known here.
 */
export function refuseHiddenColumns(work: Work): void {
  for (const span of staticSql(work)) {
    const columns = columnsOf(work, span);
    if (columns.size === 0) continue;
    for (let at = span.from; at < span.to; at += 1) {
      const column = columns.get(work.sheet.word(at));
      if (column !== undefined && isVariable(work, at) && readsColumn(work, span, at)) {
        const name = work.sheet.text(at);
        report(
          work,
          at,
          `variable ${name} with the name of the column ${column}`,
          `call it v_${name}`,
        );
      }
    }
  }
}

/** The columns of the tables that a statement names, with the tables before them. */
function columnsOf({ sheet, program }: Work, { from, to }: Span): Map<string, string> {
  const words = new Set<string>();
  for (let at = from; at < to; at += 1) if (sheet.isName(at)) words.add(sheet.word(at));
  const found = new Map<string, string>();
  for (const name of program.columns.keys()) {
    const [table = '', column = ''] = name.split('.');
    if (words.has(table)) found.set(column, name.toLowerCase());
  }
  return found;
}

function isVariable(work: Work, at: number): boolean {
  const { sheet } = work;
  if (!sheet.isName(at) || sheet.text(at - 1) === '.' || /^[.(%]$/.test(sheet.text(at + 1)))
    return false;
  const kind = meaningOf(work, at, sheet.word(at))?.declared.kind;
  return kind === 'variable' || kind === 'parameter' || kind === 'constant';
}

/** Whether a name stands where a column's value is read, not in a list of targets, VALUES, or an alias. */
function readsColumn({ sheet }: Work, span: Span, at: number): boolean {
  if (sheet.word(at - 1) === 'AS' || /^(?:UPDATE|DELETE)$/.test(sheet.word(at - 1))) return false;
  for (let place = at - 1; place > span.from; place -= 1) {
    const word = sheet.word(place);
    if (word === 'INTO' || word === 'VALUES') return false;
    if (/^(?:SELECT|FROM|WHERE|AND|OR|BY|HAVING|=|ON)$/.test(word)) return true;
    if (word === 'SET') return sheet.text(at + 1) !== '=';
    if (word === ',' && sheet.text(at + 1) === '=') return false;
  }
  return true;
}
