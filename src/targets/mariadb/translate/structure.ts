import type { Sheet, Span } from './sheet.ts';

export interface Declared {
  readonly name: string;
  readonly kind:
    | 'variable'
    | 'constant'
    | 'parameter'
    | 'exception'
    | 'cursor'
    | 'type'
    | 'subtype'
    | 'loop';
  /** The token of its name. */
  readonly at: number;
  /** The whole declaration without its semicolon. */
  readonly span: Span;
  readonly type: Span;
  /** What it begins with; for a parameter its default. */
  readonly value: Span | null;
}

/** One WHEN of an exception section. */
export interface Handler {
  readonly when: number;
  readonly thenAt: number;
  /** The token behind its last one. */
  to: number;
}

/** A stretch of source in which names are declared: the unit, a package, a routine, a block. */
export interface Scope {
  readonly kind: 'unit' | 'package' | 'routine' | 'block';
  readonly parent: Scope | null;
  readonly routine: Routine | null;
  readonly names: Map<string, Declared>;
  readonly handlers: Handler[];
  readonly from: number;
  /** Its BEGIN, EXCEPTION and END; -1 where there is none. */
  begin: number;
  exception: number;
  end: number;
}

export interface Routine {
  readonly name: string;
  readonly at: number;
  readonly kind: 'PROCEDURE' | 'FUNCTION';
  readonly parameters: readonly Declared[];
  /** The type that a function returns. */
  readonly returns: Span | null;
  /** Whether this is a definition; else it only declares. */
  readonly hasBody: boolean;
  readonly parent: Routine | null;
  /** The END of its body; -1 where there is none. */
  end: number;
}

export interface Structure {
  readonly root: Scope;
  readonly scopes: readonly Scope[];
  readonly routines: readonly Routine[];
  scopeAt(at: number): Scope;
  /** What a name means at a place. */
  lookup(at: number, name: string): Declared | undefined;
}

interface Frame {
  mode: 'declarations' | 'statements' | 'case';
  readonly scope: Scope;
}

/** Reads how a unit of PL/SQL is built. Source that is broken gives a structure too, of what can be seen. */
export function structureOf(sheet: Sheet): Structure {
  const reader = new Reader(sheet);
  reader.read();
  return reader;
}

