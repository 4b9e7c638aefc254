import {
  type Condition,
  conditionsFor,
  ownSignal,
  ownState,
  signalOf,
} from './errors-of-oracle.ts';
import type { Span } from './sheet.ts';
import { startsStatement } from './statements.ts';
import type { Handler, Scope } from './structure.ts';
import { codeOfException, type Meaning, qualifiedMeaning, report, type Work } from './work.ts';

/** Oracle's ORA-01013 is this error of MariaDB: somebody cancelled the statement. */
const CANCELLED = 1317;
/** Deadlock and "record has changed": the server has rolled back the whole transaction, not the statement. */
const LOST: readonly Condition[] = [1213, 1020];
const LOCK_TIMEOUT = 1205;
const MARK_LOST = 'SET @dom$lost = 1;';
/** As for an error of LOST, where the server is set so. */
const TIMEOUT_LOSES = '@@innodb_rollback_on_timeout = 1';
const NEVER = "SQLSTATE 'UNONE'";
const NO_DATA = -1403;

/** Handlers and RAISE in terms of MariaDB's errors. */
export function rewriteExceptions(work: Work): void {
  const { sheet, structure } = work;
  const keeping = capturedIn(work);
  for (const scope of structure.scopes) {
    const claimed = new Set<Condition>();
    for (const handler of scope.handlers) {
      rewriteHandler(work, handler, claimed, keeping.has(handler));
      if (isForOthers(work, handler)) continueAfterWarnings(work, scope);
    }
  }
  for (let at = 0; at < sheet.length; at += 1) {
    if (!startsStatement(sheet, at)) continue;
    if (sheet.word(at) === 'RAISE' && sheet.isName(at + 1)) rewriteRaise(work, at);
    // What a deadlock has rolled back is given up by the author too.
    if (isWholeRollback(work, at)) sheet.before(at, 'SET @dom$lost = 0; ');
  }
}

function isWholeRollback({ sheet }: Work, at: number): boolean {
  return sheet.word(at) === 'ROLLBACK' && /^(?:;|WORK)$/.test(sheet.word(at + 1));
}

function isForOthers({ sheet }: Work, { when }: Handler): boolean {
  return sheet.word(when + 1) === 'OTHERS';
}

/**
 * On MariaDB, WHEN OTHERS also catches warnings, and the statements behind the one that warned would be left
 * out. A handler nearer to them lets the block go on.
 */
function continueAfterWarnings({ sheet }: Work, { begin, exception }: Scope): void {
  sheet.after(begin, ' DECLARE CONTINUE HANDLER FOR SQLWARNING NULL; BEGIN');
  sheet.before(exception, 'END; ');
}

function rewriteHandler(
  work: Work,
  handler: Handler,
  claimed: Set<Condition>,
  keeps: boolean,
): void {
  const { sheet } = work;
  const { when, thenAt, to } = handler;
  let opening = '';
  if (isForOthers(work, handler)) {
    // A cancelled statement must end the unit, and so must one that took the unit's other work along,
    // whatever the author does about other errors.
    const final = `errno$ IN (${[CANCELLED, ...LOST].join(', ')})`;
    opening = ` IF ${final} OR errno$ = ${LOCK_TIMEOUT} AND ${TIMEOUT_LOSES} THEN RAISE; END IF;`;
  } else {
    const conditions = rewriteNames(work, { from: when + 1, to: thenAt }, claimed);
    // Who expects a deadlock may begin again behind a ROLLBACK; going on without one has lost work.
    if (conditions.some((one) => LOST.includes(one))) opening = ` ${MARK_LOST}`;
    if (conditions.includes(LOCK_TIMEOUT)) {
      opening += ` IF ${TIMEOUT_LOSES} THEN ${MARK_LOST} END IF;`;
    }
  }
  if (keeps) {
    opening =
      ' DECLARE sqlerrm$ VARCHAR2(512) := SQLERRM; errno$ INTEGER := SQLCODE;' +
      ` sqlcode$ INTEGER := plsql$code(errno$); BEGIN${opening}`;
    sheet.before(to, 'END; ');
  } else opening = opening.replaceAll('errno$', 'SQLCODE');
  if (opening !== '') sheet.after(thenAt, opening);
}

