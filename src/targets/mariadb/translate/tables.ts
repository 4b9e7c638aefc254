import type { Sheet, Span } from './sheet.ts';
import { report, type Work } from './work.ts';

/** Attributes of storage that say nothing to MariaDB, with how many tokens follow the word. */
const STORAGE: Readonly<Record<string, number>> = {
  TABLESPACE: 1,
  PCTFREE: 1,
  PCTUSED: 1,
  INITRANS: 1,
  MAXTRANS: 1,
  LOGGING: 0,
  NOLOGGING: 0,
  COMPRESS: 0,
  NOCOMPRESS: 0,
  MONITORING: 0,
  NOMONITORING: 0,
  NOPARALLEL: 0,
  NOORDER: 0,
  ONLINE: 0,
};

/** Plain statements of the files: tables, indexes, sequences, comments. */
export function rewritePlain(work: Work): void {
  const { sheet } = work;
  if (sheet.reads(0, 'COMMENT', 'ON', 'TABLE')) rewriteTableComment(sheet);
  else if (sheet.word(0) === 'CREATE') rewriteCreate(work);
  else if (sheet.reads(0, 'DROP')) rewriteDrop(sheet);
}

/** Whether a statement says nothing that MariaDB could keep: a column's comment. */
export function isLeftOut({ sheet }: Work): boolean {
  return sheet.reads(0, 'COMMENT', 'ON') && sheet.word(2) !== 'TABLE';
}

function rewriteTableComment(sheet: Sheet): void {
  const is = sheet.find({ from: 3, to: sheet.length }, (at) => sheet.word(at) === 'IS');
  if (is === undefined) return;
  sheet.replace(0, 'ALTER');
  sheet.blank({ from: 1, to: 2 });
  sheet.replace(is, 'COMMENT');
}

function rewriteDrop(sheet: Sheet): void {
  for (let at = 1; at < sheet.length; at += 1) {
    if (sheet.word(at) === 'PURGE') sheet.blank({ from: at, to: at + 1 });
    if (sheet.reads(at, 'CASCADE', 'CONSTRAINTS')) sheet.blank({ from: at, to: at + 2 });
  }
}

function rewriteCreate(work: Work): void {
  const { sheet } = work;
  if (sheet.reads(1, 'GLOBAL', 'TEMPORARY') || sheet.reads(1, 'PRIVATE', 'TEMPORARY')) {
    report(work, 1, 'temporary table', "a table with the run's handle in its key");
  }
  if (/^(?:SYNONYM|PUBLIC|MATERIALIZED|DATABASE)$/.test(sheet.word(1))) {
    report(work, 1, `CREATE ${sheet.word(1)}`, 'the name with its owner: owner.table');
  }
  for (let at = 1; at < sheet.length; at += 1) {
    if (sheet.kind(at) === 'word') rewriteAttribute(work, at);
  }
  if (sheet.find({ from: 1, to: 5 }, (at) => sheet.word(at) === 'TABLE') === undefined) return;
  const open = sheet.find({ from: 1, to: sheet.length }, (at) => sheet.text(at) === '(');
  if (open === undefined) return;
  for (const item of sheet.items({ from: open + 1, to: sheet.closing(open) }))
    rewriteItem(work, item);
}

function rewriteAttribute(work: Work, at: number): void {
  const { sheet } = work;
  const word = sheet.word(at);
  const following = Object.hasOwn(STORAGE, word) ? STORAGE[word] : undefined;
  const named = sheet.text(at - 1) === '.' || /^[,(]$/.test(sheet.text(at - 1));
  if (following !== undefined && !named) sheet.blank({ from: at, to: at + 1 + following });
  if (word === 'PARALLEL' && !named) {
    sheet.blank({ from: at, to: sheet.kind(at + 1) === 'number' ? at + 2 : at + 1 });
  }
  if (word === 'STORAGE' && sheet.text(at + 1) === '(') {
    sheet.blank({ from: at, to: sheet.closing(at + 1) + 1 });
  }
  if (sheet.reads(at, 'ORGANIZATION') || sheet.reads(at, 'SEGMENT', 'CREATION')) {
    sheet.blank({ from: at, to: at + (word === 'SEGMENT' ? 3 : 2) });
  }
  if (sheet.reads(at, 'USING', 'INDEX')) sheet.blank({ from: at, to: at + 2 });
  if (
    sheet.reads(at, 'GENERATED') &&
    sheet.find({ from: at, to: at + 6 }, (place) => sheet.word(place) === 'IDENTITY') !== undefined
  ) {
    report(work, at, 'identity column', 'a sequence: INSERT … VALUES (s.NEXTVAL, …)');
  }
}

/** A column's own constraints have no names on MariaDB. */
function rewriteItem({ sheet }: Work, { from, to }: Span): void {
  for (let at = from; at < to; at += 1) {
    if (at > from && sheet.word(at) === 'CONSTRAINT') sheet.blank({ from: at, to: at + 2 });
    if (sheet.word(at) === 'ENABLE') sheet.blank({ from: at, to: at + 1 });
  }
}
