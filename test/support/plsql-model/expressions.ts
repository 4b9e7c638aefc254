import type { Reader } from './reader.ts';
import type { Expression, Scope, Step } from './scope.ts';
import { compared, textOf, type Value } from './values.ts';

const COMPARISONS = ['=', '<>', '!=', '<', '>', '<=', '>='];
const ADDITIONS: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '||': (left, right) => textOf(left) + textOf(right) || null,
  '+': (left, right) => (left === null || right === null ? null : Number(left) + Number(right)),
  '-': (left, right) => (left === null || right === null ? null : Number(left) - Number(right)),
};

export function readExpression(reader: Reader): Expression {
  const parts = [readConjunction(reader)];
  while (reader.accept('or')) parts.push(readConjunction(reader));
  return parts.length === 1 ? first(parts) : joined(parts, true);
}

function readConjunction(reader: Reader): Expression {
  const parts = [readNegation(reader)];
  while (reader.accept('and')) parts.push(readNegation(reader));
  return parts.length === 1 ? first(parts) : joined(parts, false);
}

function first(parts: readonly Expression[]): Expression {
  const [part] = parts;
  if (part === undefined) throw new Error('an expression has a part');
  return part;
}

/** OR is decided by what is true, AND by what is false; without either, null makes it null. */
function joined(parts: readonly Expression[], deciding: boolean): Expression {
  return {
    evaluate: (scope) => {
      let isNull = false;
      for (const part of parts) {
        const value = part.evaluate(scope);
        if (value === deciding) return deciding;
        isNull ||= value === null;
      }
      return isNull ? null : !deciding;
    },
  };
}

function negated(operand: Expression): Expression {
  return {
    evaluate: (scope) => {
      const value = operand.evaluate(scope);
      return value === null ? null : value !== true;
    },
  };
}

function readNegation(reader: Reader): Expression {
  return reader.accept('not') ? negated(readNegation(reader)) : readComparison(reader);
}

function readComparison(reader: Reader): Expression {
  const left = readSum(reader);
  if (COMPARISONS.includes(reader.peek())) {
    const operator = reader.take();
    const right = readSum(reader);
    return { evaluate: (scope) => compared(operator, left.evaluate(scope), right.evaluate(scope)) };
  }
  if (reader.accept('is')) {
    const wanted = !reader.accept('not');
    reader.expect('null');
    return { evaluate: (scope) => (left.evaluate(scope) === null) === wanted };
  }
  if (reader.accept('not', 'in')) return negated(readMembership(reader, left));
  return reader.accept('in') ? readMembership(reader, left) : left;
}

function readMembership(reader: Reader, left: Expression): Expression {
  reader.expect('(');
  const members = readList(reader);
  const equals = members.map((member) => ({
    evaluate: (scope: Scope) => compared('=', left.evaluate(scope), member.evaluate(scope)),
  }));
  return joined(equals, true);
}

/** What stands between commas, up to the closing bracket, which is read too. */
function readList(reader: Reader): Expression[] {
  const members: Expression[] = [];
  while (!reader.accept(')')) {
    members.push(readExpression(reader));
    if (reader.peek() !== ')') reader.expect(',');
  }
  return members;
}

function readSum(reader: Reader): Expression {
  let left = readPrimary(reader);
  for (let add = ADDITIONS[reader.peek()]; add !== undefined; add = ADDITIONS[reader.peek()]) {
    reader.take();
    const [before, right, work] = [left, readPrimary(reader), add];
    left = { evaluate: (scope) => work(before.evaluate(scope), right.evaluate(scope)) };
  }
  return left;
}

const NAMED: Readonly<Record<string, Value>> = { null: null, true: true, false: false };

function readPrimary(reader: Reader): Expression {
  const literal = reader.literal();
  if (literal !== undefined) return { evaluate: () => (literal === '' ? null : literal) };
  if (reader.accept('(')) {
    const inner = readExpression(reader);
    reader.expect(')');
    return { evaluate: inner.evaluate };
  }
  if (reader.accept('-')) {
    const operand = readPrimary(reader);
    return { evaluate: (scope) => -Number(operand.evaluate(scope)) };
  }
  if (reader.accept('case')) return readCase(reader);
  if (reader.accept('trim', '(')) return readTrim(reader);
  const named = NAMED[reader.peek()];
  if (named !== undefined) {
    reader.take();
    return { evaluate: () => named };
  }
  return readName(reader);
}

/** CASE with or without a selector. */
function readCase(reader: Reader): Expression {
  const selector = reader.peek() === 'when' ? null : readExpression(reader);
  const branches: { readonly test: Expression; readonly result: Expression }[] = [];
  while (reader.accept('when')) {
    const test = readExpression(reader);
    reader.expect('then');
    branches.push({ test, result: readExpression(reader) });
  }
  const otherwise = reader.accept('else') ? readExpression(reader) : null;
  reader.expect('end');
  return {
    evaluate: (scope) => {
      const wanted = selector === null ? true : selector.evaluate(scope);
      const taken = branches.find(({ test }) => {
        const value = test.evaluate(scope);
        return selector === null ? value === true : compared('=', wanted, value) === true;
      });
      return (taken?.result ?? otherwise)?.evaluate(scope) ?? null;
    },
  };
}

/** TRIM(characters FROM text), TRIM(text). */
function readTrim(reader: Reader): Expression {
  const operands = [readExpression(reader)];
  if (reader.accept('from')) operands.unshift(readExpression(reader));
  reader.expect(')');
  return {
    evaluate: (scope) =>
      scope.builtIn(
        'trim',
        operands.map((one) => one.evaluate(scope)),
      ),
  };
}

/** A variable, a field, an element, a constant, or a call: a path of names and brackets. */
export function readName(reader: Reader): Expression {
  if (!reader.isWord) throw reader.unknown('an expression');
  const steps: Step[] = [{ name: reader.take() }];
  for (;;) {
    if (reader.accept('.')) steps.push({ name: reader.take() });
    else if (reader.accept('(')) steps.push({ list: readList(reader) });
    else break;
  }
  return {
    evaluate: (scope) => scope.valueAt(steps),
    place: { set: (scope, value) => scope.assign(steps, value) },
  };
}
