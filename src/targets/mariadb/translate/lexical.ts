import { stringValue } from '../../plsql/tokens.ts';
import type { Sheet } from './sheet.ts';

/** Words that MariaDB reserves and Oracle gives no role, so that authors use them as names. */
const RESERVED = new Set(
  (
    'CONDITION DATABASES DELAYED ENCLOSED ESCAPED FULLTEXT GROUPS HIGH_PRIORITY INFILE ITERATE KEYS KILL ' +
    'LEAVE LIMIT LINEAR LINES LOAD LOW_PRIORITY MATCH OPTIMIZE OPTIONALLY OUTFILE REPEAT REQUIRE RLIKE ' +
    'SCHEMAS SEPARATOR SHOW SPATIAL SSL STARTING STRAIGHT_JOIN TERMINATED UNLOCK USAGE VARYING ZEROFILL'
  ).split(' '),
);

/**
 * What MariaDB reads differently already as characters: comments, literals, names. Text within literals
 * keeps its value.
 */
export function rewriteLexical(sheet: Sheet): void {
  sheet.each('comment', plainComment);
  sheet.each('string', plainString);
  for (let at = 0; at < sheet.length; at += 1) {
    const text = sheet.text(at);
    if (text === '^=' || text === '~=') sheet.replace(at, '<>');
    if (sheet.kind(at) === 'number') sheet.replace(at, text.replace(/[dDfF]$/, ''));
    if (sheet.kind(at) === 'word' && needsQuotes(sheet, at)) sheet.replace(at, `"${text}"`);
  }
}

/** MariaDB wants a blank behind the two dashes, and runs what stands in a comment that begins with `!`. */
function plainComment(text: string): string {
  return text.replace(/^--(?=\S)/, '-- ').replace(/^\/\*(?=M?!)/, '/* ');
}

/** A backslash is an ordinary character on Oracle, and begins an escape on MariaDB. */
function plainString(text: string): string {
  return `'${stringValue(text).replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
}

function needsQuotes(sheet: Sheet, at: number): boolean {
  if (sheet.text(at).includes('#')) return true;
  return RESERVED.has(sheet.word(at));
}
