import { Writer } from './bytes.ts';
import { type Cursor, endRows, iterate, needsDefine } from './cursors.ts';
import { ServerError, toOraError } from './errors.ts';
import type { ExecuteCall } from './execute-request.ts';
import { LobLocator } from './lobs.ts';
import type { Agreement } from './negotiation.ts';
import { type Executed, writeOutBinds } from './out-binds.ts';
import {
  type BatchError,
  type ReplyState,
  writeColumns,
  writeDescription,
  writeEndOfCall,
  writeReturnParameters,
} from './replies.ts';
import { writeRows } from './rows.ts';
import type { ServerSession } from './session.ts';
import type {
  Backend,
  Bind,
  Column,
  ExecuteRequest,
  ExecuteResult,
  OraError,
  ResultSet,
} from './types.ts';
import { typeNameOf, type ValueHome } from './values.ts';

const NO_DATA_FOUND = new ServerError(1403, 'no data found');
const BATCH_ERRORS = new ServerError(24381, 'error(s) in array DML');

/** A call that failed with a cursor open, which the reply has to name. */
export class StatementFailed extends Error {
  override readonly name = 'StatementFailed';
  readonly error: OraError;
  readonly cursorId: number;
  override readonly cause: unknown;

  constructor(cause: unknown, cursorId: number) {
    super('A statement failed.');
    this.cause = cause;
    this.error = toOraError(cause);
    this.cursorId = cursorId;
  }
}

/** What a call runs with. */
export interface Running {
  readonly backend: Backend;
  readonly session: ServerSession;
  readonly agreement: Agreement;
  readonly maxStringSize: number;
  readonly bitVectors: boolean;
  readonly signal: AbortSignal;
  /** Looked up when the reply is written: the call itself may change it. */
  readonly replyState: () => ReplyState;
}

/** Runs function 94, 4 or 78: a statement, a define, or a fetch from a cursor that is open already. */
export async function runExecute(call: ExecuteCall, running: Running): Promise<Buffer> {
  const cursor = await cursorOf(call, running.session);
  if (call.defines !== undefined) cursor.defines = call.defines;
  else if (call.binds !== undefined) {
    cursor.binds = call.binds;
    cursor.directions = undefined;
  }
  try {
    if (call.execute || call.describe || call.statement !== undefined) {
      return await execute(cursor, call, running);
    }
    const writer = new Writer();
    await fetchInto(writer, cursor, call.prefetchRows, running);
    return endOfFetch(writer, cursor, call.prefetchRows, running);
  } catch (error) {
    throw new StatementFailed(error, cursor.id);
  }
}

/** Runs function 5. */
export async function runFetch(cursorId: number, rows: number, running: Running): Promise<Buffer> {
  const cursor = running.session.cursors.get(cursorId);
  const writer = new Writer();
  try {
    await fetchInto(writer, cursor, rows, running);
    return endOfFetch(writer, cursor, rows, running);
  } catch (error) {
    throw new StatementFailed(error, cursor.id);
  }
}

/** DDL names its cursor and sends its text again; everything else is sent once. */
async function cursorOf(call: ExecuteCall, session: ServerSession): Promise<Cursor> {
  const { statement, cursorId } = call;
  if (statement === undefined) return session.cursors.get(cursorId);
  const known = session.cursors.find(cursorId);
  if (known === undefined) return session.cursors.open(statement);
  await endRows(known);
  const fresh = { statement, binds: [], directions: undefined };
  return Object.assign(known, fresh, { columns: undefined, defines: undefined });
}

async function execute(cursor: Cursor, call: ExecuteCall, running: Running): Promise<Buffer> {
  const writer = new Writer();
  if (cursor.statement.kind === 'query') return query(writer, cursor, call, running);
  const outcome = await executions(cursor, call, running);
  const home = valueHome(running);
  const { results } = outcome;
  if (call.execute) {
    const executed: Executed = { cursor, results, rows: outcome.rows, home };
    writeOutBinds(writer, executed);
  }
  const implicit = results.at(-1)?.implicitResults ?? [];
  if (implicit.length > 0) {
    writer.u8(27).int(implicit.length);
    for (const resultSet of implicit) home.writeCursor(writer.u8(0), resultSet);
  }
  const counts = results.map(({ rowsAffected = 0 }) => rowsAffected);
  const affected = counts.reduce((sum, count) => sum + count, 0);
  writeReturnParameters(writer, call.rowCounts ? counts : undefined);
  const isBlock = cursor.statement.kind === 'plsql';
  return writeEndOfCall(writer, running.replyState(), {
    error: outcome.batchErrors.length > 0 ? BATCH_ERRORS : undefined,
    cursorId: cursor.id,
    rowCount: isBlock ? call.executions : affected,
    rowid: affected > 0 ? results.findLast(({ lastRowid }) => lastRowid)?.lastRowid : undefined,
    batchErrors: outcome.batchErrors,
    compileWarning: results.some(({ compileWarning }) => compileWarning),
  }).done();
}

