/** A piece of SQL text; blanks and comments are none. */
export interface SqlToken {
  readonly type: 'word' | 'quoted' | 'string' | 'dollar' | 'other';
  readonly text: string;
  /** A word in lower case, the inside of what is quoted, else the text. */
  readonly value: string;
  /** Offset in the text that was read. */
  readonly start: number;
}

/** One statement of a file, without its semicolon. Offsets of its tokens are those in `text`. */
export interface SqlStatement {
  readonly text: string;
  /** The line of the file that its first token stands in, from 1. */
  readonly line: number;
  readonly tokens: readonly SqlToken[];
}

const PATTERNS: readonly [SqlToken['type'] | 'skip', RegExp][] = [
  ['skip', /\s+|--[^\n]*/y],
  ['dollar', /(\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)([\s\S]*?)\1/uy],
  ['string', /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y],
  ['string', /(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'/y],
  ['quoted', /(?:[uU]&)?"((?:[^"]|"")*)"/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['other', /\d[\w.]*|::|[\s\S]/y],
];

/** Cuts SQL text into tokens, as the server does with standard_conforming_strings on. */
export function tokenize(text: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < text.length) {
    const comment = commentEnd(text, at);
    if (comment > at) {
      at = comment;
      continue;
    }
    const { type, match } = matchAt(text, at);
    if (type !== 'skip')
      tokens.push({ type, text: match[0], value: tokenValue(type, match), start: at });
    at += match[0].length;
  }
  return tokens;
}

function matchAt(
  text: string,
  at: number,
): { type: SqlToken['type'] | 'skip'; match: RegExpExecArray } {
  for (const [type, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return { type, match };
  }
  throw new Error(`no token at offset ${at}`);
}

function tokenValue(type: SqlToken['type'], match: RegExpExecArray): string {
  if (type === 'word') return match[0].toLowerCase();
  if (type === 'quoted') return (match[1] ?? '').replaceAll('""', '"');
  return type === 'dollar' ? (match[2] ?? '') : match[0];
}

/** Where a block comment that begins here ends (they nest); the same offset where none begins. */
function commentEnd(text: string, start: number): number {
  if (!text.startsWith('/*', start)) return start;
  let depth = 0;
  const bounds = /\/\*|\*\//g;
  bounds.lastIndex = start;
  for (let match = bounds.exec(text); match !== null; match = bounds.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return bounds.lastIndex;
  }
  return text.length;
}

/** Cuts a file into its statements; a semicolon within a BEGIN ATOMIC body ends none. */
export function splitStatements(text: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let current: SqlToken[] = [];
  const finish = (end: number): void => {
    const start = current[0]?.start;
    if (start !== undefined) {
      statements.push({
        text: text.slice(start, end),
        line: text.slice(0, start).split('\n').length,
        tokens: current.map((token) => ({ ...token, start: token.start - start })),
      });
    }
    current = [];
  };
  let depth = 0;
  for (const token of tokenize(text)) {
    depth = Math.max(0, depth + atomicStep(current.at(-1), token, depth));
    if (token.text === ';' && depth === 0) finish(token.start);
    else current.push(token);
  }
  finish(text.trimEnd().length);
  return statements;
}

/** The text without a semicolon at its end, and without what is only comment behind it. */
export function withoutSemicolon(text: string): string {
  const last = tokenize(text).findLast((token) => token.text !== ';');
  return last === undefined ? '' : text.slice(0, last.start + last.text.length);
}

/** How a token changes the depth of BEGIN ATOMIC … END, in which CASE … END may stand. */
function atomicStep(before: SqlToken | undefined, token: SqlToken, depth: number): number {
  if (token.type !== 'word') return 0;
  if (token.value === 'atomic' && before?.value === 'begin') return 1;
  if (depth === 0) return 0;
  if (token.value === 'case') return 1;
  return token.value === 'end' ? -1 : 0;
}
