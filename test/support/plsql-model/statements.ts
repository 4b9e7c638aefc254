import { readExpression, readName } from './expressions.ts';
import type { Reader } from './reader.ts';
import type { Expression, Scope } from './scope.ts';
import { Raised, type Value } from './values.ts';

/** What a statement leaves behind: undefined: the next one comes; else the routine returns. */
export type Statement = (scope: Scope) => { readonly result: Value } | undefined;

const TURNS_MAX = 100_000;

/** Statements up to one of these words, which is not read. */
export function readStatements(reader: Reader, ends: readonly string[]): Statement {
  const all: Statement[] = [];
  while (!ends.includes(reader.peek())) all.push(readStatement(reader));
  return (scope) => {
    for (const statement of all) {
      const returned = statement(scope);
      if (returned !== undefined) return returned;
    }
    return undefined;
  };
}

function readStatement(reader: Reader): Statement {
  if (reader.accept('null', ';')) return () => undefined;
  if (reader.accept('if')) return readIf(reader);
  if (reader.accept('return')) return readReturn(reader);
  if (reader.accept('loop')) return readLoop(reader, () => true);
  if (reader.accept('while')) {
    const condition = readExpression(reader);
    reader.expect('loop');
    return readLoop(reader, (scope) => condition.evaluate(scope) === true);
  }
  if (reader.accept('for')) return readFor(reader);
  if (reader.accept('begin')) return readBlock(reader);
  return readAssignmentOrCall(reader);
}

function readReturn(reader: Reader): Statement {
  const value = reader.peek() === ';' ? null : readExpression(reader);
  reader.expect(';');
  return (scope) => ({ result: value?.evaluate(scope) ?? null });
}

function readIf(reader: Reader): Statement {
  const branches: { readonly condition: Expression | null; readonly work: Statement }[] = [];
  do {
    const condition = readExpression(reader);
    reader.expect('then');
    branches.push({ condition, work: readStatements(reader, ['elsif', 'else', 'end']) });
  } while (reader.accept('elsif'));
  if (reader.accept('else'))
    branches.push({ condition: null, work: readStatements(reader, ['end']) });
  reader.expect('end', 'if', ';');
  return (scope) =>
    branches
      .find(({ condition }) => condition === null || condition.evaluate(scope) === true)
      ?.work(scope);
}

function readLoop(reader: Reader, goesOn: (scope: Scope) => boolean): Statement {
  const work = readStatements(reader, ['end']);
  reader.expect('end', 'loop', ';');
  return (scope) => {
    for (let turn = 0; goesOn(scope); turn += 1) {
      if (turn > TURNS_MAX) throw new Error('a loop without an end');
      const returned = work(scope);
      if (returned !== undefined) return returned;
    }
    return undefined;
  };
}

/** FOR i IN low .. high LOOP. */
function readFor(reader: Reader): Statement {
  const name = reader.take();
  reader.expect('in');
  const low = readExpression(reader);
  reader.expect('..');
  const high = readExpression(reader);
  reader.expect('loop');
  const work = readStatements(reader, ['end']);
  reader.expect('end', 'loop', ';');
  return (scope) => {
    const last = Number(high.evaluate(scope));
    for (let at = Number(low.evaluate(scope)); at <= last; at += 1) {
      scope.declare(name, { kind: 'scalar', length: null }, at);
      const returned = work(scope);
      if (returned !== undefined) return returned;
    }
    return undefined;
  };
}

/** What stands behind BEGIN, up to its END and the semicolon. */
export function readBlock(reader: Reader): Statement {
  const work = readStatements(reader, ['exception', 'end']);
  let handler: Statement | null = null;
  if (reader.accept('exception')) {
    reader.expect('when', 'others', 'then');
    handler = readStatements(reader, ['end']);
  }
  reader.expect('end');
  if (reader.peek() !== ';') reader.take();
  reader.expect(';');
  return (scope) => {
    try {
      return work(scope);
    } catch (error) {
      if (handler === null || !(error instanceof Raised)) throw error;
      return handler(scope);
    }
  };
}

function readAssignmentOrCall(reader: Reader): Statement {
  const target = readName(reader);
  if (!reader.accept(':=')) {
    reader.expect(';');
    return (scope) => {
      target.evaluate(scope);
      return undefined;
    };
  }
  const value = readExpression(reader);
  reader.expect(';');
  return (scope) => {
    target.place?.set(scope, value.evaluate(scope));
    return undefined;
  };
}
