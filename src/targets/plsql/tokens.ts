/** What a piece of PL/SQL or SQL text is. */
export type TokenKind = 'space' | 'comment' | 'string' | 'quoted' | 'word' | 'number' | 'symbol';

/** A piece of source text; the tokens of a text, joined, are the text again. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** The line that it begins in, from 1. */
  readonly line: number;
}

/**
 * Oracle's lexical rules. A string or comment that nobody ends reaches to the end of the text: what follows
 * an opening quote is never taken for code.
 */
const PATTERNS: readonly [TokenKind, RegExp][] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*/y],
  ['comment', /\/\*[\s\S]*?(?:\*\/|$(?![\s\S]))/y],
  ['string', /[nN]?'(?:[^']|'')*(?:'|$(?![\s\S]))/y],
  ['quoted', /"[^"]*(?:"|$(?![\s\S]))/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$#]*/uy],
  ['number', /(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?(?![\w$#])|\d+/y],
  ['symbol', /:=|\|\||\.\.|=>|<=|>=|<>|!=|\^=|~=|<<|>>|\*\*|[\s\S]/uy],
];

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')', '<': '>' };

/** Cuts text into tokens as Oracle does, q-quotes among them. */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const { kind, piece } = alternativeQuote(text, at) ?? tokenAt(text, at);
    tokens.push({ kind, text: piece, line });
    line += newlinesIn(piece);
    at += piece.length;
  }
  return tokens;
}

interface Found {
  readonly kind: TokenKind;
  readonly piece: string;
}

function tokenAt(text: string, at: number): Found {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const piece = pattern.exec(text)?.[0];
    if (piece !== undefined && piece !== '') return { kind, piece };
  }
  return { kind: 'symbol', piece: text.charAt(at) };
}

/** A string such as q'[it's]', if one begins here. */
function alternativeQuote(text: string, at: number): Found | null {
  const opening = /[nN]?[qQ]'(\S)/y;
  opening.lastIndex = at;
  const match = opening.exec(text);
  const delimiter = match?.[1];
  if (match === null || delimiter === undefined) return null;
  const ending = `${CLOSING[delimiter] ?? delimiter}'`;
  const end = text.indexOf(ending, at + match[0].length);
  return { kind: 'string', piece: end < 0 ? text.slice(at) : text.slice(at, end + ending.length) };
}

/** How many lines a text goes down. */
export function newlinesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** The text that a string literal stands for, whichever way it is quoted. */
export function stringValue(literal: string): string {
  const alternative = /^[nN]?[qQ]'\S([\s\S]*)\S'$/.exec(literal);
  if (alternative !== null) return alternative[1] ?? '';
  return literal
    .replace(/^[nN]?'/, '')
    .replace(/'$/, '')
    .replaceAll("''", "'");
}

/** A name without its double quotes. */
export function unquoted(name: string): string {
  return name.startsWith('"') ? name.replaceAll('"', '') : name;
}
