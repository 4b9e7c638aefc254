import { lex, stringValue, type Token } from '../../../src/targets/plsql/tokens.ts';

/** Something that the model does not know: nobody may take it for understood. */
export class NotModelled extends Error {}

/** Reads tokens one by one; blanks and comments are not among them. */
export class Reader {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(source: string | readonly Token[]) {
    const tokens = typeof source === 'string' ? lex(source) : source;
    this.tokens = tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  }

  /** The word or symbol in small letters; a literal as it is written; empty at the end. */
  peek(ahead = 0): string {
    const token = this.tokens[this.at + ahead];
    if (token === undefined) return '';
    return token.kind === 'string' ? token.text : token.text.toLowerCase();
  }

  get isWord(): boolean {
    return this.tokens[this.at]?.kind === 'word';
  }

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  /** The value of the literal that stands here, which is read; undefined: there is none. */
  literal(): string | number | undefined {
    const token = this.tokens[this.at];
    if (token?.kind !== 'string' && token?.kind !== 'number') return undefined;
    this.at += 1;
    return token.kind === 'string' ? stringValue(token.text) : Number(token.text);
  }

  take(): string {
    const word = this.peek();
    this.at += 1;
    return word;
  }

  /** Reads these words if they stand here. */
  accept(...words: readonly string[]): boolean {
    if (!words.every((word, ahead) => this.peek(ahead) === word)) return false;
    this.at += words.length;
    return true;
  }

  expect(...words: readonly string[]): void {
    if (!this.accept(...words)) throw this.unknown(words.join(' '));
  }

  /** The tokens up to words, which are read too. */
  upTo(...words: readonly string[]): Token[] {
    const from = this.at;
    while (!this.atEnd) {
      const end = this.at;
      if (this.accept(...words)) return this.tokens.slice(from, end);
      this.at += 1;
    }
    throw this.unknown(words.join(' '));
  }

  unknown(wanted: string): NotModelled {
    const line = this.tokens[Math.min(this.at, this.tokens.length - 1)]?.line ?? 0;
    return new NotModelled(`line ${line}: "${this.peek()}" where ${wanted} was read for`);
  }
}
