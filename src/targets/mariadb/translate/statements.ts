import { signalOf } from './errors-of-oracle.ts';
import type { Sheet, Span } from './sheet.ts';
import { meaningOf, report, type Work } from './work.ts';

const NO_DATA = -1403;
/** What makes of MariaDB's mere warning about a missing row an error that handlers catch by its name. */
const WITHOUT_ROW = ` EXCEPTION WHEN no_data_found THEN ${signalOf(NO_DATA, 'no data found')}; END;`;

/** Whether a statement begins at this token. */
export function startsStatement(sheet: Sheet, at: number): boolean {
  return /^(?:|;|THEN|ELSE|BEGIN|LOOP|>>)$/.test(sheet.word(at - 1));
}

/** Statements that MariaDB words differently, or that behave differently without a row. */
export function rewriteStatements(work: Work): void {
  const { sheet } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (sheet.kind(at) !== 'word') continue;
    if (sheet.reads(at, 'SQL', '%')) rewriteAttribute(sheet, at);
    if (!startsStatement(sheet, at)) continue;
    const word = sheet.word(at);
    if (word === 'SELECT' || word === 'WITH') rewriteSelect(sheet, at);
    else if (sheet.reads(at, 'EXECUTE', 'IMMEDIATE')) rewriteDynamic(work, at);
    else if (word === 'DELETE') rewriteDelete(sheet, at);
    else if (word === 'DBMS_STANDARD') sheet.blank({ from: at, to: at + 2 });
    else rewriteSupplied(sheet, at);
    if (/^(?:DBMS_STANDARD|RAISE_APPLICATION_ERROR)$/.test(word)) rewriteRaiseCall(sheet, at);
  }
}

function rewriteAttribute(sheet: Sheet, at: number): void {
  const texts: Readonly<Record<string, string>> = {
    FOUND: 'ROWCOUNT > 0)',
    NOTFOUND: 'ROWCOUNT = 0)',
  };
  const text = texts[sheet.word(at + 2)];
  if (text !== undefined) {
    sheet.before(at, '(');
    sheet.replace(at + 2, text);
  } else if (sheet.word(at + 2) === 'ISOPEN') {
    sheet.blank({ from: at, to: at + 3 });
    sheet.before(at, 'FALSE');
  }
}

function rewriteSelect(sheet: Sheet, at: number): void {
  const end = sheet.endOfStatement(at);
  const into = sheet.find({ from: at, to: end }, (place) => sheet.word(place) === 'INTO');
  if (into === undefined) return;
  sheet.before(at, 'BEGIN ');
  sheet.after(end, WITHOUT_ROW);
}

/** EXECUTE IMMEDIATE … INTO goes through variables of the session; binds stay as they are. */
function rewriteDynamic(work: Work, at: number): void {
  const { sheet } = work;
  const end = sheet.endOfStatement(at);
  const clause = (word: string) =>
    sheet.find(
      { from: at, to: end },
      (place) => sheet.kind(place) === 'word' && sheet.word(place) === word,
    );
  const into = clause('INTO');
  const using = clause('USING') ?? end;
  for (let place = using; place < end; place += 1) {
    if (/^(?:USING|,)$/.test(sheet.word(place)) && sheet.word(place + 1) === 'IN') {
      sheet.blank({ from: place + 1, to: place + 2 });
    }
  }
  if (into === undefined || into > using) return;
  const targets = sheet.items({ from: into + 1, to: using });
  for (const target of targets) refuseRecord(work, target);
  const names = targets.map((target) => sheet.rendering(target).trim());
  const variables = names.map((_, index) => `@plsql_${index + 1}`);
  // The text may end in a comment, which would hide what stands on its line.
  sheet.wrap({ from: at + 2, to: into }, '(', `)||CHR(10)||'INTO ${variables.join(', ')}'`);
  sheet.blank({ from: into, to: using });
  sheet.before(at, 'BEGIN ');
  const assigned = names.map((name, index) => ` ${name} := ${variables[index]};`);
  sheet.after(end, `${WITHOUT_ROW}${assigned.join('')}`);
}

function refuseRecord(work: Work, { from, to }: Span): void {
  const meaning = to - from === 1 ? meaningOf(work, from, work.sheet.word(from)) : undefined;
  if (meaning === undefined) return;
  const type = meaning.work.sheet.source(meaning.declared.type).toUpperCase().replaceAll(' ', '');
  if (!type.endsWith('%ROWTYPE')) return;
  report(
    work,
    from,
    'EXECUTE IMMEDIATE INTO a record',
    'name one variable for each column: INTO a, b',
  );
}

/** DELETE t, and DELETE FROM t alias. */
function rewriteDelete(sheet: Sheet, at: number): void {
  const from = sheet.word(at + 1) === 'FROM' ? at + 1 : at;
  const table = from + 1;
  const last = sheet.text(table + 1) === '.' ? table + 2 : table;
  const alias = last + 1;
  const hasAlias =
    sheet.isName(alias) && !/^(?:WHERE|RETURNING|RETURN|PARTITION)$/.test(sheet.word(alias));
  if (from === at)
    sheet.after(
      at,
      hasAlias ? ` ${sheet.rendering({ from: alias, to: alias + 1 })} FROM` : ' FROM',
    );
  else if (hasAlias) sheet.after(at, ` ${sheet.rendering({ from: alias, to: alias + 1 })}`);
}

const SILENT = /^(?:DBMS_OUTPUT|DBMS_APPLICATION_INFO)$/;

/** Calls of packages that Oracle supplies: output and the session's labels are none of MariaDB's. */
function rewriteSupplied(sheet: Sheet, at: number): void {
  if (sheet.text(at + 1) !== '.') return;
  const end = sheet.endOfStatement(at);
  if (SILENT.test(sheet.word(at))) {
    sheet.blank({ from: at, to: end });
    sheet.before(at, 'NULL');
  } else if (isSleep(sheet, at)) {
    sheet.blank({ from: at, to: at + 3 });
    sheet.before(at, 'plsql$sleep');
  }
}

/** Whether a call lets the session sleep: Oracle's own ones, and DOM's. */
export function isSleep(sheet: Sheet, at: number): boolean {
  return (
    /^(?:DBMS_LOCK|DBMS_SESSION|DOM)$/.test(sheet.word(at)) && sheet.reads(at + 1, '.', 'SLEEP')
  );
}

/** MariaDB keeps no stack of errors to add to, which is what the third argument asks for. */
function rewriteRaiseCall(sheet: Sheet, start: number): void {
  const at = sheet.word(start) === 'DBMS_STANDARD' ? start + 2 : start;
  const close = sheet.closing(at + 1);
  const list = sheet.items({ from: at + 2, to: close });
  const message = list[1];
  if (message !== undefined && list.length > 2) sheet.blank({ from: message.to, to: close });
}
