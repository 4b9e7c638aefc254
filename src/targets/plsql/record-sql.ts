import type { StatementRecord, UnitRecord } from '../../core/run/log-records.ts';
import type { ObjectRecord } from '../../core/run/position.ts';
import type { RecordedOutcome, UnitKey, UnitKind } from '../../core/run/unit.ts';
import type { Chunk, StreamIdentity } from '../../ports/target.ts';
import type { CommittedStatement } from '../protocol/statement-feed.ts';
import { parameterRows } from '../protocol/unit-words.ts';
import type { Bind, Querier } from './querier.ts';
import { type UsageColumns, usageOf } from './usage.ts';

/** An empty text is NULL on these engines: no object is written as a dash. */
export function objectKey(object: string): string {
  return object === '' ? '-' : object;
}

function objectOf(key: string): string {
  return key === '-' ? '' : key;
}

/** The key of a unit in the order of the columns of dom$unit. */
export function keyValues({ object, iteration, task, chunk, attempt }: UnitKey): Bind[] {
  return [objectKey(object), iteration, task, chunk, attempt];
}

/** Takes the stream over and writes its parameters; the caller commits. */
export async function attachStream(querier: Querier, stream: StreamIdentity): Promise<void> {
  const { handle, attempt, runId, plan } = stream;
  await querier.execute('BEGIN dom$control.attach(:1, :2, :3, :4, :5, :6); END;', [
    handle,
    attempt,
    runId,
    plan.operation.id,
    plan.operation.name,
    plan.package.name,
  ]);
  for (const { object, name, type, value } of parameterRows(plan)) {
    await querier.execute(
      `INSERT INTO dom$parameter (handle, object_key, param_name, param_type, param_value)
       VALUES (:1, :2, :3, :4, :5)`,
      [handle, objectKey(object), name, type, value],
    );
  }
}

interface ObjectRow {
  readonly object_key: string;
  readonly iteration: number;
  readonly completed: number;
  readonly initial_attempt: number | null;
  readonly final_error_attempt: number | null;
}

interface TaskRow {
  readonly object_key: string;
  readonly task: string;
  readonly status: RecordedOutcome;
  readonly open_chunks: number;
}

/** Where the stream's objects stand. */
export async function readRecord(
  querier: Querier,
  handle: string,
): Promise<readonly ObjectRecord[]> {
  const objects = await querier.query<ObjectRow>(
    `SELECT u.object_key, MAX(u.iteration) AS iteration,
       MAX(CASE WHEN u.task = 'final' AND u.status <> 'started' THEN 1 ELSE 0 END) AS completed,
       MAX(CASE WHEN u.task = 'initial' THEN u.attempt END) AS initial_attempt,
       MAX(CASE WHEN u.task = 'final_error' AND u.status <> 'started' THEN u.attempt END)
         AS final_error_attempt
     FROM dom$unit u WHERE u.handle = :1 GROUP BY u.object_key ORDER BY u.object_key`,
    [handle],
  );
  const tasks = await querier.query<TaskRow>(
    `SELECT u.object_key, u.task, u.status,
       (SELECT COUNT(*) FROM dom$chunk c LEFT JOIN dom$unit k ON k.handle = c.handle
          AND k.object_key = c.object_key AND k.iteration = c.iteration AND k.task = c.task
          AND k.chunk = c.chunk AND k.attempt = 0 AND k.status <> 'started'
        WHERE c.handle = u.handle AND c.object_key = u.object_key AND c.iteration = u.iteration
          AND c.task = u.task AND k.handle IS NULL) AS open_chunks
     FROM dom$unit u
     WHERE u.handle = :1 AND u.chunk = 0 AND u.attempt = 0 AND u.status <> 'started'
       AND u.iteration = (SELECT MAX(m.iteration) FROM dom$unit m
                          WHERE m.handle = u.handle AND m.object_key = u.object_key)
     ORDER BY u.object_key, u.task`,
    [handle],
  );
  return objects.map((row) =>
    objectRecord(
      row,
      tasks.filter(({ object_key }) => object_key === row.object_key),
    ),
  );
}

function objectRecord(row: ObjectRow, tasks: readonly TaskRow[]): ObjectRecord {
  const iterator = tasks.find(({ task }) => task === 'iterator')?.status;
  return {
    object: objectOf(row.object_key),
    completed: row.completed === 1,
    iteration: row.iteration,
    iterator: iterator === undefined ? 'none' : iterator === 'complete' ? 'complete' : 'done',
    tasksDone: tasks
      .filter(({ task, open_chunks }) => task !== 'iterator' && open_chunks === 0)
      .map(({ task }) => task),
    initialAttempt: row.initial_attempt ?? 0,
    finalErrorAttempt: row.final_error_attempt ?? 0,
  };
}

