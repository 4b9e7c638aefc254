/** A value of PL/SQL. An empty string is null, as it is for Oracle. */
export type Value = string | number | boolean | null | PlsqlRecord | Collection;

/** A record; its fields are there from the beginning. */
export class PlsqlRecord {
  readonly fields: Map<string, Value>;
  private readonly type: RecordType;

  constructor(type: RecordType, from?: PlsqlRecord) {
    this.type = type;
    this.fields = new Map(
      [...type.fields].map(([name, field]) => [name, from?.get(name) ?? initial(field)]),
    );
  }

  get(name: string): Value {
    const value = this.fields.get(name);
    if (value === undefined) throw new Error(`no field ${name}`);
    return value;
  }

  set(name: string, value: Value): void {
    const type = this.type.fields.get(name);
    if (type === undefined) throw new Error(`no field ${name}`);
    this.fields.set(name, fitted(value, type, name));
  }

  copy(): PlsqlRecord {
    return new PlsqlRecord(this.type, this);
  }

  /** The fields as a plain object, for tests. */
  toObject(): Record<string, Value> {
    return Object.fromEntries(this.fields);
  }
}

/** TABLE OF … INDEX BY PLS_INTEGER. */
export class Collection {
  readonly elements: Map<Value, Value>;
  readonly element: Type;

  constructor(element: Type, elements?: ReadonlyMap<Value, Value>) {
    this.element = element;
    this.elements = new Map(elements);
  }
}

export interface RecordType {
  readonly kind: 'record';
  readonly fields: ReadonlyMap<string, Type>;
}
export type Type =
  | { readonly kind: 'scalar'; readonly length: number | null }
  | { readonly kind: 'collection'; readonly element: Type }
  | RecordType;

/** An error that PL/SQL raises. */
export class Raised extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(`ORA${code}: ${message}`);
    this.code = code;
  }
}

const TOO_SMALL = -6502;
const NOT_THERE = 1403;

export function initial(type: Type): Value {
  if (type.kind === 'record') return new PlsqlRecord(type);
  return type.kind === 'collection' ? new Collection(type.element) : null;
}

/** What becomes of a value in a variable: a copy, which must fit. */
export function fitted(value: Value, type: Type, name: string): Value {
  if (value instanceof PlsqlRecord) return value.copy();
  if (value instanceof Collection) return new Collection(value.element, value.elements);
  const length = type.kind === 'scalar' ? type.length : null;
  const text = typeof value === 'boolean' ? '' : textOf(value);
  if (length !== null && text.length > length)
    throw new Raised(TOO_SMALL, `character string buffer too small: ${name} of ${length}`);
  return value === '' ? null : value;
}

/** The element at an index, which must be there. */
export function elementAt(collection: Collection, index: Value): Value {
  const value = collection.elements.get(index);
  if (value === undefined) throw new Raised(NOT_THERE, `no element ${String(index)}`);
  return value;
}

export function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Error('a text is asked for, and there is none');
}

/** Three-valued: null where a side is null. */
export function compared(operator: string, left: Value, right: Value): boolean | null {
  if (left === null || right === null) return null;
  const numbers = typeof left === 'number' || typeof right === 'number';
  const [a, b] = numbers ? [Number(left), Number(right)] : [textOf(left), textOf(right)];
  switch (operator) {
    case '=':
      return a === b;
    case '<>':
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      throw new Error(`no operator ${operator}`);
  }
}
