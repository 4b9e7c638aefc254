/** What a statement is, judged by its first word as the driver judges. */
export type StatementKind = 'query' | 'plsql' | 'dml' | 'ddl' | 'other';

/** A statement as far as the wire needs to know it. */
export interface Statement {
  readonly sql: string;
  readonly kind: StatementKind;
  /** Bind placeholders in the order of the wire. */
  readonly bindNames: readonly string[];
  /** From this bind on they take what RETURNING … INTO gives. */
  readonly returningFrom: number;
}

const KINDS: Readonly<Record<string, StatementKind>> = {
  SELECT: 'query',
  WITH: 'query',
  BEGIN: 'plsql',
  DECLARE: 'plsql',
  CALL: 'plsql',
  INSERT: 'dml',
  UPDATE: 'dml',
  DELETE: 'dml',
  MERGE: 'dml',
  CREATE: 'ddl',
  ALTER: 'ddl',
  DROP: 'ddl',
  ANALYZE: 'ddl',
  AUDIT: 'ddl',
  COMMENT: 'ddl',
  GRANT: 'ddl',
  REVOKE: 'ddl',
  TRUNCATE: 'ddl',
};

const LETTER = /\p{L}/u;
const SPACE = /\p{space}/u;
const DIGIT = /\p{N}/u;
const ALPHABETIC = /\p{Alpha}/u;
const NAME = /[\p{L}\p{N}$_#]/u;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')', '<': '>' };

/**
 * Finds kind and binds. Only positions of binds travel, so this must count exactly as the driver counts:
 * it steps over the text as `lib/thin/statement.js` does, its oddities included.
 */
export function scanStatement(sql: string): Statement {
  return new Scan(sql).run();
}

class Scan {
  private readonly sql: string;
  private at = 0;
  private kind: StatementKind | undefined;
  private readonly names: string[] = [];
  private readonly seen = new Set<string>();
  private returningFrom = Number.POSITIVE_INFINITY;
  private returning: 'no' | 'keyword' | 'into' = 'no';
  private wordFrom = 0;
  private lastWasLetter = false;
  private lastWasString = false;
  private last = '';
  private commentsEnd = true;

  constructor(sql: string) {
    this.sql = sql;
  }

  run(): Statement {
    for (; this.at < this.sql.length; this.at++) {
      const char = this.sql.charAt(this.at);
      const isLetter = LETTER.test(char);
      if (isLetter && !this.lastWasLetter) this.wordFrom = this.at;
      if (!isLetter && this.lastWasLetter) this.word(this.sql.slice(this.wordFrom, this.at));
      if (this.kind === 'ddl') break;
      this.step(char);
      this.lastWasLetter = isLetter;
      this.last = char;
    }
    const kind = this.kind ?? KINDS[this.sql.toUpperCase()] ?? 'other';
    const { sql, names: bindNames, returningFrom } = this;
    return { sql, kind, bindNames, returningFrom };
  }

  private word(text: string): void {
    const word = text.toUpperCase();
    if (this.kind === undefined) this.kind = KINDS[word] ?? 'other';
    else if (this.kind !== 'dml' || this.returning === 'into') return;
    else if (word === 'RETURNING' || word === 'RETURN') this.returning = 'keyword';
    else if (word === 'INTO' && this.returning === 'keyword') this.returning = 'into';
  }

  /** Steps over what begins here; a colon right behind a string belongs to JSON and begins no bind. */
  private step(char: string): void {
    if (char === "'") {
      this.lastWasString = true;
      if (this.last === 'q' || this.last === 'Q') this.alternativeString();
      else this.closeAt(char);
      return;
    }
    if (SPACE.test(char)) return;
    if (char === '-') this.lineComment();
    else if (char === '/') this.comment();
    else if (char === '"') this.closeAt(char);
    else if (char === ':' && !this.lastWasString) this.bind();
    this.lastWasString = false;
  }

  private closeAt(end: string): void {
    const found = this.sql.indexOf(end, this.at + 1);
    this.at = found < 0 ? this.sql.length : found;
  }

  private alternativeString(): void {
    const open = this.sql.charAt(this.at + 1);
    const end = CLOSING[open] ?? open;
    const found = open === '' ? -1 : this.sql.indexOf(`${end}'`, this.at + 2);
    this.at = found < 0 ? this.sql.length : found + 1;
  }

  private lineComment(): void {
    if (this.sql.charAt(this.at + 1) !== '-') return;
    const found = this.sql.indexOf('\n', this.at);
    this.at = found < 0 ? this.sql.length : found;
  }

  private comment(): void {
    if (!this.commentsEnd || this.sql.charAt(this.at + 1) !== '*') return;
    const found = this.sql.indexOf('*/', this.at + 2);
    // Looking again and again for an end that is not there would take the square of the length.
    this.commentsEnd = found >= 0;
    if (found >= 0) this.at = found + 1;
  }

  /** A name that ends with the text leaves the place where it is, as the driver does. */
  private bind(): void {
    const from = this.endOfRun(SPACE, this.at + 1);
    const first = this.sql.charAt(from);
    if (first === '"') {
      const found = this.sql.indexOf('"', from + 1);
      const end = found < 0 ? this.sql.length : found;
      this.add(this.sql.slice(from + 1, end));
      if (found >= 0) this.at = found;
      return;
    }
    const isDigit = DIGIT.test(first);
    if (!isDigit && !ALPHABETIC.test(first)) return;
    const end = this.endOfRun(isDigit ? DIGIT : NAME, from + 1);
    this.add(this.sql.slice(from, end).toUpperCase());
    if (end < this.sql.length) this.at = end - 1;
  }

  private endOfRun(pattern: RegExp, from: number): number {
    let end = from;
    while (end < this.sql.length && pattern.test(this.sql.charAt(end))) end += 1;
    return end;
  }

  private add(name: string): void {
    if (this.kind === 'plsql' && this.seen.has(name)) return;
    this.seen.add(name);
    if (this.returning === 'into') {
      this.returningFrom = Math.min(this.returningFrom, this.names.length);
    }
    this.names.push(name);
  }
}
