import type { Failure } from '../../core/run/failure.ts';
import type { StreamProgress } from '../../core/run/log-records.ts';
import { chunkProgress } from '../../core/run/progress.ts';
import type { UnitKey } from '../../core/run/unit.ts';
import type {
  LoggedStatement,
  LoggedUnit,
  RunDetail,
  RunEvent,
  RunSummary,
  StreamSummary,
} from '../../ports/run-queries.ts';

/** The JSON documents of the command line. Their keys are stable and stand in docs/COMMANDS.md. */
export function runDocument(run: RunSummary): Record<string, unknown> {
  return {
    run_id: run.runId,
    operation: run.operation,
    environment: run.environment,
    variant: run.variant,
    preview: run.preview,
    status: run.status,
    wish: run.wish,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    started_by: run.startedBy,
    streams_by_status: run.streams,
  };
}

export function detailDocument(detail: RunDetail, now: Date): Record<string, unknown> {
  return {
    ...runDocument(detail.run),
    streams: detail.streams.map((stream) => streamDocument(stream, now)),
    events: detail.events.map(eventDocument),
  };
}

function streamDocument(stream: StreamSummary, now: Date): Record<string, unknown> {
  return {
    stream_id: stream.streamId,
    instance: stream.instance,
    handle: stream.handle,
    status: stream.status,
    message: stream.message,
    attempt: stream.attempt,
    controller: stream.controller,
    package_sha256: stream.packageSha256,
    started_at: stream.startedAt,
    ended_at: stream.endedAt,
    progress: stream.progress === null ? null : progressDocument(stream.progress, now),
    failed_unit: stream.failedUnit === null ? null : unitKeyDocument(stream.failedUnit),
    failure: failureDocument(stream.failure),
    final_failure: failureDocument(stream.finalFailure),
  };
}

function progressDocument(progress: StreamProgress, now: Date): Record<string, unknown> {
  const chunks = chunkProgress(progress, now);
  return {
    object: progress.object,
    iteration: progress.iteration,
    tasks: progress.tasks,
    units_done: progress.unitsDone,
    rows: progress.rows,
    note: progress.note ?? null,
    chunks:
      chunks === null
        ? null
        : {
            done: chunks.done,
            total: chunks.total,
            per_second: chunks.perSecond,
            left_ms: chunks.leftMs === null ? null : Math.round(chunks.leftMs),
          },
  };
}

function eventDocument(event: RunEvent): Record<string, unknown> {
  const { at, kind, instance, by, detail } = event;
  return { at, kind, instance, by, detail };
}

export function unitKeyDocument(unit: UnitKey): Record<string, unknown> {
  const { object, iteration, task, chunk, attempt } = unit;
  return { object, iteration, task, chunk, unit_attempt: attempt };
}

function failureDocument(failure: Failure | null): Record<string, unknown> | null {
  if (failure === null) return null;
  const { code, message, detail, hint, context, statement, file, line } = failure;
  return { code, message, detail, hint, context, statement, file, line };
}

export function unitDocument(unit: LoggedUnit): Record<string, unknown> {
  return {
    instance: unit.instance,
    kind: unit.kind,
    ...unitKeyDocument(unit.unit),
    stream_attempt: unit.streamAttempt,
    try: unit.try,
    status: unit.status,
    started_at: unit.startedAt,
    ended_at: unit.endedAt,
    elapsed_ms: unit.elapsedMs,
    rows: unit.rows,
    statements: unit.statements,
    message: unit.message,
    failure: failureDocument(unit.failure),
  };
}

export function statementDocument(statement: LoggedStatement): Record<string, unknown> {
  return {
    instance: statement.instance,
    ...unitKeyDocument(statement.unit),
    stream_attempt: statement.streamAttempt,
    try: statement.try,
    seq: statement.seq,
    text: statement.text,
    status: statement.status,
    started_at: statement.startedAt,
    ended_at: statement.endedAt,
    elapsed_ms: statement.elapsedMs,
    rows: statement.rows,
    parallel_workers: statement.parallelWorkers,
    redo_bytes: statement.redoBytes,
    undo_bytes: statement.undoBytes,
    remark: statement.remark,
    failure: failureDocument(statement.failure),
  };
}
