import type { StatementRecord, UnitRecord, UnitTry } from '../core/run/log-records.ts';
import { unitId } from '../core/run/unit.ts';
import type { ClosedTry } from '../ports/repository.ts';
import type { Column } from './columns.ts';
import { safeJsonOrNull, safeText, safeTextOrNull } from './safe-text.ts';

/** A record with the stream that it belongs to. */
export type OfStream<Record> = Record & { readonly streamId: string; readonly runId: string };

/** One text for the key of a try. */
export function tryKey({ streamId, streamAttempt, unit, try: number }: OfStream<UnitTry>): string {
  return `${streamId}/${streamAttempt}/${number}/${unitId(unit)}`;
}

/** The newest record of each try: one statement may write a key only once. */
export function newestOfTry<Record extends UnitTry>(
  records: readonly OfStream<Record>[],
): readonly OfStream<Record>[] {
  return [...new Map(records.map((record) => [tryKey(record), record])).values()];
}

/** The key of a try; the first columns of both log tables. */
export const TRY_KEY: readonly Column<OfStream<UnitTry>>[] = [
  { name: 'stream_id', type: 'bigint', of: ({ streamId }) => streamId },
  { name: 'stream_attempt', type: 'integer', of: ({ streamAttempt }) => streamAttempt },
  { name: 'object', type: 'text', of: ({ unit }) => safeText(unit.object) },
  { name: 'iteration', type: 'integer', of: ({ unit }) => unit.iteration },
  { name: 'task', type: 'text', of: ({ unit }) => safeText(unit.task) },
  { name: 'chunk', type: 'integer', of: ({ unit }) => unit.chunk },
  { name: 'unit_attempt', type: 'integer', of: ({ unit }) => unit.attempt },
  { name: 'try', type: 'integer', of: (record) => record.try },
];

export const UNIT_VALUES: readonly Column<OfStream<UnitRecord>>[] = [
  { name: 'run_id', type: 'bigint', of: ({ runId }) => runId },
  { name: 'kind', type: 'text', of: ({ kind }) => kind },
  { name: 'status', type: 'text', of: ({ status }) => status },
  { name: 'started_at', type: 'moment', of: ({ startedAt }) => startedAt },
  { name: 'ended_at', type: 'moment', of: ({ endedAt }) => endedAt },
  { name: 'elapsed_ms', type: 'float8', of: ({ elapsedMs }) => elapsedMs },
  { name: 'rows', type: 'bigint', of: ({ rows }) => rows },
  { name: 'statements', type: 'integer', of: ({ statements }) => statements },
  { name: 'message', type: 'text', of: ({ message }) => safeTextOrNull(message) },
  { name: 'failure', type: 'jsonb', of: ({ failure }) => safeJsonOrNull(failure) },
];

/** The tries that statements belong to are sent once each; statements refer to them by number. */
export interface NumberedTry extends OfStream<UnitTry> {
  readonly number: number;
}

export const NUMBERED_TRY: readonly Column<NumberedTry>[] = [
  { name: 'number', type: 'integer', of: ({ number }) => number },
  { name: 'run_id', type: 'bigint', of: ({ runId }) => runId },
  ...TRY_KEY,
];

export interface StatementOfTry {
  readonly tryNumber: number;
  readonly statement: StatementRecord;
}

export const STATEMENT_VALUES: readonly Column<StatementOfTry>[] = [
  { name: 'seq', type: 'integer', of: ({ statement }) => statement.seq },
  { name: 'text', type: 'text', of: ({ statement }) => safeText(statement.text) },
  { name: 'status', type: 'text', of: ({ statement }) => statement.status },
  { name: 'started_at', type: 'moment', of: ({ statement }) => statement.startedAt },
  { name: 'ended_at', type: 'moment', of: ({ statement }) => statement.endedAt },
  { name: 'elapsed_ms', type: 'float8', of: ({ statement }) => statement.elapsedMs },
  { name: 'rows', type: 'bigint', of: ({ statement }) => statement.rows },
  { name: 'parallel_workers', type: 'integer', of: ({ statement }) => statement.parallelWorkers },
  { name: 'redo_bytes', type: 'bigint', of: ({ statement }) => statement.redoBytes },
  { name: 'undo_bytes', type: 'bigint', of: ({ statement }) => statement.undoBytes },
  { name: 'remark', type: 'text', of: ({ statement }) => safeTextOrNull(statement.remark) },
  { name: 'failure', type: 'jsonb', of: ({ statement }) => safeJsonOrNull(statement.failure) },
];

export const STATEMENT_OF_TRY: readonly Column<StatementOfTry>[] = [
  { name: 'number', type: 'integer', of: ({ tryNumber }) => tryNumber },
  ...STATEMENT_VALUES,
];

/** Cuts statements into their tries and the newest record of each of their statements. */
export function numberTries(statements: readonly OfStream<StatementRecord>[]): {
  readonly tries: readonly NumberedTry[];
  readonly rows: readonly StatementOfTry[];
} {
  const tries = new Map<string, { of: NumberedTry; bySeq: Map<number, StatementOfTry> }>();
  for (const statement of statements) {
    const key = tryKey(statement);
    const known = tries.get(key);
    const found = known ?? { of: { ...tryOf(statement), number: tries.size }, bySeq: new Map() };
    if (known === undefined) tries.set(key, found);
    found.bySeq.set(statement.seq, { tryNumber: found.of.number, statement });
  }
  const all = [...tries.values()];
  return { tries: all.map(({ of }) => of), rows: all.flatMap(({ bySeq }) => [...bySeq.values()]) };
}

function tryOf(record: OfStream<UnitTry>): OfStream<UnitTry> {
  const { streamId, runId, unit, streamAttempt } = record;
  return { streamId, runId, unit, streamAttempt, try: record.try };
}

export const CLOSED_COLUMNS: readonly Column<OfStream<ClosedTry>>[] = [
  ...TRY_KEY,
  { name: 'statements', type: 'text', of: ({ statements }) => statements },
];
