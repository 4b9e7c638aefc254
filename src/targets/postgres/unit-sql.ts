import type { RecordedOutcome, UnitKey } from '../../core/run/unit.ts';
import type { UnitCall, UnitDecision } from '../../ports/target.ts';
import type { CommittedStatement } from '../protocol/statement-feed.ts';
import { kindOf } from '../protocol/unit-words.ts';
import type { Querier, QueryOptions } from './connection.ts';

/** The stream, and the attempt on whose behalf a statement is executed. */
export interface StreamRef {
  readonly handle: string;
  readonly attempt: number;
  readonly operationId: number;
  readonly runId: string;
}

/** What run_unit shall do; `name` is the procedure. */
export interface ServerWork {
  readonly work: 'task' | 'iterator' | 'final' | 'sql' | 'split by key' | 'split by sql';
  readonly name: string;
  readonly arguments: readonly (string | null)[];
}

export interface RunUnitRow {
  readonly unit_id: string;
  readonly outcome: 'done' | 'recorded';
  readonly recorded: RecordedOutcome;
  readonly message: string | null;
  readonly elapsed_ms: number | null;
  readonly row_count: string | null;
  readonly statements: number;
}

export interface RecordUnitRow {
  readonly outcome: 'done' | 'complete' | 'recorded';
  readonly recorded: RecordedOutcome;
  readonly message: string | null;
}

export interface ClaimedRow {
  readonly unit_id: string;
  readonly claimed: boolean;
  readonly status: RecordedOutcome;
  readonly message: string | null;
  readonly intent: unknown;
}

/** The key of a unit in the order in which the framework's functions take it. */
export function keyValues({ object, iteration, task, chunk, attempt }: UnitKey): unknown[] {
  return [object, iteration, task, chunk, attempt];
}

/** How the session is named in pg_stat_activity while the unit runs. */
function label({ operationId, runId }: StreamRef, { unit }: UnitCall): string {
  return `odtm ${operationId}/${unit.task} run ${runId}`;
}

function callValues({ handle }: StreamRef, call: UnitCall): unknown[] {
  return [handle, call.streamAttempt, call.try, call.kind, ...keyValues(call.unit)];
}

/** The one round trip of a unit. */
export async function runUnit(
  querier: Querier,
  stream: StreamRef,
  call: UnitCall,
  schema: string,
  { work, name, arguments: args }: ServerWork,
  scene: QueryOptions['scene'],
): Promise<RunUnitRow> {
  const rows = await querier.query<{ answer: readonly (string | null)[] }>(
    `SELECT dom.run_unit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS answer`,
    [...callValues(stream, call), label(stream, call), work, schema, name, [...args]],
    { name: 'run_unit', scene },
  );
  return runUnitRow(one(rows).answer);
}

function runUnitRow(answer: readonly (string | null)[]): RunUnitRow {
  const [unitId, outcome, recorded, message, elapsedMs, rowCount, statements] = answer;
  return {
    unit_id: unitId ?? '',
    outcome: outcome as RunUnitRow['outcome'],
    recorded: recorded as RecordedOutcome,
    message: message ?? null,
    elapsed_ms: elapsedMs == null ? null : Number(elapsedMs),
    row_count: rowCount ?? null,
    statements: Number(statements),
  };
}

/** Records a unit whose call was rolled back by what the package said. */
export async function recordUnit(
  querier: Querier,
  stream: StreamRef,
  call: UnitCall,
  outcome: 'done' | 'complete',
  message: string,
): Promise<RecordUnitRow> {
  const rows = await querier.query<RecordUnitRow>(
    `SELECT * FROM dom.record_unit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [...callValues(stream, call), label(stream, call), outcome, message],
  );
  return one(rows);
}

/** Writes the intent of a statement that commits by itself, or reads the row that is there. */
export async function claimPlain(
  querier: Querier,
  stream: StreamRef,
  call: UnitCall,
  intent: unknown,
): Promise<ClaimedRow> {
  const rows = await querier.query<ClaimedRow>(
    `SELECT * FROM dom.claim_unit($1, $2, $3, $4, $5, $6, $7, $8, $9, 'started', NULL, $10, $11)`,
    [...callValues(stream, call), JSON.stringify(intent), label(stream, call)],
  );
  return one(rows);
}

/** Records the end of a statement that commits by itself. */
export async function endPlain(
  querier: Querier,
  { handle, attempt }: StreamRef,
  unitId: string,
  { seq, text, startedAt, elapsedMs, rows }: CommittedStatement,
  message: string | null,
): Promise<void> {
  await querier.query('SELECT dom.end_plain($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    handle,
    attempt,
    unitId,
    seq,
    text,
    startedAt,
    elapsedMs,
    rows,
    message,
  ]);
}

/** Takes back the intent of a statement that failed and left nothing behind. */
export async function dropStarted(
  querier: Querier,
  { handle, attempt }: StreamRef,
  unitId: string,
): Promise<void> {
  await querier.query('SELECT dom.drop_started($1, $2, $3)', [handle, attempt, unitId]);
}

/** The statements of one committed unit that are still on the target. */
export async function statementsOfUnit(
  querier: Querier,
  unitId: string,
): Promise<CommittedStatement[]> {
  const rows = await querier.query<StatementRow>(
    `SELECT seq, text, started_at, elapsed_ms, row_count FROM dom.dom$statement
     WHERE unit_id = $1 ORDER BY seq`,
    [unitId],
  );
  return rows.map(committed);
}

interface StatementRow {
  readonly seq: number;
  readonly text: string;
  readonly started_at: Date;
  readonly elapsed_ms: number;
  readonly row_count: string | null;
}

/** A row of dom$statement in the words of the adapter. */
export function committed(row: StatementRow): CommittedStatement {
  return {
    seq: row.seq,
    text: row.text,
    startedAt: row.started_at,
    elapsedMs: row.elapsed_ms,
    rows: row.row_count === null ? null : Number(row.row_count),
  };
}

/** Writes a person's decision about a unit. */
export async function decideUnit(
  querier: Querier,
  { handle, attempt }: StreamRef,
  unit: UnitKey,
  { outcome, reason }: UnitDecision,
): Promise<void> {
  await querier.query('SELECT dom.decide($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    handle,
    attempt,
    kindOf(unit),
    ...keyValues(unit),
    outcome,
    reason,
  ]);
}

/** The row of a statement that must return exactly one. */
export function one<R>(rows: readonly R[]): R {
  const row = rows[0];
  if (row === undefined) throw new Error('a statement that returns one row returned none');
  return row;
}
