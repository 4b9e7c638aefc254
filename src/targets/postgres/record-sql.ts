import {
  type StatementRecord,
  UNKNOWN_USAGE,
  type UnitRecord,
} from '../../core/run/log-records.ts';
import type { ObjectRecord } from '../../core/run/position.ts';
import type { RecordedOutcome, UnitKey, UnitKind } from '../../core/run/unit.ts';
import type { Chunk, StreamIdentity } from '../../ports/target.ts';
import { parameterRows } from '../protocol/unit-words.ts';
import type { Querier } from './connection.ts';
import { keyValues, type StreamRef } from './unit-sql.ts';

/** Takes the stream over and writes its parameters. */
export async function attachStream(querier: Querier, stream: StreamIdentity): Promise<void> {
  const { handle, attempt, runId, plan } = stream;
  const facts = {
    run: runId,
    operation: plan.operation.id,
    name: plan.operation.name,
    package: plan.package.name,
  };
  await querier.query('SELECT dom.attach($1, $2, $3, $4)', [
    handle,
    attempt,
    JSON.stringify(facts),
    JSON.stringify(parameterRows(plan)),
  ]);
}

/** Makes a session one of the stream's. */
export async function enterStream(querier: Querier, { handle, attempt }: StreamRef): Promise<void> {
  await querier.query('SELECT dom.enter_stream($1, $2)', [handle, attempt]);
}

/** Asks all sessions of the stream to end; returns how many were there. */
export async function endSessions(querier: Querier, handle: string): Promise<readonly number[]> {
  const rows = await querier.query<{ pid: number }>('SELECT dom.end_sessions($1) AS pid', [handle]);
  return rows.map(({ pid }) => pid);
}

/** Where the stream's objects stand. */
export async function readRecord(
  querier: Querier,
  handle: string,
): Promise<readonly ObjectRecord[]> {
  const rows = await querier.query<{
    object: string;
    completed: boolean;
    iteration: number;
    iterator: ObjectRecord['iterator'];
    tasks_done: string[];
    initial_attempt: string;
    final_error_attempt: string;
  }>('SELECT * FROM dom.record($1)', [handle]);
  return rows.map((row) => ({
    object: row.object,
    completed: row.completed,
    iteration: row.iteration,
    iterator: row.iterator,
    tasksDone: row.tasks_done,
    initialAttempt: Number(row.initial_attempt),
    finalErrorAttempt: Number(row.final_error_attempt),
  }));
}

/** The chunks of a task. */
export function readChunks(
  querier: Querier,
  handle: string,
  { object, iteration, task }: UnitKey,
): Promise<readonly Chunk[]> {
  return querier.query<Chunk & Record<string, unknown>>(
    `SELECT c.chunk, c.low, c.high, COALESCE(u.status <> 'started', false) AS done
     FROM dom.dom$chunk c LEFT JOIN dom.dom$unit u ON u.handle = c.handle AND u.object = c.object
       AND u.iteration = c.iteration AND u.task = c.task AND u.chunk = c.chunk AND u.attempt = 0
     WHERE c.handle = $1 AND c.object = $2 AND c.iteration = $3 AND c.task = $4 ORDER BY c.chunk`,
    [handle, object, iteration, task],
  );
}

/** The outcome in a unit's row. */
export async function readOutcome(
  querier: Querier,
  handle: string,
  unit: UnitKey,
): Promise<RecordedOutcome | null> {
  const rows = await querier.query<{ status: RecordedOutcome }>(
    `SELECT status FROM dom.dom$unit WHERE handle = $1 AND object = $2 AND iteration = $3
       AND task = $4 AND chunk = $5 AND attempt = $6`,
    [handle, ...keyValues(unit)],
  );
  return rows[0]?.status ?? null;
}

interface UnitColumns {
  readonly object: string;
  readonly iteration: number;
  readonly task: string;
  readonly chunk: number;
  readonly attempt: string;
  readonly stream_attempt: string;
  readonly try: number;
}

const UNIT_COLUMNS = 'u.object, u.iteration, u.task, u.chunk, u.attempt, u.stream_attempt, u.try';

