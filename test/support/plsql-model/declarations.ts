import { readExpression } from './expressions.ts';
import { NotModelled, Reader } from './reader.ts';
import type { Expression } from './scope.ts';
import { readBlock, type Statement } from './statements.ts';
import type { Type } from './values.ts';

interface VariableDeclaration<T> {
  readonly name: string;
  readonly type: T;
  readonly value: Expression | null;
}

interface Parameter {
  readonly name: string;
  readonly mode: 'in' | 'out' | 'in out';
  readonly otherwise: Expression | null;
}

export interface Routine {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Read when the routine is called: what nobody calls may have what the model does not know. */
  readonly block: () => Block;
}

interface Block {
  readonly variables: readonly VariableDeclaration<Type | string>[];
  readonly body: Statement;
}

export interface Declarations {
  readonly types: Map<string, Type>;
  readonly variables: VariableDeclaration<Type>[];
  readonly routines: Map<string, Routine>;
}

/** What the sources of a package, its specification and its body, declare. */
export function readDeclarations(readers: readonly Reader[]): Declarations {
  const found: Declarations = { types: new Map(), variables: [], routines: new Map() };
  for (const reader of readers) {
    reader.upTo('as');
    while (reader.peek() !== 'end') readDeclaration(reader, found);
  }
  return found;
}

function readDeclaration(reader: Reader, found: Declarations): void {
  if (reader.accept('type')) {
    const name = reader.take();
    reader.expect('is');
    found.types.set(name, readTypeBody(reader, found.types));
    reader.expect(';');
  } else if (reader.accept('function') || reader.accept('procedure')) {
    const routine = readRoutine(reader);
    if (routine !== null) found.routines.set(routine.name, routine);
  } else {
    const { name, type, value } = readVariable(reader);
    const known = typeof type === 'string' ? found.types.get(type) : type;
    if (known === undefined) throw new NotModelled(`the type of ${name}`);
    found.variables.push({ name, type: known, value });
  }
}

function readTypeBody(reader: Reader, types: ReadonlyMap<string, Type>): Type {
  const known = (type: Type | string): Type => {
    const is = typeof type === 'string' ? types.get(type) : type;
    if (is === undefined) throw new NotModelled(`the type ${String(type)}`);
    return is;
  };
  if (reader.accept('table', 'of')) {
    const element = known(readType(reader));
    reader.expect('index', 'by', 'pls_integer');
    return { kind: 'collection', element };
  }
  reader.expect('record', '(');
  const fields = new Map<string, Type>();
  do fields.set(reader.take(), known(readType(reader)));
  while (reader.accept(','));
  reader.expect(')');
  return { kind: 'record', fields };
}

const SCALARS = ['number', 'pls_integer', 'boolean', 'clob', 'date', 'rowid'];

/** A type; one with a name of its own by its name. */
function readType(reader: Reader): Type | string {
  const name = reader.take();
  if (SCALARS.includes(name)) return { kind: 'scalar', length: null };
  if (name !== 'varchar2') return reader.accept('.') ? `${name}.${reader.take()}` : name;
  reader.expect('(');
  const length = Number(reader.literal());
  reader.expect(')');
  return { kind: 'scalar', length };
}

function readVariable(reader: Reader): VariableDeclaration<Type | string> {
  const name = reader.take();
  reader.accept('constant');
  const type = readType(reader);
  const value = reader.accept(':=') ? readExpression(reader) : null;
  reader.expect(';');
  return { name, type, value };
}

/** Null: only the head of a routine stands here. */
function readRoutine(reader: Reader): Routine | null {
  const name = reader.take();
  const parameters = reader.accept('(') ? readParameters(reader) : [];
  if (reader.accept('return')) skipType(reader);
  if (reader.accept(';')) return null;
  reader.expect('is');
  const tokens = reader.upTo('end', name, ';');
  const whole = `${tokens.map(({ text }) => text).join(' ')} END ${name};`;
  let read: Block | null = null;
  const block = (): Block => {
    read ??= readBody(new Reader(whole));
    return read;
  };
  return { name, parameters, block };
}

function skipType(reader: Reader): void {
  reader.take();
  while (reader.accept('.')) reader.take();
}

function readBody(reader: Reader): Block {
  const variables: VariableDeclaration<Type | string>[] = [];
  while (!reader.accept('begin')) variables.push(readVariable(reader));
  return { variables, body: readBlock(reader) };
}

function readParameters(reader: Reader): Parameter[] {
  const parameters: Parameter[] = [];
  do parameters.push(readParameter(reader));
  while (reader.accept(','));
  reader.expect(')');
  return parameters;
}

function readParameter(reader: Reader): Parameter {
  const name = reader.take();
  const isIn = reader.accept('in');
  const isOut = reader.accept('out');
  reader.accept('nocopy');
  skipType(reader);
  const otherwise = reader.accept('default') ? readExpression(reader) : null;
  return { name, mode: isOut ? (isIn ? 'in out' : 'out') : 'in', otherwise };
}
