import { packageOf, type Work } from './work.ts';

/**
 * The head of a unit: no owner, no edition; rights of the caller are said in MariaDB's words. A table keeps
 * its owner.
 */
export function rewriteHeader(work: Work): void {
  const { sheet } = work;
  const all = { from: 0, to: sheet.length };
  const isKind = (at: number) =>
    /^(?:PACKAGE|PROCEDURE|FUNCTION|TRIGGER|INDEX)$/.test(sheet.word(at));
  const kind = sheet.word(0) === 'CREATE' ? sheet.find(all, isKind) : undefined;
  if (kind === undefined) return;
  for (let at = 1; at < kind; at += 1) {
    if (/^(?:NON)?EDITIONABLE$/.test(sheet.word(at))) sheet.blank({ from: at, to: at + 1 });
  }
  const body = sheet.word(kind + 1) === 'BODY' ? 1 : 0;
  let name = kind + 1 + body;
  if (sheet.text(name + 1) === '.') {
    sheet.blank({ from: name, to: name + 2 });
    name += 2;
  }
  if (work.unit.kind !== 'sql') rewriteRights(work, name);
}

function rewriteRights(work: Work, name: number): void {
  const { sheet } = work;
  const isAs = (at: number) => /^(?:IS|AS|;)$/.test(sheet.word(at));
  const end = sheet.find({ from: name, to: sheet.length }, isAs) ?? sheet.length;
  for (let at = name; at < end; at += 1) {
    if (sheet.word(at) === 'AUTHID') sheet.blank({ from: at, to: at + 2 });
    if (sheet.reads(at, 'ACCESSIBLE', 'BY'))
      sheet.blank({ from: at, to: sheet.closing(at + 2) + 1 });
  }
  if (runsAsCaller(work)) sheet.before(end, 'SQL SECURITY INVOKER ');
}

/** A body has the rights that its specification declares; MariaDB wants both to say so. */
function runsAsCaller(work: Work): boolean {
  const home = packageOf(work);
  return work.program.works.some(
    (other) =>
      (other === work || (home !== null && packageOf(other) === home)) && headSaysCaller(other),
  );
}

function headSaysCaller({ sheet }: Work): boolean {
  for (let at = 0; at < sheet.length && sheet.text(at) !== ';'; at += 1) {
    if (sheet.reads(at, 'AUTHID', 'CURRENT_USER')) return true;
  }
  return false;
}
