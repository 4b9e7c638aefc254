import type { StatementRecord, UnitRecord, UnitTry } from '../core/run/log-records.ts';
import type { ClosedTry } from '../ports/repository.ts';
import type { Column } from './columns.ts';
import { safeJsonOrNull, safeText } from './safe-text.ts';

/** A record with the stream that it belongs to. */
export type OfStream<Record> = Record & { readonly streamId: string; readonly runId: string };

function time(moment: Date | null): string | null {
  return moment === null ? null : moment.toISOString();
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
  { name: 'started_at', type: 'timestamptz', of: ({ startedAt }) => time(startedAt) },
  { name: 'ended_at', type: 'timestamptz', of: ({ endedAt }) => time(endedAt) },
  { name: 'elapsed_ms', type: 'float8', of: ({ elapsedMs }) => elapsedMs },
  { name: 'rows', type: 'bigint', of: ({ rows }) => rows },
  { name: 'statements', type: 'integer', of: ({ statements }) => statements },
  {
    name: 'message',
    type: 'text',
    of: ({ message }) => (message === null ? null : safeText(message)),
  },
  { name: 'failure', type: 'jsonb', of: ({ failure }) => safeJsonOrNull(failure) },
];

export const STATEMENT_KEY: readonly Column<OfStream<StatementRecord>>[] = [
  ...TRY_KEY,
  { name: 'seq', type: 'integer', of: ({ seq }) => seq },
];

export const STATEMENT_VALUES: readonly Column<OfStream<StatementRecord>>[] = [
  { name: 'run_id', type: 'bigint', of: ({ runId }) => runId },
  { name: 'text', type: 'text', of: ({ text }) => safeText(text) },
  { name: 'status', type: 'text', of: ({ status }) => status },
  { name: 'started_at', type: 'timestamptz', of: ({ startedAt }) => time(startedAt) },
  { name: 'ended_at', type: 'timestamptz', of: ({ endedAt }) => time(endedAt) },
  { name: 'elapsed_ms', type: 'float8', of: ({ elapsedMs }) => elapsedMs },
  { name: 'rows', type: 'bigint', of: ({ rows }) => rows },
  { name: 'parallel_workers', type: 'integer', of: ({ parallelWorkers }) => parallelWorkers },
  { name: 'failure', type: 'jsonb', of: ({ failure }) => safeJsonOrNull(failure) },
];

export const CLOSED_COLUMNS: readonly Column<OfStream<ClosedTry>>[] = [
  ...TRY_KEY,
  { name: 'statements', type: 'text', of: ({ statements }) => statements },
];
