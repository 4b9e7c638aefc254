import type { Writer } from './bytes.ts';
import { type Cursor, DIRECTION } from './cursors.ts';
import { ServerError } from './errors.ts';
import type { ExecuteResult } from './types.ts';
import { isText, type ValueHome, type ValueType, writeOutValue } from './values.ts';

/** The executions of a call with what each gave and the values that came in with it. */
export interface Executed {
  readonly cursor: Cursor;
  readonly results: readonly ExecuteResult[];
  readonly rows: readonly (readonly unknown[])[];
  readonly home: ValueHome;
}

/** Writes what RETURNING … INTO gave, or the I/O vector of a PL/SQL block and its OUT values. */
export function writeOutBinds(writer: Writer, executed: Executed): void {
  const { cursor } = executed;
  const { kind, returningFrom } = cursor.statement;
  if (kind === 'dml' && returningFrom < cursor.binds.length) writeReturning(writer, executed);
  else if (kind === 'plsql' && cursor.binds.length > 0) writePlsql(writer, executed);
}

/** What a result has for a bind; undefined when it does not name it. */
function outValue({ outBinds }: ExecuteResult, cursor: Cursor, position: number): unknown {
  if (outBinds === undefined) return undefined;
  if (isList(outBinds)) return outBinds[position];
  const name = cursor.statement.bindNames[position];
  const found = Object.keys(outBinds).find((key) => key === name || key.toUpperCase() === name);
  return found === undefined ? undefined : (outBinds[found] ?? null);
}

function isList(outBinds: NonNullable<ExecuteResult['outBinds']>): outBinds is readonly unknown[] {
  return Array.isArray(outBinds);
}

function writeReturning(writer: Writer, { cursor, results, home }: Executed): void {
  const { binds, statement } = cursor;
  for (const result of results) {
    writer.u8(7);
    for (let position = statement.returningFrom; position < binds.length; position++) {
      const type = binds[position];
      if (type === undefined) continue;
      writeList(writer, type, outValue(result, cursor, position), home);
    }
  }
}

/** A number of values, each with the truncated length that says whether it was cut. */
function writeList(writer: Writer, type: ValueType, value: unknown, home: ValueHome): void {
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  writer.int(values.length);
  for (const each of values) {
    writeOutValue(writer, type, each, home);
    writer.int(0);
  }
}

/** The wire does not say what the caller wants back: binds that no result names are taken as IN. */
function writePlsql(writer: Writer, { cursor, results, rows, home }: Executed): void {
  const { binds } = cursor;
  const directions = binds.map((_, position) => directionOf(cursor, results, position));
  cursor.directions = directions;
  writer
    .u8(11, 1)
    .int(binds.length % 256, binds.length >> 8, 1, 0, 0, 0)
    .u8(...directions);
  if (directions.every((direction) => direction === DIRECTION.in)) return;
  for (const [execution, result] of results.entries()) {
    writer.u8(7);
    for (const [position, type] of binds.entries()) {
      if (directions[position] === DIRECTION.in) continue;
      const given = outValue(result, cursor, position);
      const value = given === undefined ? rows[execution]?.[position] : given;
      writePlsqlValue(writer, type, value, home);
    }
  }
}

function directionOf(cursor: Cursor, results: readonly ExecuteResult[], position: number): number {
  const isOut = results.some((result) => outValue(result, cursor, position) !== undefined);
  if (!isOut) return DIRECTION.in;
  const name = cursor.statement.bindNames[position];
  const isPure = results[0]?.pureOut?.some((pure) => pure === name || pure.toUpperCase() === name);
  return isPure === true ? DIRECTION.out : DIRECTION.inOut;
}

function writePlsqlValue(writer: Writer, type: ValueType, value: unknown, home: ValueHome): void {
  if (type.isArray) {
    writeList(writer, type, value, home);
    return;
  }
  if (isText(type) && typeof value === 'string' && Buffer.byteLength(value) > type.maxSize) {
    const text = 'PL/SQL: numeric or value error: character string buffer too small';
    throw new ServerError(6502, text);
  }
  writeOutValue(writer, type, value, home);
  writer.int(0);
}
