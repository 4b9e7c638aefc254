import { quoteIdentifier } from './quoting.ts';
import { type SqlToken, tokenize } from './sql-tokens.ts';

/**
 * A statement that cannot run in a transaction, as far as it must be understood to resolve a doubt about
 * it. Names are quoted text, ready for `to_regclass`.
 */
export type PlainStatement =
  | { readonly kind: 'create index'; readonly name: string | null; readonly table: string }
  | { readonly kind: 'drop index'; readonly index: string }
  | { readonly kind: 'detach'; readonly parent: string; readonly child: string }
  | { readonly kind: 'reindex'; readonly scope: ReindexScope; readonly name: string | null }
  /** Harmless to repeat and leaves nothing behind: VACUUM, CLUSTER of all tables, ALTER SYSTEM. */
  | { readonly kind: 'repeatable' }
  /** Only the author's own probe can tell whether it has taken effect. */
  | { readonly kind: 'other' };

export type ReindexScope = 'index' | 'table' | 'schema' | 'database';

/** What a statement is that cannot run in a transaction; null: it can, or nobody knows before it is tried. */
export function plainStatement(sql: string): PlainStatement | null {
  const tokens = tokenize(sql).filter(({ text }) => text !== ';');
  const reader = new TokenReader(tokens);
  const first = reader.word();
  switch (first) {
    case 'vacuum':
      return { kind: 'repeatable' };
    case 'create':
      return readCreate(reader);
    case 'drop':
      return readDrop(reader);
    case 'reindex':
      return readReindex(reader);
    case 'alter':
      return readAlter(reader);
    case 'cluster':
      return readCluster(reader);
    default:
      return null;
  }
}

/** Reads a statement's tokens one after the other. */
class TokenReader {
  private readonly tokens: readonly SqlToken[];
  private at = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.tokens = tokens;
  }

  /** The next word, lower case; null where the next token is none. */
  word(): string | null {
    const token = this.tokens[this.at];
    if (token?.type !== 'word') return null;
    this.at += 1;
    return token.value;
  }

  /** Takes these words if they are the next ones. */
  take(...words: readonly string[]): boolean {
    const next = this.tokens.slice(this.at, this.at + words.length);
    const match = words.every((word, i) => next[i]?.type === 'word' && next[i].value === word);
    if (match) this.at += words.length;
    return match;
  }

  /** The words of a parenthesised list, taken; empty where there is none. */
  options(): string[] {
    if (this.tokens[this.at]?.text !== '(') return [];
    const words: string[] = [];
    for (; this.at < this.tokens.length; this.at += 1) {
      const token = this.tokens[this.at];
      if (token?.text === ')') break;
      if (token?.type === 'word') words.push(token.value);
    }
    this.at += 1;
    return words;
  }

  /** A name, maybe qualified, as quoted text; null where there is none. */
  name(): string | null {
    const parts: string[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.type !== 'word' && token?.type !== 'quoted') return null;
      parts.push(quoteIdentifier(token.value));
      this.at += 1;
      if (this.tokens[this.at]?.text !== '.') return parts.join('.');
      this.at += 1;
    }
  }

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }
}

function readCreate(reader: TokenReader): PlainStatement | null {
  if (reader.take('database') || reader.take('tablespace')) return { kind: 'other' };
  reader.take('unique');
  if (!reader.take('index', 'concurrently')) return null;
  reader.take('if', 'not', 'exists');
  const name = reader.take('on') ? null : reader.name();
  if (name !== null) reader.take('on');
  reader.take('only');
  const table = reader.name();
  return table === null ? { kind: 'other' } : { kind: 'create index', name, table };
}

function readDrop(reader: TokenReader): PlainStatement | null {
  if (reader.take('database') || reader.take('tablespace')) return { kind: 'other' };
  if (!reader.take('index', 'concurrently')) return null;
  reader.take('if', 'exists');
  const index = reader.name();
  return index === null ? { kind: 'other' } : { kind: 'drop index', index };
}

function readReindex(reader: TokenReader): PlainStatement | null {
  const inOptions = reader.options().includes('concurrently');
  const word = reader.word();
  const scope = word === 'system' ? 'database' : word;
  const concurrently = reader.take('concurrently') || inOptions;
  if (scope === 'index' || scope === 'table') {
    return concurrently ? { kind: 'reindex', scope, name: reader.name() } : null;
  }
  if (scope !== 'schema' && scope !== 'database') return null;
  return { kind: 'reindex', scope, name: reader.name() };
}

function readAlter(reader: TokenReader): PlainStatement | null {
  if (reader.take('system')) return { kind: 'repeatable' };
  if (!reader.take('table')) return null;
  reader.take('if', 'exists');
  reader.take('only');
  const parent = reader.name();
  if (parent === null || !reader.take('detach', 'partition')) return null;
  const child = reader.name();
  if (child === null || !reader.take('concurrently')) return null;
  return { kind: 'detach', parent, child };
}

function readCluster(reader: TokenReader): PlainStatement | null {
  reader.options();
  reader.take('verbose');
  return reader.atEnd ? { kind: 'repeatable' } : null;
}
