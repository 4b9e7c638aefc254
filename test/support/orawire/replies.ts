import { randomBytes } from 'node:crypto';
import { Writer } from './bytes.ts';
import { encodeDatetime } from './datetime-codec.ts';
import { errorText } from './errors.ts';
import type { Agreement } from './negotiation.ts';
import { rowidParts } from './scalar-codec.ts';
import { type Column, ORACLE_TYPES, type OraError } from './types.ts';
import { typeOfColumn } from './values.ts';

const AL32UTF8 = 873;
const AL16UTF16 = 2000;
const COMPILED_WITH_ERRORS = 0x20;
const NAME_BYTES_MAX = 30;
const TEXT_PRIVILEGES = 0x3ffe;
const FLOATING_SCALE = -127;
const TIMESTAMP_SCALE = 6;
const ROW_CHUNK_BYTES = 8168;

const STAMPS: ReadonlySet<number> = new Set([
  ORACLE_TYPES.TIMESTAMP.code,
  ORACLE_TYPES.TIMESTAMP_TZ.code,
  ORACLE_TYPES.TIMESTAMP_LTZ.code,
]);

/** An error of one of the executions of executeMany. */
export interface BatchError {
  readonly execution: number;
  readonly error: OraError;
}

/** What closes a reply. */
export interface EndOfCall {
  readonly error?: OraError | undefined;
  readonly cursorId?: number | undefined;
  readonly rowCount?: number | undefined;
  readonly rowid?: string | undefined;
  readonly batchErrors?: readonly BatchError[] | undefined;
  readonly compileWarning?: boolean | undefined;
}

/** What every reply needs to know of the connection. */
export interface ReplyState {
  readonly agreement: Agreement;
  readonly sequence: number;
  readonly inTransaction: boolean;
}

function callStatus({ inTransaction }: ReplyState): number {
  return inTransaction ? 3 : 1;
}

/** The whole answer to calls that give nothing. */
export function statusReply(state: ReplyState): Buffer {
  return new Writer().u8(9).int(callStatus(state), state.sequence).done();
}

/** The whole answer of a call that failed, or of one that only ends. */
export function endReply(state: ReplyState, end: EndOfCall = {}): Buffer {
  return writeEndOfCall(new Writer(), state, end).done();
}

/** Message 4; with an error its text stands at the very end. */
export function writeEndOfCall(writer: Writer, state: ReplyState, end: EndOfCall): Writer {
  const { error, cursorId = 0, rowCount = 0, rowid = '' } = end;
  const code = error?.code ?? 0;
  const [object, file, block, slot] = rowidParts(rowid);
  writer
    .u8(4)
    .int(callStatus(state), state.sequence, rowCount, code, 0, 0, cursorId)
    .int(Math.max(error?.offset ?? 0, 0))
    .zeros(5)
    .u8(end.compileWarning ? COMPILED_WITH_ERRORS : 0)
    .int(object, file)
    .u8(0)
    .int(block, slot, 0)
    .zeros(2)
    .int(0, 0, 0);
  writeBatchErrors(writer, end.batchErrors ?? []);
  writer.int(code, rowCount);
  if (state.agreement.fieldVersion >= 14) writer.int(0, 0);
  return error === undefined ? writer : writer.blob(`${errorText(error)}\n`);
}

function writeBatchErrors(writer: Writer, errors: readonly BatchError[]): void {
  if (errors.length === 0) {
    writer.int(0, 0, 0);
    return;
  }
  writer.int(errors.length).u8(1);
  for (const { error } of errors) writer.int(error.code);
  writer.int(errors.length).u8(1);
  for (const { execution } of errors) writer.int(execution);
  writer.int(errors.length).u8(1);
  for (const { error } of errors) writer.longBlob(errorText(error)).zeros(2);
}

/** Message 8, with the counts of executeMany if they were asked for. */
export function writeReturnParameters(writer: Writer, rowCounts?: readonly number[]): void {
  writer.u8(8).int(0, 0, 0, 0);
  if (rowCounts !== undefined) writer.int(rowCounts.length, ...rowCounts);
}

/** Message 16: the description that opens the answer to a query. */
export function writeDescription(
  writer: Writer,
  columns: readonly Column[],
  agreement: Agreement,
): void {
  writer.u8(16).blob(randomBytes(23));
  writeColumns(writer, columns, agreement);
}

/** The columns alone, as cursors in a row or a bind carry them. */
export function writeColumns(
  writer: Writer,
  columns: readonly Column[],
  agreement: Agreement,
): void {
  const sizes = columns.map((column) => typeOfColumn(column).maxSize);
  const rowBytes = sizes.reduce((sum, size) => sum + Math.min(size, 0xffff), 0);
  writer.int(rowBytes, columns.length);
  if (columns.length > 0) writer.u8(0x82);
  for (const [position, column] of columns.entries()) {
    writeColumn(writer, column, position, agreement);
  }
  const now = encodeDatetime(new Date(), ORACLE_TYPES.DATE.code);
  writer.longBlob(now).int(0, ROW_CHUNK_BYTES, 2, 2, 0);
}

function writeColumn(
  writer: Writer,
  column: Column,
  position: number,
  { fieldVersion, hasUniversalBytes }: Agreement,
): void {
  const { code, form, maxSize } = typeOfColumn(column);
  const isText = form !== 0;
  const scale = scaleOf(column, code);
  writer.u8(code, isText ? 0x80 : 0, column.precision ?? 0);
  if (hasUniversalBytes && hasScale(code)) writer.int(scale);
  else writer.u8(scale & 0xff);
  writer
    .int(maxSize, 0, 0, 0, 0, charsetOf(form))
    .u8(form)
    .int(isText ? maxSize : 0);
  if (fieldVersion >= 8) writer.int(isText ? TEXT_PRIVILEGES : 0);
  const nameBytes = Math.min(Buffer.byteLength(column.name), NAME_BYTES_MAX);
  writer.u8(column.nullable === false ? 0 : 1, nameBytes).longBlob(column.name);
  writer.int(0, 0, position, 0);
  if (fieldVersion >= 17) writer.int(0, 0);
  if (fieldVersion >= 20) writer.int(0);
  if (fieldVersion >= 24) writer.int(0).zeros(2);
}

function charsetOf(form: number): number {
  if (form === 0) return 0;
  return form === 2 ? AL16UTF16 : AL32UTF8;
}

function hasScale(code: number): boolean {
  return (
    STAMPS.has(code) || code === ORACLE_TYPES.NUMBER.code || code === ORACLE_TYPES.INTERVAL_DS.code
  );
}

function scaleOf({ scale, precision }: Column, code: number): number {
  if (scale !== undefined) return scale;
  if (STAMPS.has(code)) return TIMESTAMP_SCALE;
  return code === ORACLE_TYPES.NUMBER.code && !precision ? FLOATING_SCALE : 0;
}