class Reader implements Structure {
  readonly root: Scope;
  readonly scopes: Scope[] = [];
  readonly routines: Routine[] = [];
  readonly #sheet: Sheet;
  readonly #frames: Frame[] = [];
  readonly #scopeAt: Scope[] = [];

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
    this.root = this.#open('unit', null, 0, null);
  }

  scopeAt(at: number): Scope {
    return this.#scopeAt[at] ?? this.root;
  }

  lookup(at: number, name: string): Declared | undefined {
    for (let scope: Scope | null = this.scopeAt(at); scope !== null; scope = scope.parent) {
      const found = scope.names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  read(): void {
    let at = this.#start();
    while (at < this.#sheet.length) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) break;
      const next = Math.max(at + 1, this.#step(at, frame));
      for (let place = at; place < next; place += 1) this.#scopeAt[place] ??= frame.scope;
      at = next;
    }
  }

  #step(at: number, frame: Frame): number {
    return frame.mode === 'declarations'
      ? this.#declaration(at, frame)
      : this.#statement(at, frame);
  }

  #open(kind: Scope['kind'], parent: Scope | null, from: number, routine: Routine | null): Scope {
    const names = new Map<string, Declared>();
    const places = { begin: -1, exception: -1, end: -1 };
    const scope: Scope = { kind, parent, routine, names, handlers: [], from, ...places };
    this.scopes.push(scope);
    return scope;
  }

  #push(kind: Scope['kind'], from: number, mode: Frame['mode'], routine: Routine | null): Scope {
    const parent = this.#frames.at(-1)?.scope ?? this.root;
    const scope = this.#open(kind, parent, from, routine ?? parent.routine);
    this.#frames.push({ mode, scope });
    return scope;
  }

  /** Where the declarations or statements of the unit begin. */
  #start(): number {
    const all = { from: 0, to: this.#sheet.length };
    const head = this.#sheet.find(all, (at) =>
      /^(?:PACKAGE|PROCEDURE|FUNCTION|TRIGGER|DECLARE|BEGIN)$/.test(this.#sheet.word(at)),
    );
    const kind = head === undefined ? '' : this.#sheet.word(head);
    if (head === undefined) return this.#sheet.length;
    this.#frames.push({ mode: 'declarations', scope: this.root });
    if (kind === 'PROCEDURE' || kind === 'FUNCTION') return head;
    if (kind === 'PACKAGE') {
      const body = this.#sheet.find({ from: head, to: all.to }, (at) => this.#isAs(at));
      this.#push('package', head, 'declarations', null);
      return (body ?? all.to) + 1;
    }
    const block = this.#sheet.find({ from: head, to: all.to }, (at) =>
      /^(?:DECLARE|BEGIN)$/.test(this.#sheet.word(at)),
    );
    this.#frames.push({ mode: 'statements', scope: this.root });
    return block ?? all.to;
  }

  #isAs(at: number): boolean {
    return this.#sheet.kind(at) === 'word' && /^(?:IS|AS)$/.test(this.#sheet.word(at));
  }

  #declaration(at: number, frame: Frame): number {
    const word = this.#sheet.word(at);
    if (word === 'BEGIN') {
      frame.scope.begin = at;
      frame.mode = 'statements';
      return at + 1;
    }
    if (word === 'END') return this.#close(at, frame);
    if (word === 'PROCEDURE' || word === 'FUNCTION') return this.#routine(at, word);
    const end = this.#sheet.endOfStatement(at);
    this.#declare(frame.scope, { from: at, to: end });
    return end + 1;
  }

  #declare(scope: Scope, span: Span): void {
    const first = this.#sheet.word(span.from);
    if (first === 'PRAGMA') return;
    const special = /^(?:CURSOR|TYPE|SUBTYPE)$/.test(first) && this.#sheet.isName(span.from + 1);
    const at = special ? span.from + 1 : span.from;
    if (!this.#sheet.isName(at)) return;
    const kind = special
      ? (first.toLowerCase() as 'cursor' | 'type' | 'subtype')
      : this.#kindAt(at);
    const name = this.#sheet.word(at);
    const typeFrom = special || kind === 'constant' ? at + 2 : at + 1;
    scope.names.set(name, {
      name,
      kind,
      at,
      span,
      ...this.#typed({ from: typeFrom, to: span.to }),
    });
  }

  #kindAt(name: number): 'constant' | 'exception' | 'variable' {
    const word = this.#sheet.word(name + 1);
    if (word === 'CONSTANT') return 'constant';
    return word === 'EXCEPTION' ? 'exception' : 'variable';
  }

  /** Type and first value of what is declared there. */
  #typed({ from, to }: Span): { type: Span; value: Span | null } {
    const sign = this.#sheet.find(
      { from, to },
      (at) => this.#sheet.text(at) === ':=' || this.#sheet.word(at) === 'DEFAULT',
    );
    if (sign === undefined) return { type: { from, to }, value: null };
    return { type: { from, to: sign }, value: { from: sign + 1, to } };
  }

  #routine(at: number, kind: Routine['kind']): number {
    const open = this.#sheet.text(at + 2) === '(' ? at + 2 : -1;
    const close = open < 0 ? at + 1 : this.#sheet.closing(open);
    const rest = { from: close + 1, to: this.#sheet.length };
    const end = this.#sheet.find(
      rest,
      (place) => this.#sheet.text(place) === ';' || this.#isAs(place),
    );
    const hasBody = end !== undefined && this.#isAs(end);
    const list = open < 0 ? [] : this.#sheet.items({ from: open + 1, to: close });
    const routine: Routine = {
      name: this.#sheet.word(at + 1),
      at,
      kind,
      parameters: list.map((item) => this.#parameter(item)),
      returns: this.#returned(close + 1, end ?? rest.to),
      hasBody,
      parent: this.#frames.at(-1)?.scope.routine ?? null,
      end: -1,
    };
    this.routines.push(routine);
    if (hasBody) {
      const scope = this.#push('routine', at, 'declarations', routine);
      for (const parameter of routine.parameters) scope.names.set(parameter.name, parameter);
    }
    return (end ?? rest.to) + 1;
  }

  #returned(at: number, end: number): Span | null {
    if (this.#sheet.word(at) !== 'RETURN') return null;
    const after = this.#sheet.find({ from: at + 1, to: end }, (place) =>
      /^(?:DETERMINISTIC|PIPELINED|PARALLEL_ENABLE|RESULT_CACHE|AUTHID|AGGREGATE)$/.test(
        this.#sheet.word(place),
      ),
    );
    return { from: at + 1, to: after ?? end };
  }

  #parameter(span: Span): Declared {
    let from = span.from + 1;
    while (/^(?:IN|OUT|NOCOPY)$/.test(this.#sheet.word(from)) && from < span.to) from += 1;
    const name = this.#sheet.word(span.from);
    return { name, kind: 'parameter', at: span.from, span, ...this.#typed({ from, to: span.to }) };
  }

  #statement(at: number, frame: Frame): number {
    switch (this.#sheet.kind(at) === 'word' ? this.#sheet.word(at) : '') {
      case 'DECLARE':
        this.#push('block', at, 'declarations', null);
        return at + 1;
      case 'BEGIN':
        this.#push('block', at, 'statements', null).begin = at;
        return at + 1;
      case 'CASE':
        this.#frames.push({ mode: 'case', scope: frame.scope });
        return at + 1;
      case 'END':
        return this.#end(at, frame);
      case 'EXCEPTION':
        if (frame.mode === 'statements') frame.scope.exception = at;
        return at + 1;
      case 'WHEN':
        return this.#when(at, frame);
      case 'FOR':
        this.#loop(at, frame.scope);
        return at + 1;
      default:
        return at + 1;
    }
  }

  #end(at: number, frame: Frame): number {
    const next = this.#sheet.word(at + 1);
    if (next === 'IF' || next === 'LOOP') return at + 2;
    if (frame.mode === 'case') {
      this.#frames.pop();
      return next === 'CASE' ? at + 2 : at + 1;
    }
    return next === 'CASE' ? at + 2 : this.#close(at, frame);
  }

  #close(at: number, { scope }: Frame): number {
    scope.end = at;
    const last = scope.handlers.at(-1);
    if (last !== undefined) last.to = at;
    if (scope.kind === 'routine' && scope.routine !== null) scope.routine.end = at;
    this.#frames.pop();
    return this.#sheet.endOfStatement(at) + 1;
  }

  #when(at: number, { scope, mode }: Frame): number {
    const before = this.#sheet.word(at - 1);
    if (mode === 'case' || scope.exception < 0 || !(before === ';' || before === 'EXCEPTION')) {
      return at + 1;
    }
    const end = this.#sheet.length;
    const then = this.#sheet.find(
      { from: at, to: end },
      (place) => this.#sheet.word(place) === 'THEN',
    );
    const last = scope.handlers.at(-1);
    if (last !== undefined) last.to = at;
    scope.handlers.push({ when: at, thenAt: then ?? end, to: end });
    return at + 1;
  }

  #loop(at: number, scope: Scope): void {
    const name = this.#sheet.word(at + 1);
    if (!this.#sheet.isName(at + 1) || this.#sheet.word(at + 2) !== 'IN') return;
    const bounds = { from: at + 3, to: this.#sheet.length };
    const loop = this.#sheet.find(bounds, (place) => /^(?:LOOP|;)$/.test(this.#sheet.word(place)));
    const span = { from: at + 3, to: loop ?? at + 3 };
    if (scope.names.has(name)) return;
    scope.names.set(name, { name, kind: 'loop', at: at + 1, span, type: span, value: null });
  }
}