function rewriteNames(work: Work, names: Span, claimed: Set<Condition>): readonly Condition[] {
  const { sheet } = work;
  const conditions: Condition[] = [];
  for (let at = names.from; at < names.to; ) {
    const { meaning, next } = qualifiedMeaning(work, at);
    for (const condition of conditionsAt(work, at, next, meaning)) {
      if (!claimed.has(condition)) conditions.push(condition);
      claimed.add(condition);
    }
    at = sheet.word(next) === 'OR' ? next + 1 : names.to;
  }
  sheet.blank(names);
  sheet.before(names.from, conditions.length === 0 ? NEVER : conditions.join(', '));
  return conditions;
}

function conditionsAt(
  work: Work,
  at: number,
  next: number,
  meaning: Meaning | undefined,
): readonly Condition[] {
  const { sheet } = work;
  const name = sheet.word(next - 1);
  const code = codeOfException(meaning, name);
  if (code === null) {
    if (meaning !== undefined)
      return [
        isOwn(meaning)
          ? `SQLSTATE '${ownState(idOf(meaning))}'`
          : sheet.rendering({ from: at, to: next }),
      ];
    report(
      work,
      at,
      `exception ${name}`,
      'declare it: name EXCEPTION; PRAGMA EXCEPTION_INIT(name, -20001)',
    );
    return [];
  }
  if (meaning === undefined && code === NO_DATA) return ['no_data_found'];
  const conditions = conditionsFor(code);
  if (conditions === null) {
    report(
      work,
      at,
      `exception ${name} of ORA${code}`,
      'MariaDB has no error that corresponds to it: handle it with WHEN OTHERS, or not at all',
    );
  }
  return conditions ?? [];
}

/** Whether a package declares the exception; one of a routine or block MariaDB knows by itself. */
function isOwn({ declared, work }: Meaning): boolean {
  return work.structure.scopeAt(declared.at).kind === 'package';
}

function idOf({ declared, work }: Meaning): string {
  return `${work.unit.name?.toUpperCase() ?? ''}.${declared.name}`;
}

function rewriteRaise(work: Work, at: number): void {
  const { sheet } = work;
  const { meaning, next } = qualifiedMeaning(work, at + 1);
  const name = sheet.word(next - 1);
  const code = codeOfException(meaning, name);
  if (code === null && (meaning === undefined || !isOwn(meaning))) return;
  const signal =
    code !== null
      ? signalOf(code, name.toLowerCase())
      : meaning === undefined
        ? ''
        : ownSignal(idOf(meaning));
  sheet.blank({ from: at, to: next });
  sheet.before(at, signal);
}

/** Behind another statement MariaDB has forgotten the error: handlers keep it at their start. */
function capturedIn(work: Work): Set<Handler> {
  const { sheet } = work;
  const keeping = new Set<Handler>();
  for (let at = 0; at < sheet.length; at += 1) {
    const use = errorUseAt(work, at);
    if (use === null) continue;
    const handler = innermost(work, at);
    if (handler === undefined) {
      report(
        work,
        at,
        `${use.word} outside of a handler`,
        'read it in the handler and pass it as an argument',
      );
      continue;
    }
    keeping.add(handler);
    sheet.blank({ from: at, to: use.to });
    sheet.before(at, use.text);
  }
  return keeping;
}

interface ErrorUse {
  readonly word: string;
  readonly text: string;
  readonly to: number;
}

function errorUseAt({ sheet }: Work, at: number): ErrorUse | null {
  if (sheet.kind(at) !== 'word' || sheet.text(at - 1) === '.') return null;
  const word = sheet.word(at);
  if (word === 'SQLCODE' || word === 'SQLERRM') {
    return { word, text: `${word.toLowerCase()}$`, to: at + 1 };
  }
  if (word !== 'DBMS_UTILITY') return null;
  const name = sheet.word(at + 2);
  if (name === 'FORMAT_ERROR_STACK') return { word: name, text: 'sqlerrm$', to: at + 3 };
  return name === 'FORMAT_ERROR_BACKTRACE' ? { word: name, text: "''", to: at + 3 } : null;
}

function innermost(work: Work, at: number): Handler | undefined {
  return work.structure.scopes
    .flatMap(({ handlers }) => handlers)
    .filter(({ thenAt, to }) => thenAt < at && at < to)
    .sort((one, other) => other.thenAt - one.thenAt)[0];
}