/** The chunks of a task. */
export async function readChunks(
  querier: Querier,
  handle: string,
  { object, iteration, task }: UnitKey,
): Promise<readonly Chunk[]> {
  const rows = await querier.query<{
    chunk: number;
    low_value: string;
    high_value: string;
    done: number;
  }>(
    `SELECT c.chunk, c.low_value, c.high_value,
       CASE WHEN u.status IS NULL OR u.status = 'started' THEN 0 ELSE 1 END AS done
     FROM dom$chunk c LEFT JOIN dom$unit u ON u.handle = c.handle AND u.object_key = c.object_key
       AND u.iteration = c.iteration AND u.task = c.task AND u.chunk = c.chunk AND u.attempt = 0
     WHERE c.handle = :1 AND c.object_key = :2 AND c.iteration = :3 AND c.task = :4 ORDER BY c.chunk`,
    [handle, objectKey(object), iteration, task],
  );
  return rows.map(({ chunk, low_value: low, high_value: high, done }) => ({
    chunk,
    low,
    high,
    done: done === 1,
  }));
}

/** The outcome in a unit's row. */
export async function readOutcome(
  querier: Querier,
  handle: string,
  unit: UnitKey,
): Promise<RecordedOutcome | null> {
  const rows = await querier.query<{ status: RecordedOutcome }>(
    `SELECT u.status FROM dom$unit u WHERE u.handle = :1 AND u.object_key = :2 AND u.iteration = :3
       AND u.task = :4 AND u.chunk = :5 AND u.attempt = :6`,
    [handle, ...keyValues(unit)],
  );
  return rows[0]?.status ?? null;
}

interface UnitColumns {
  readonly object_key: string;
  readonly iteration: number;
  readonly task: string;
  readonly chunk: number;
  readonly attempt: number;
  readonly stream_attempt: number;
  readonly try_no: number;
}

const KEY_COLUMNS = 'u.object_key, u.iteration, u.task, u.chunk, u.attempt';

function unitOf(row: UnitColumns): Pick<UnitRecord, 'unit' | 'streamAttempt' | 'try'> {
  const { object_key, iteration, task, chunk, attempt } = row;
  const unit = { object: objectOf(object_key), iteration, task, chunk, attempt };
  return { unit, streamAttempt: row.stream_attempt, try: row.try_no };
}

interface StatementRow extends UsageColumns {
  readonly seq: number;
  readonly sql_text: string;
  readonly started_ms: number;
  readonly elapsed_ms: number | null;
  readonly row_count: number | null;
  readonly message: string | null;
}

const STATEMENT_COLUMNS =
  's.seq, s.sql_text, s.started_ms, s.elapsed_ms, s.row_count, s.workers, s.redo_bytes, s.undo_bytes, ' +
  's.message';

/** Committed statements that have not been acknowledged; of one unit or of the whole stream. */
export async function readUnacknowledged(
  querier: Querier,
  handle: string,
  limit: number,
  unit: UnitKey | undefined,
): Promise<readonly StatementRecord[]> {
  const ofUnit =
    unit === undefined
      ? ''
      : `AND u.object_key = :2 AND u.iteration = :3 AND u.task = :4 AND u.chunk = :5 AND u.attempt = :6`;
  const rows = await querier.query<UnitColumns & StatementRow>(
    `SELECT ${KEY_COLUMNS}, s.stream_attempt, s.try_no, ${STATEMENT_COLUMNS}
     FROM dom$unit u JOIN dom$statement s ON s.unit_id = u.unit_id
     WHERE u.handle = :1 AND s.status = 'done' ${ofUnit}
     ORDER BY u.unit_id, s.stream_attempt, s.try_no, s.seq FETCH FIRST ${Math.trunc(limit)} ROWS ONLY`,
    unit === undefined ? [handle] : [handle, ...keyValues(unit)],
  );
  return rows.map((row) => {
    const startedAt = new Date(row.started_ms);
    return {
      ...unitOf(row),
      seq: row.seq,
      text: row.sql_text,
      status: 'committed',
      startedAt,
      endedAt: new Date(row.started_ms + (row.elapsed_ms ?? 0)),
      elapsedMs: row.elapsed_ms,
      rows: row.row_count,
      ...usageOf(row, row.message),
      failure: null,
    };
  });
}

/** The statements of one try that are on the target: committed ones, as seen from another session. */
export async function readStatementsOfTry(
  querier: Querier,
  unitId: number,
  streamAttempt: number,
  tryNo: number,
): Promise<readonly CommittedStatement[]> {
  const rows = await querier.query<StatementRow>(
    `SELECT ${STATEMENT_COLUMNS} FROM dom$statement s
     WHERE s.unit_id = :1 AND s.stream_attempt = :2 AND s.try_no = :3 AND s.status = 'done'
     ORDER BY s.seq`,
    [unitId, streamAttempt, tryNo],
  );
  return rows.map((row) => ({
    seq: row.seq,
    text: row.sql_text,
    startedAt: new Date(row.started_ms),
    elapsedMs: row.elapsed_ms ?? 0,
    rows: row.row_count,
  }));
}

