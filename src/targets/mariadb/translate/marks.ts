import { startsStatement } from './statements.ts';
import type { Work } from './work.ts';

/** Statements at which package code can fail with an error of the server, besides calls of DOM. */
const MARKED = /^(?:INSERT|UPDATE|DELETE|SELECT|WITH|EXECUTE|RAISE_APPLICATION_ERROR|DOM)$/;

/**
 * Leaves a mark `file:line:routine` in the session before each statement that can fail: the server tells
 * neither line nor call stack of an error. A mark costs half a microsecond, the statement behind it many.
 */
export function markStatements(work: Work): void {
  const { sheet, structure, unit, path } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (sheet.kind(at) !== 'word' || !MARKED.test(sheet.word(at))) continue;
    if (!startsStatement(sheet, at)) continue;
    const { routine } = structure.scopeAt(at);
    if (routine === null) continue;
    const line = unit.line + sheet.line(at) - 1;
    const mark = `${path}:${line}:${routine.name.toLowerCase()}`.replaceAll("'", "''");
    sheet.before(at, readsCursor(work, at) ? quietMark(mark) : `SET @dom$at = '${mark}'; `);
  }
}

/** Whether the statement reads SQL%ROWCOUNT and the like, of the statement before it. */
function readsCursor({ sheet }: Work, from: number): boolean {
  const end = sheet.endOfStatement(from);
  for (let at = from; at < end; at += 1) if (sheet.reads(at, 'SQL', '%')) return true;
  return false;
}

/** A condition marks as SET does, but does not begin the count of rows anew. */
function quietMark(mark: string): string {
  return `IF (@dom$at := '${mark}') = '-' THEN NULL; END IF; `;
}
