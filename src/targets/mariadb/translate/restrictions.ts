import { resolve } from './routines.ts';
import { isSleep, startsStatement } from './statements.ts';
import type { Routine } from './structure.ts';
import { isProcedural, packageOf, report, type Work } from './work.ts';

/** Reports what the way a unit is built makes impossible on MariaDB. */
export function refuseStructures(work: Work): void {
  if (work.unit.kind === 'type') {
    report(work, 0, 'CREATE TYPE', 'a table, or VARCHAR2, NUMBER and DATE parameters');
  }
  if (work.unit.kind === 'trigger') refuseTrigger(work);
  for (const routine of work.structure.routines) {
    if (routine.parent !== null) {
      report(
        work,
        routine.at,
        `local ${routine.kind.toLowerCase()} ${routine.name}`,
        'declare it in the package body',
      );
    }
  }
  refuseCursorsOfPackages(work);
  refuseTwins(work);
  refuseInFunctions(work);
  refuseUnknownRoutines(work);
}

function refuseTrigger(work: Work): void {
  const { sheet } = work;
  const isBody = (at: number) => /^(?:DECLARE|BEGIN|CALL|COMPOUND)$/.test(sheet.word(at));
  const body = sheet.find({ from: 0, to: sheet.length }, isBody) ?? sheet.length;
  const head = sheet.source({ from: 0, to: body }).toUpperCase();
  const events = head.match(/\b(?:INSERT|UPDATE|DELETE)\b/g) ?? [];
  const instead =
    'one trigger BEFORE or AFTER INSERT, UPDATE or DELETE … FOR EACH ROW for each event';
  const row = /\b(?:BEFORE|AFTER)\b[\s\S]*\bFOR EACH ROW\b/.test(head);
  const simple = !/\b(?:WHEN|OF|REFERENCING|FOLLOWS|ENABLE|DISABLE)\b/.test(head);
  if (!row || events.length !== 1 || !simple || sheet.word(body) === 'COMPOUND') {
    report(work, 0, 'trigger of this kind', instead);
  }
}

function refuseCursorsOfPackages(work: Work): void {
  if (work.unit.kind !== 'package body') return;
  for (const scope of work.structure.scopes) {
    if (scope.kind !== 'package') continue;
    for (const { kind, at } of scope.names.values()) {
      if (kind === 'cursor')
        report(work, at, 'cursor of a package', 'declare it in the procedure that reads it');
    }
  }
}

/** Overloads are told apart by their number of parameters alone. */
function refuseTwins(work: Work): void {
  const seen = new Set<string>();
  for (const { name, parameters, hasBody, parent, at } of work.structure.routines) {
    if (parent !== null || hasBody !== (work.unit.kind === 'package body')) continue;
    const key = `${name} ${parameters.length}`;
    if (seen.has(key)) {
      report(
        work,
        at,
        `two overloads of ${name} with ${parameters.length} parameters`,
        'give one of them another name, or another number of parameters',
      );
    }
    seen.add(key);
  }
}

const INSTEAD = 'make the function a procedure with an OUT parameter';

/** MariaDB runs no dynamic SQL in a function and lets none end the transaction. */
function refuseInFunctions(work: Work): void {
  const { sheet, structure } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    const { routine } = structure.scopeAt(at);
    if (routine?.kind !== 'FUNCTION' || routine.at > at) continue;
    const what = breakAt(work, at, routine);
    if (what !== null) report(work, at, `${what} in the function ${routine.name}`, INSTEAD);
  }
}

/** A call that no package answers would fail only when it runs. */
function refuseUnknownRoutines(work: Work): void {
  const { sheet, program } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (!sheet.isName(at) || sheet.text(at + 1) !== '.' || isSleep(sheet, at)) continue;
    const routines = program.packages[sheet.word(at)];
    const name = sheet.word(at + 2);
    const calls =
      sheet.text(at + 3) === '(' || (sheet.text(at + 3) === ';' && startsStatement(sheet, at));
    if (routines === undefined || !calls || routines.some((routine) => routine.name === name))
      continue;
    const names = [...new Set(routines.map((routine) => routine.name.toLowerCase()))].join(', ');
    report(work, at, `${sheet.word(at)}.${name}, which is not there`, `one of ${names}`);
  }
}

/** What stands here that no function may do, itself or through what it calls; else null. */
export function breakAt(work: Work, at: number, within: Routine): string | null {
  const { sheet, program } = work;
  if (sheet.reads(at, 'EXECUTE', 'IMMEDIATE')) return 'EXECUTE IMMEDIATE';
  const ends =
    /^(?:COMMIT|ROLLBACK)$/.test(sheet.word(at)) && /^(?:;|WORK)$/.test(sheet.word(at + 1));
  if (ends && /^(?:;|THEN|BEGIN|ELSE|LOOP|IS|AS)$/.test(sheet.word(at - 1))) return sheet.word(at);
  if (!sheet.isName(at) || sheet.text(at + 1) === '.') return null;
  const dotted = sheet.text(at - 1) === '.';
  const home = dotted ? sheet.word(at - 2) : packageOf(work);
  const overloads = home === null ? undefined : program.packages[home];
  const name = sheet.word(at);
  if (overloads === undefined || name === within.name || sheet.text(at + 1) === ':=') return null;
  const open = at + 1;
  const list =
    sheet.text(open) === '(' ? sheet.items({ from: open + 1, to: sheet.closing(open) }) : [];
  const given = list.map(({ from }) => ({
    name: sheet.text(from + 1) === '=>' ? sheet.word(from) : null,
  }));
  const breaks = resolve(overloads, name, given)?.routine.breaksFunctions === true;
  return breaks ? `call of ${dotted ? `${home}.` : ''}${name}` : null;
}

/** Whether a routine of this unit does itself what no function may do. */
export function breaksFunctions(work: Work, routine: Routine): boolean {
  if (!routine.hasBody || !isProcedural(work)) return false;
  for (let at = routine.at; at < routine.end; at += 1) {
    if (breakAt(work, at, routine) !== null) return true;
  }
  return false;
}