function unitOf(row: UnitColumns): Pick<UnitRecord, 'unit' | 'streamAttempt' | 'try'> {
  const { object, iteration, task, chunk } = row;
  const unit = { object, iteration, task, chunk, attempt: Number(row.attempt) };
  return { unit, streamAttempt: Number(row.stream_attempt), try: row.try };
}

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
      : 'AND u.object = $3 AND u.iteration = $4 AND u.task = $5 AND u.chunk = $6 AND u.attempt = $7';
  const rows = await querier.query<
    UnitColumns & {
      seq: number;
      text: string;
      started_at: Date;
      elapsed_ms: number;
      row_count: string | null;
    }
  >(
    `SELECT ${UNIT_COLUMNS}, s.seq, s.text, s.started_at, s.elapsed_ms, s.row_count
     FROM dom.dom$unit u JOIN dom.dom$statement s ON s.unit_id = u.unit_id
     WHERE u.handle = $1 ${ofUnit} ORDER BY u.unit_id, s.seq LIMIT $2`,
    unit === undefined ? [handle, limit] : [handle, limit, ...keyValues(unit)],
  );
  return rows.map((row) => ({
    ...unitOf(row),
    seq: row.seq,
    text: row.text,
    status: 'committed',
    startedAt: row.started_at,
    endedAt: new Date(row.started_at.getTime() + row.elapsed_ms),
    elapsedMs: row.elapsed_ms,
    rows: row.row_count === null ? null : Number(row.row_count),
    ...UNKNOWN_USAGE,
    failure: null,
  }));
}

/** Deletes the statements of units. */
export async function deleteStatements(
  querier: Querier,
  handle: string,
  units: readonly UnitKey[],
): Promise<void> {
  await querier.query(
    `DELETE FROM dom.dom$statement s USING dom.dom$unit u,
       pg_catalog.jsonb_to_recordset($2::jsonb)
         AS k (object text, iteration integer, task text, chunk integer, attempt bigint)
     WHERE u.handle = $1 AND u.object = k.object AND u.iteration = k.iteration AND u.task = k.task
       AND u.chunk = k.chunk AND u.attempt = k.attempt AND s.unit_id = u.unit_id`,
    [handle, JSON.stringify(units)],
  );
}

/**
 * Every unit row of the stream. How long a unit took is kept for those of 50 ms and more; a shorter one has
 * ended, to that precision, when it began.
 */
export async function readUnits(querier: Querier, handle: string): Promise<readonly UnitRecord[]> {
  const rows = await querier.query<
    UnitColumns & {
      kind: UnitKind;
      status: RecordedOutcome;
      started_at: Date;
      elapsed_ms: number | null;
      message: string | null;
      statements: number;
      row_count: string | null;
    }
  >(
    `SELECT ${UNIT_COLUMNS}, u.kind, u.status, u.started_at, u.elapsed_ms, u.message,
       s.statements, s.row_count
     FROM dom.dom$unit u LEFT JOIN LATERAL (
       SELECT count(*)::integer AS statements, sum(t.row_count) AS row_count
       FROM dom.dom$statement t WHERE t.unit_id = u.unit_id) s ON true
     WHERE u.handle = $1 ORDER BY u.unit_id`,
    [handle],
  );
  return rows.map((row) => ({
    ...unitOf(row),
    kind: row.kind,
    status: row.status === 'started' ? 'in_doubt' : row.status,
    startedAt: row.started_at,
    endedAt: new Date(row.started_at.getTime() + (row.elapsed_ms ?? 0)),
    elapsedMs: row.elapsed_ms,
    rows: row.row_count === null ? null : Number(row.row_count),
    statements: row.statements,
    message: row.message,
    failure: null,
  }));
}

/** Deletes the rows of an object's older iterations. */
export async function foldIterations(
  querier: Querier,
  { handle, attempt }: StreamRef,
  object: string,
  iteration: number,
): Promise<void> {
  await querier.query('SELECT dom.fold($1, $2, $3, $4)', [handle, attempt, object, iteration]);
}

/** Removes every row of streams that are over. */
export async function forgetStreams(querier: Querier, handles: readonly string[]): Promise<void> {
  await querier.query('SELECT dom.forget(h) FROM pg_catalog.unnest($1::text[]) AS h', [handles]);
}

/** Handles of all streams that have rows here; none where the framework is not installed. */
export async function readHandles(querier: Querier): Promise<readonly string[]> {
  if (!(await hasFramework(querier))) return [];
  const rows = await querier.query<{ handle: string }>(
    'SELECT handle FROM dom.dom$stream ORDER BY attached_at, handle',
  );
  return rows.map(({ handle }) => handle);
}

/**
 * Whether the framework's tables are there. Read from the table of the catalogue: to_regclass may answer from
 * a cache that is older than another controller's install.
 */
export async function hasFramework(querier: Querier): Promise<boolean> {
  const rows = await querier.query<{ there: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'dom' AND c.relname = 'dom$installed') AS there`,
  );
  return rows[0]?.there === true;
}
