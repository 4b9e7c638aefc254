import type { Reader } from './bytes.ts';
import { type Cursor, DIRECTION } from './cursors.ts';
import { MalformedMessage } from './errors.ts';
import { type Statement, scanStatement } from './statement-scan.ts';
import { readValue, type ValueType } from './values.ts';

const OPTION = {
  parse: 0x01,
  execute: 0x20,
  fetch: 0x40,
  commit: 0x100,
  describe: 0x20000,
  batchErrors: 0x80000,
} as const;

const NUMBERS_AT_THE_END = 13;
const EXECUTIONS_AT = 1;
const FLAGS_AT = 9;
const DML_ROW_COUNTS = 0x4000;
const REEXECUTE_COMMIT = 1;
const ARRAY = 0x40;
const BIND_ROW = 7;
/** More executions without a byte for each of them are no honest request. */
const EXECUTIONS_MAX = 100_000;

/** What the parser must know of the connection. */
export interface ParseContext {
  readonly fieldVersion: number;
  readonly maxStringSize: number;
  findCursor(id: number): Cursor | undefined;
}

/** Function 94, or its shorter forms 4 and 78. */
export interface ExecuteCall {
  readonly kind: 'execute';
  readonly cursorId: number;
  /** Undefined: that of the cursor. */
  readonly statement: Statement | undefined;
  readonly isReexecute: boolean;
  readonly parse: boolean;
  readonly execute: boolean;
  readonly describe: boolean;
  readonly commit: boolean;
  readonly batchErrors: boolean;
  readonly rowCounts: boolean;
  /** Rows to send with the answer. */
  readonly fetchRows: number;
  /** Rows to send after a define, which carries no fetch flag. */
  readonly prefetchRows: number;
  readonly executions: number;
  readonly defines: readonly ValueType[] | undefined;
  readonly binds: readonly ValueType[] | undefined;
  /** One an execution; empty when no value travels. */
  readonly rows: readonly (readonly unknown[])[];
}

/** Reads the body of function 94. */
export function readExecute(reader: Reader, context: ParseContext): ExecuteCall {
  const options = reader.int();
  const cursorId = reader.int();
  const head = readHead(reader, context.fieldVersion);
  const sql = head.hasSql ? reader.text() : undefined;
  const numbers = reader.ints(NUMBERS_AT_THE_END);
  const known = context.findCursor(cursorId);
  const statement = sql === undefined ? undefined : scanStatement(sql);
  const kind = statement?.kind ?? known?.statement.kind;
  const executions = kind === 'query' ? 1 : executionsOf(numbers[EXECUTIONS_AT]);
  const types = (count: number) =>
    Array.from({ length: count }, () => readValueType(reader, context.fieldVersion));
  const defines = head.defines > 0 ? types(head.defines) : undefined;
  const binds = defines === undefined && head.binds > 0 ? types(head.binds) : undefined;
  const target = statement ?? known?.statement;
  const sent = binds !== undefined && target !== undefined ? { statement: target, binds } : null;
  const has = (option: number) => (options & option) !== 0;
  return {
    kind: 'execute',
    cursorId,
    statement,
    isReexecute: false,
    parse: has(OPTION.parse),
    execute: has(OPTION.execute),
    describe: has(OPTION.describe),
    commit: has(OPTION.commit),
    batchErrors: has(OPTION.batchErrors),
    rowCounts: ((numbers[FLAGS_AT] ?? 0) & DML_ROW_COUNTS) !== 0,
    fetchRows: has(OPTION.fetch) ? head.prefetchRows : 0,
    prefetchRows: head.prefetchRows,
    executions,
    defines,
    binds,
    rows: sent === null ? [] : readBindRows(reader, sent, executions, context.maxStringSize),
  };
}