interface Outcome {
  readonly results: readonly ExecuteResult[];
  readonly rows: readonly (readonly unknown[])[];
  readonly batchErrors: readonly BatchError[];
}

/** Runs all executions, one after the other. */
async function executions(cursor: Cursor, call: ExecuteCall, running: Running): Promise<Outcome> {
  const rows = call.rows.map((row) => row.map((value) => resolved(value, running.session)));
  const results: ExecuteResult[] = [];
  const batchErrors: BatchError[] = [];
  if (!call.execute) return { results, rows, batchErrors };
  for (let execution = 0; execution < call.executions; execution++) {
    const isLast = execution === call.executions - 1;
    const request = requestOf(cursor, call, running, rows[execution] ?? []);
    try {
      const commitOnSuccess = call.commit && isLast;
      const result = await running.backend.execute({ ...request, commitOnSuccess });
      results.push(result);
      noteTransaction(running.session, request, result, call.commit);
    } catch (error) {
      if (!call.batchErrors || running.signal.aborted) throw error;
      batchErrors.push({ execution, error: toOraError(error) });
      results.push({});
    }
  }
  return { results, rows, batchErrors };
}

async function query(
  writer: Writer,
  cursor: Cursor,
  call: ExecuteCall,
  running: Running,
): Promise<Buffer> {
  const values = (call.rows[0] ?? []).map((value) => resolved(value, running.session));
  const request = requestOf(cursor, call, running, values);
  await endRows(cursor);
  const result = await running.backend.execute(request);
  noteTransaction(running.session, request, result, call.commit);
  const { columns = [], rows = [] } = result;
  const hasChanged = !sameColumns(columns, cursor.columns);
  cursor.columns = columns;
  cursor.rowsFetched = 0;
  cursor.isDone = false;
  if (call.execute) cursor.rows = iterate(rows);
  if (hasChanged && !call.parse) cursor.defines = undefined;
  if (hasChanged || call.parse) writeDescription(writer, columns, running.agreement);
  // The driver defines LOB columns in a round trip of its own, and takes no rows before that.
  const count = needsDefine(cursor) || !call.execute ? 0 : call.fetchRows;
  await fetchInto(writer, cursor, count, running);
  writeReturnParameters(writer);
  return endOfFetch(writer, cursor, count, running);
}

function sameColumns(columns: readonly Column[], before: readonly Column[] | undefined): boolean {
  return JSON.stringify(columns) === JSON.stringify(before);
}

async function fetchInto(
  writer: Writer,
  cursor: Cursor,
  count: number,
  running: Running,
): Promise<void> {
  if (count <= 0) return;
  const { bitVectors, signal } = running;
  await writeRows(writer, cursor, count, { home: valueHome(running), bitVectors, signal });
}

function endOfFetch(writer: Writer, cursor: Cursor, count: number, running: Running): Buffer {
  return writeEndOfCall(writer, running.replyState(), {
    error: count > 0 && cursor.isDone ? NO_DATA_FOUND : undefined,
    cursorId: cursor.id,
    rowCount: cursor.rowsFetched,
  }).done();
}

function requestOf(
  { statement, binds }: Cursor,
  call: ExecuteCall,
  { session, signal }: Running,
  values: readonly unknown[],
): ExecuteRequest {
  const { sql, kind, bindNames, returningFrom } = statement;
  const named = binds.map((type, position): Bind => {
    const dir = position >= returningFrom ? 'returning' : kind === 'plsql' ? 'any' : 'in';
    return {
      name: bindNames[position] ?? String(position + 1),
      position,
      dir,
      type: typeNameOf(type),
      value: values[position] ?? null,
      maxSize: type.maxSize,
      isArray: type.isArray,
    };
  });
  return {
    sql,
    kind,
    binds: named,
    commitOnSuccess: call.commit,
    describeOnly: !call.execute,
    prefetchRows: call.fetchRows,
    session,
    signal,
  };
}

/** Locators become what they locate. */
function resolved(value: unknown, session: ServerSession): unknown {
  if (value instanceof LobLocator) return session.lobs.read(value.bytes);
  return value;
}

function noteTransaction(
  session: ServerSession,
  { kind, sql }: ExecuteRequest,
  { inTransaction, rowsAffected = 0 }: ExecuteResult,
  commit: boolean,
): void {
  if (inTransaction !== undefined) session.inTransaction = inTransaction;
  else if (commit || kind === 'ddl' || /^\s*(commit|rollback)\b/i.test(sql)) {
    session.inTransaction = false;
  } else if (kind === 'dml' && rowsAffected > 0) session.inTransaction = true;
}

function valueHome({ session, agreement, maxStringSize }: Running): ValueHome {
  return {
    maxStringSize,
    keepLob: (data) => session.lobs.add(data, false),
    writeCursor: (writer: Writer, resultSet: ResultSet) => {
      const cursor = session.cursors.openResult(resultSet);
      writeColumns(writer, resultSet.columns, agreement);
      writer.int(cursor.id);
    },
  };
}
