import { Writer } from './bytes.ts';
import { type Cursor, endRows } from './cursors.ts';
import { ServerError } from './errors.ts';
import { isLob, typeOfColumn, type ValueHome, type ValueType, writeColumnValue } from './values.ts';

/** How rows are to be sent. */
export interface FetchOptions {
  readonly home: ValueHome;
  readonly bitVectors: boolean;
  readonly signal: AbortSignal;
}

/** Writes up to so many rows of an open cursor. */
export async function writeRows(
  writer: Writer,
  cursor: Cursor,
  count: number,
  options: FetchOptions,
): Promise<void> {
  const { rows, columns, defines } = cursor;
  if (rows === undefined || columns === undefined) {
    if (cursor.isDone) return;
    throw new ServerError(1002, 'fetch out of sequence');
  }
  const types = columns.map((column, at) => defines?.[at] ?? typeOfColumn(column));
  let previous: readonly Buffer[] | undefined;
  for (let sent = 0; sent < count; sent++) {
    const step = await rows.next();
    if (options.signal.aborted) return;
    if (step.done === true) {
      cursor.isDone = true;
      await endRows(cursor);
      return;
    }
    if (sent === 0) writer.u8(6, 0x22).int(1, 0, count, 0, 0, 0);
    previous = writeRow(writer, types, step.value, previous, options);
    cursor.rowsFetched += 1;
  }
}

/** A value that equals the one above may be left out; a bit vector in front of the row says which. */
function writeRow(
  writer: Writer,
  types: readonly ValueType[],
  row: readonly unknown[],
  previous: readonly Buffer[] | undefined,
  { home, bitVectors }: FetchOptions,
): readonly Buffer[] {
  const values = types.map((type, at) => {
    const value = new Writer();
    writeColumnValue(value, type, row[at], home);
    return value.done();
  });
  const isSame = types.map((type, at) => {
    const above = bitVectors && !isLob(type) ? previous?.[at] : undefined;
    return above !== undefined && values[at]?.equals(above) === true;
  });
  if (isSame.includes(true)) writeBitVector(writer, isSame);
  writer.u8(7);
  for (const [at, value] of values.entries()) if (!isSame[at]) writer.raw(value);
  return values;
}

function writeBitVector(writer: Writer, isSame: readonly boolean[]): void {
  const bits = Buffer.alloc(Math.ceil(isSame.length / 8));
  for (const [at, same] of isSame.entries()) {
    if (!same) bits.writeUInt8(bits.readUInt8(at >> 3) | (1 << (at & 7)), at >> 3);
  }
  writer
    .u8(21)
    .int(isSame.filter((same) => !same).length)
    .raw(bits);
}