function readHead(reader: Reader, fieldVersion: number) {
  const hasSql = reader.u8() === 1;
  reader.int();
  reader.skip(1);
  reader.int();
  reader.skip(3);
  const prefetchRows = reader.int();
  reader.int();
  reader.skip(1);
  const binds = reader.count();
  reader.skip(6);
  const defines = reader.count();
  reader.int();
  reader.skip(3);
  reader.int();
  reader.skip(1);
  reader.skipInts(2);
  reader.skip(1);
  reader.int();
  reader.skip(1);
  if (fieldVersion >= 8) {
    reader.skip(1);
    reader.int();
    reader.skip(1);
    reader.int();
    reader.skip(1);
  }
  if (fieldVersion >= 9) {
    reader.skip(1);
    reader.int();
  }
  return { hasSql, prefetchRows, binds, defines };
}

function executionsOf(wanted = 1): number {
  if (wanted > EXECUTIONS_MAX) throw new MalformedMessage(`${wanted} executions are too many.`);
  return Math.max(wanted, 1);
}

function readValueType(reader: Reader, fieldVersion: number): ValueType {
  const code = reader.u8();
  const isArray = (reader.u8() & ARRAY) !== 0;
  reader.skip(2);
  const maxSize = reader.int();
  reader.skipInts(2);
  if (reader.int() > 0) reader.blob();
  reader.skipInts(2);
  const form = reader.u8();
  reader.int();
  if (fieldVersion >= 8) reader.int();
  return { code, form, isArray, maxSize };
}

/** Reads the body of function 4 or, with rows to fetch, 78. */
export function readReexecute(
  reader: Reader,
  context: ParseContext,
  fetches: boolean,
): ExecuteCall {
  const cursorId = reader.int();
  const iterations = reader.int();
  reader.int();
  const flags = reader.int();
  const cursor = context.findCursor(cursorId);
  const isSingle = fetches || cursor?.statement.kind === 'query';
  const executions = isSingle ? 1 : executionsOf(iterations);
  const { maxStringSize } = context;
  return {
    kind: 'execute',
    cursorId,
    statement: undefined,
    isReexecute: true,
    parse: false,
    execute: true,
    describe: false,
    commit: (flags & REEXECUTE_COMMIT) !== 0,
    batchErrors: false,
    rowCounts: false,
    fetchRows: fetches ? iterations : 0,
    prefetchRows: fetches ? iterations : 0,
    executions,
    defines: undefined,
    binds: undefined,
    rows: cursor === undefined ? [] : readBindRows(reader, cursor, executions, maxStringSize),
  };
}

/** What decides which values travel, and in which order. */
interface Bound {
  readonly statement: Statement;
  readonly binds: readonly ValueType[];
  readonly directions?: readonly number[] | undefined;
}

function readBindRows(
  reader: Reader,
  bound: Bound,
  executions: number,
  maxStringSize: number,
): unknown[][] {
  const order = wireOrder(bound, maxStringSize);
  if (order.length === 0) return [];
  return Array.from({ length: executions }, () => {
    if (reader.u8() !== BIND_ROW) throw new MalformedMessage('A row of binds is expected.');
    const row: unknown[] = bound.binds.map(() => null);
    for (const { position, type } of order) row[position] = readBind(reader, type);
    return row;
  });
}

/** Return binds and pure OUT binds do not travel; in SQL, long values travel last. */
function wireOrder({ statement, binds, directions }: Bound, maxStringSize: number) {
  const sent = binds
    .map((type, position) => ({ type, position }))
    .filter(({ position }) => position < statement.returningFrom)
    .filter(({ position }) => directions?.[position] !== DIRECTION.out);
  const isLong = ({ type }: { type: ValueType }) =>
    statement.kind !== 'plsql' && type.maxSize > maxStringSize && !type.isArray;
  return [...sent.filter((bind) => !isLong(bind)), ...sent.filter(isLong)];
}

function readBind(reader: Reader, type: ValueType): unknown {
  if (!type.isArray) return readValue(reader, type);
  return Array.from({ length: reader.count() }, () => readValue(reader, type));
}