/** A unit's row, as far as its own try has to know it. */
export interface UnitRow {
  readonly unit_id: number;
  readonly status: RecordedOutcome;
  readonly message: string | null;
  readonly elapsed_ms: number | null;
  readonly stream_attempt: number;
  readonly try_no: number;
}

/** The unit's row as it stands; null: there is none. */
export async function readUnitRow(
  querier: Querier,
  handle: string,
  unit: UnitKey,
): Promise<UnitRow | null> {
  const rows = await querier.query<UnitRow>(
    `SELECT u.unit_id, u.status, u.message, u.elapsed_ms, u.stream_attempt, u.try_no
     FROM dom$unit u WHERE u.handle = :1 AND u.object_key = :2 AND u.iteration = :3
       AND u.task = :4 AND u.chunk = :5 AND u.attempt = :6`,
    [handle, ...keyValues(unit)],
  );
  return rows[0] ?? null;
}

const UNITS_AT_ONCE = 50;

/** Deletes the statements of units, but for those in doubt. */
export async function deleteStatements(
  querier: Querier,
  handle: string,
  units: readonly UnitKey[],
): Promise<void> {
  for (let from = 0; from < units.length; from += UNITS_AT_ONCE) {
    const ids = await unitIds(querier, handle, units.slice(from, from + UNITS_AT_ONCE));
    if (ids.length === 0) continue;
    const places = ids.map((_, index) => `:${index + 1}`).join(', ');
    await querier.execute(
      `DELETE FROM dom$statement WHERE status = 'done' AND unit_id IN (${places})`,
      ids,
    );
  }
}

async function unitIds(
  querier: Querier,
  handle: string,
  units: readonly UnitKey[],
): Promise<readonly number[]> {
  const keys = units.map((_, index) => {
    const [object, iteration, task, chunk, attempt] = [2, 3, 4, 5, 6].map((n) => index * 5 + n);
    return `(u.object_key = :${object} AND u.iteration = :${iteration} AND u.task = :${task}
        AND u.chunk = :${chunk} AND u.attempt = :${attempt})`;
  });
  const rows = await querier.query<{ unit_id: number }>(
    `SELECT u.unit_id FROM dom$unit u WHERE u.handle = :1 AND (${keys.join(' OR ')})`,
    [handle, ...units.flatMap(keyValues)],
  );
  return rows.map(({ unit_id }) => unit_id);
}

interface RecordedUnit extends UnitColumns {
  readonly kind: UnitKind;
  readonly status: RecordedOutcome;
  readonly started_ms: number;
  readonly elapsed_ms: number | null;
  readonly message: string | null;
  readonly statements: number;
  readonly row_count: number | null;
}

/** Every unit row of the stream. */
export async function readUnits(querier: Querier, handle: string): Promise<readonly UnitRecord[]> {
  const rows = await querier.query<RecordedUnit>(
    `SELECT ${KEY_COLUMNS}, u.stream_attempt, u.try_no, u.kind, u.status, u.started_ms, u.elapsed_ms,
       u.message, COUNT(s.seq) AS statements, SUM(s.row_count) AS row_count
     FROM dom$unit u LEFT JOIN dom$statement s ON s.unit_id = u.unit_id
       AND s.stream_attempt = u.stream_attempt AND s.try_no = u.try_no
     WHERE u.handle = :1
     GROUP BY u.unit_id, ${KEY_COLUMNS}, u.stream_attempt, u.try_no, u.kind, u.status, u.started_ms,
       u.elapsed_ms, u.message
     ORDER BY u.unit_id`,
    [handle],
  );
  return rows.map((row) => ({
    ...unitOf(row),
    kind: row.kind,
    status: row.status === 'started' ? 'in_doubt' : row.status,
    startedAt: new Date(row.started_ms),
    endedAt: new Date(row.started_ms + (row.elapsed_ms ?? 0)),
    elapsedMs: row.elapsed_ms,
    rows: row.row_count,
    statements: row.statements,
    message: row.message,
    failure: null,
  }));
}

/** Removes every row of streams that are over. */
export async function forgetStreams(querier: Querier, handles: readonly string[]): Promise<void> {
  for (const handle of handles)
    await querier.execute('BEGIN dom$control.forget(:1); END;', [handle]);
}

/** Handles of all streams that have rows here. The framework must be there. */
export async function readHandles(querier: Querier): Promise<readonly string[]> {
  const rows = await querier.query<{ handle: string }>(
    'SELECT s.handle FROM dom$stream s ORDER BY s.attached_ms, s.handle',
  );
  return rows.map(({ handle }) => handle);
}
