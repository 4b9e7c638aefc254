import { lex, type Token, type TokenKind } from '../../plsql/tokens.ts';

/** A token with what becomes of it. Reading always sees the source; only `rendered` shows the changes. */
interface Piece extends Token {
  before: string;
  now: string;
  after: string;
}

/** A half-open range of code tokens. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const NOTHING: Token = { kind: 'space', text: '', line: 0 };

/**
 * The text of a unit on which the translation is written. Its code tokens are numbered from 0; blanks and
 * comments lie between them. Nothing that is written may contain a line break, and none of the source's is
 * taken away: so every line keeps its number.
 */
export class Sheet {
  readonly #pieces: Piece[];
  readonly #code: number[];
  /** For each parenthesis the one that it belongs to. */
  readonly #partner = new Map<number, number>();

  constructor(text: string) {
    this.#pieces = lex(text).map((token) => ({
      ...token,
      before: '',
      now: token.text,
      after: '',
    }));
    this.#code = this.#pieces.flatMap(({ kind }, at) =>
      kind === 'space' || kind === 'comment' ? [] : [at],
    );
    this.#pair();
  }

  #pair(): void {
    const open: number[] = [];
    for (let at = 0; at < this.length; at += 1) {
      if (this.text(at) === '(') open.push(at);
      const partner = this.text(at) === ')' ? open.pop() : undefined;
      if (partner === undefined) continue;
      this.#partner.set(partner, at);
      this.#partner.set(at, partner);
    }
  }

  get length(): number {
    return this.#code.length;
  }

  #piece(at: number): Piece | undefined {
    const index = this.#code[at];
    return index === undefined ? undefined : this.#pieces[index];
  }

  #token(at: number): Token {
    return this.#piece(at) ?? NOTHING;
  }

  kind(at: number): TokenKind {
    return this.#token(at).kind;
  }

  /** The token as it is written in the source; empty outside of the text. */
  text(at: number): string {
    return this.#token(at).text;
  }

  /** The token for comparing: names and keywords in capitals, without quotes. */
  word(at: number): string {
    const { kind, text } = this.#token(at);
    if (kind === 'quoted') return text.replaceAll('"', '').toUpperCase();
    return kind === 'string' ? text : text.toUpperCase();
  }

  /** The line within the unit, from 1. */
  line(at: number): number {
    return this.#token(at).line;
  }

  isName(at: number): boolean {
    const kind = this.kind(at);
    return kind === 'word' || kind === 'quoted';
  }

  /** Whether these words stand here, one after another. */
  reads(at: number, ...words: readonly string[]): boolean {
    return words.every((word, offset) => this.word(at + offset) === word);
  }

  /** The closing parenthesis of the one that opens here; the end of the text if there is none. */
  closing(open: number): number {
    return this.text(open) === '(' ? (this.#partner.get(open) ?? this.length) : open;
  }

  /** The opening parenthesis of the one that closes here; -1 if there is none. */
  opening(close: number): number {
    return this.text(close) === ')' ? (this.#partner.get(close) ?? -1) : close;
  }

  /** The semicolon that ends the statement which this token is part of. */
  endOfStatement(start: number): number {
    return (
      this.find({ from: start, to: this.length }, (at) => this.text(at) === ';') ?? this.length
    );
  }

  /** The first token of the span, outside of parentheses that open in it, for which the test holds. */
  find({ from, to }: Span, test: (at: number) => boolean): number | undefined {
    for (let at = from; at < to; at += 1) {
      if (test(at)) return at;
      if (this.text(at) === '(') at = this.closing(at);
    }
    return undefined;
  }

  /** The pieces of a list that commas part, such as arguments. */
  items({ from, to }: Span): Span[] {
    const spans: Span[] = [];
    if (from >= to) return spans;
    let start = from;
    for (;;) {
      const comma = this.find({ from: start, to }, (at) => this.text(at) === ',');
      spans.push({ from: start, to: comma ?? to });
      if (comma === undefined) return spans;
      start = comma + 1;
    }
  }

  /** What the source says there, on one line, without comments. */
  source({ from, to }: Span): string {
    return this.#joined({ from, to }, ({ text }) => text);
  }

  /** What there is to be said there, changes included, on one line, without comments. */
  rendering({ from, to }: Span): string {
    return this.#joined({ from, to }, ({ before, now, after }) => before + now + after);
  }

  #joined({ from, to }: Span, shown: (piece: Piece) => string): string {
    const first = this.#code[from];
    const last = this.#code[to - 1];
    if (first === undefined || last === undefined || from >= to) return '';
    return this.#pieces
      .slice(first, last + 1)
      .map((piece) => (piece.kind === 'comment' ? ' ' : this.#blankless(piece, shown)))
      .join('');
  }

  #blankless(piece: Piece, shown: (piece: Piece) => string): string {
    if (piece.kind === 'space') return ' ';
    return piece.now.trim() === '' && shown(piece).trim() === '' ? '' : shown(piece);
  }

  /** Says something else in place of a token. */
  replace(at: number, text: string): void {
    const piece = this.#piece(at);
    if (piece !== undefined) piece.now = oneLine(text) + '\n'.repeat(breaks(piece.text));
  }

  /** Makes a token longer: nothing that was written behind it gets in between. */
  extend(at: number, text: string): void {
    const piece = this.#piece(at);
    if (piece !== undefined) piece.now += oneLine(text);
  }

  /** Takes tokens out, and whatever was written to them; blanks and comments between them stay. */
  blank({ from, to }: Span): void {
    for (let at = from; at < to; at += 1) {
      const piece = this.#piece(at);
      if (piece === undefined) continue;
      piece.before = '';
      piece.after = '';
      piece.now = '\n'.repeat(breaks(piece.text));
    }
  }

  /** Writes before a token; what is written later stands further out. */
  before(at: number, text: string): void {
    const piece = this.#piece(at);
    if (piece !== undefined) piece.before = oneLine(text) + piece.before;
  }

  /** Writes behind a token; what is written later stands further out. */
  after(at: number, text: string): void {
    const piece = this.#piece(at);
    if (piece !== undefined) piece.after += oneLine(text);
  }

  wrap({ from, to }: Span, opening: string, closing: string): void {
    this.before(from, opening);
    this.after(to - 1, closing);
  }

  /** Changes every token of a kind, comments too. */
  each(kind: TokenKind, change: (text: string) => string): void {
    for (const piece of this.#pieces) {
      if (piece.kind === kind && piece.now === piece.text) piece.now = change(piece.text);
    }
  }

  rendered(): string {
    return this.#pieces.map(({ before, now, after }) => before + now + after).join('');
  }
}

function breaks(text: string): number {
  return text.split('\n').length - 1;
}

/** A literal within inserted text may hold a line break; it is said with its code instead. */
function oneLine(text: string): string {
  return text.replaceAll('\n', "'||CHR(10)||'");
}
