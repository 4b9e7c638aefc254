import { lex, newlinesIn, type Token, unquoted } from './tokens.ts';

/** What a unit creates; `block` is an anonymous one, `sql` is every other statement. */
export type UnitKind =
  | 'package'
  | 'package body'
  | 'procedure'
  | 'function'
  | 'trigger'
  | 'type'
  | 'block'
  | 'sql';

/** One statement of a source file, without what ends it. */
export interface SourceUnit {
  readonly text: string;
  /** The line of the file that its first token stands in, from 1. */
  readonly line: number;
  readonly kind: UnitKind;
  /** The name of what it creates, as written, without quotes; null for what creates nothing named. */
  readonly name: string | null;
  /** The owner that is written before the name. */
  readonly owner: string | null;
}

/** Commands to SQL*Plus itself: they are for a person's session, and no part of what is installed. */
const CLIENT_COMMAND =
  /^(?:set|prompt|show|whenever|spool|define|undefine|rem|remark|exit|quit|clear|column|@@?\S)/i;

/**
 * Cuts a file as SQL*Plus does: PL/SQL reaches to a line with nothing but a slash or to the end of the file,
 * a plain statement also ends with a semicolon.
 */
export function sourceUnits(text: string): SourceUnit[] {
  const units: SourceUnit[] = [];
  let rest: string | null = text;
  for (let line = 1; rest !== null; ) {
    const next: string | null = unitsBeforeCommand(rest, line, units);
    if (next !== null) line += newlinesIn(rest) - newlinesIn(next);
    rest = next;
  }
  return units;
}

/**
 * Reads units up to a command to SQL*Plus, and answers with the text behind that line, or null at the end. A
 * command is no SQL: an apostrophe in it begins no literal.
 */
function unitsBeforeCommand(text: string, line: number, units: SourceUnit[]): string | null {
  let current: Token[] = [];
  let offset = 0;
  const finish = (): void => {
    const unit = unitOf(current);
    if (unit !== null) units.push({ ...unit, line: unit.line + line - 1 });
    current = [];
  };
  const tokens = lex(text);
  for (const [at, token] of tokens.entries()) {
    if (isSlashLine(tokens, at)) finish();
    else if (!hasCode(current) && isClientCommand(tokens, at)) {
      const end = text.indexOf('\n', offset);
      return end < 0 ? null : text.slice(end);
    } else if (token.text === ';' && isPlain(current)) finish();
    else current.push(token);
    offset += token.text.length;
  }
  finish();
  return null;
}

function isCode({ kind }: Token): boolean {
  return kind !== 'space' && kind !== 'comment';
}

function hasCode(tokens: readonly Token[]): boolean {
  return tokens.some(isCode);
}

function isSlashLine(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === '/' && startsLine(tokens, at) && endsLine(tokens, at);
}

function startsLine(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  if (before === undefined) return true;
  if (before.kind !== 'space') return false;
  return before.text.includes('\n') || at === 1;
}

function endsLine(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  return after === undefined || (after.kind === 'space' && /\n|^\s*$/.test(after.text));
}

function isClientCommand(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || !startsLine(tokens, at)) return false;
  const next = tokens[at + 1]?.text ?? '';
  return CLIENT_COMMAND.test(token.text + (token.text === '@' ? next : ''));
}

/** A statement that a semicolon ends; the beginning of nothing is none. */
function isPlain(tokens: readonly Token[]): boolean {
  return headOf(tokens).kind === 'sql';
}

interface Head {
  readonly kind: UnitKind;
  readonly name: string | null;
  readonly owner: string | null;
}

const NAMED: readonly UnitKind[] = ['package', 'procedure', 'function', 'trigger', 'type'];
const BEFORE_KIND = /^(?:OR|REPLACE|EDITIONABLE|NONEDITIONABLE|GLOBAL|TEMPORARY|UNIQUE|FORCE)$/;
const LONGEST_HEAD = 12;

/** What the first tokens of a unit say about it. */
function headOf(tokens: readonly Token[]): Head {
  const code: Token[] = [];
  for (const token of tokens) {
    if (isCode(token)) code.push(token);
    if (code.length > LONGEST_HEAD) break;
  }
  const word = (at: number): string => code[at]?.text.toUpperCase() ?? '';
  if (/^(?:DECLARE|BEGIN|<<)$/.test(word(0))) return { kind: 'block', name: null, owner: null };
  let at = 1;
  while (BEFORE_KIND.test(word(at))) at += 1;
  if (word(0) !== 'CREATE') return { kind: 'sql', name: null, owner: null };
  const found = NAMED.find((kind) => kind.toUpperCase() === word(at));
  const body = word(at + 1) === 'BODY' && (found === 'package' || found === 'type');
  return { kind: kindOf(found, body), ...namesAt(code, body ? at + 2 : at + 1) };
}

function kindOf(found: UnitKind | undefined, body: boolean): UnitKind {
  if (found === 'package' && body) return 'package body';
  return found ?? 'sql';
}

function namesAt(code: readonly Token[], at: number): Pick<Head, 'name' | 'owner'> {
  const nameAt = (place: number): string | null => {
    const token = code[place];
    if (token?.kind !== 'word' && token?.kind !== 'quoted') return null;
    return unquoted(token.text);
  };
  if (code[at + 1]?.text !== '.') return { name: nameAt(at), owner: null };
  return { name: nameAt(at + 2), owner: nameAt(at) };
}

/** The unit that these tokens are; null for blanks and comments alone. */
function unitOf(tokens: readonly Token[]): SourceUnit | null {
  const first = tokens.findIndex(isCode);
  const start = tokens[first];
  if (start === undefined) return null;
  const inside = tokens.slice(first, tokens.findLastIndex(isCode) + 1);
  return { text: inside.map(({ text }) => text).join(''), line: start.line, ...headOf(inside) };
}
