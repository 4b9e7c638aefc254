import type { StreamStatus } from '../../core/run/stream-status.ts';
import { ACTIVE, STREAM_STATUSES } from '../../core/run/stream-status.ts';
import type { RunDetail, RunEvent, RunSummary, StreamSummary } from '../../ports/run-queries.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { count, failureText, moment, oneLine, span, unitText } from './words.ts';

/** `2 completed, 1 failed`, in the order of the statuses. */
export function tally(streams: RunSummary['streams']): string {
  const parts = STREAM_STATUSES.flatMap((status) => {
    const number = streams[status] ?? 0;
    return number === 0 ? [] : [`${count(number)} ${inWords(status)}`];
  });
  return parts.length === 0 ? 'no streams' : parts.join(', ');
}

export function inWords(status: StreamStatus): string {
  return status.replaceAll('_', ' ');
}

/** `purge_orders (12) in PROD`, with variant and preview where there are. */
export function runTitle(run: RunSummary): string {
  const variant = run.variant === null ? '' : `, variant ${run.variant}`;
  const preview = run.preview ? ', preview' : '';
  return `${run.operation.name} (${run.operation.id}) in ${run.environment.code}${variant}${preview}`;
}

/**
 * How long a run has taken, or has taken so far. Of one that stopped without having ended: until its last
 * stream stopped, where its streams are known, else nothing.
 */
export function runSpan(
  run: RunSummary,
  now: Date,
  streams: readonly StreamSummary[] = [],
): string {
  const active = ACTIVE.some((status) => (run.streams[status] ?? 0) > 0);
  const stopped = streams.flatMap(({ endedAt }) => (endedAt === null ? [] : [endedAt.getTime()]));
  const end = run.endedAt?.getTime() ?? (active ? now.getTime() : Math.max(...stopped));
  return Number.isFinite(end) ? span(end - run.startedAt.getTime()) : '';
}

export function runsTable(runs: readonly RunSummary[], paint: Paint, now: Date): string {
  return table(
    ['RUN', 'OPERATION', 'ENV', 'STATUS', 'STARTED', '>ELAPSED', 'STREAMS'],
    runs.map((run) => [
      run.runId,
      `${run.operation.name} (${run.operation.id})${run.preview ? ' preview' : ''}`,
      run.environment.code,
      paint.status(run.status, run.status.replaceAll('_', ' ')),
      moment(run.startedAt),
      runSpan(run, now),
      tally(run.streams),
    ]),
    'No runs.',
  );
}

/** One run in full: its streams, what failed and how, and what people did to it. */
export function detailText(detail: RunDetail, paint: Paint, now: Date): string {
  const { run, streams, events } = detail;
  const status = paint.status(run.status, run.status.replaceAll('_', ' '));
  const took = runSpan(run, now, streams);
  const wish = run.wish === 'none' || run.endedAt !== null ? '' : `wish: ${run.wish}`;
  const facts = [`started ${moment(run.startedAt)} by ${oneLine(run.startedBy)}`, took, wish];
  const head = [
    `Run ${run.runId}: ${runTitle(run)}: ${status}`,
    facts.filter((fact) => fact !== '').join(', '),
  ];
  const failures = streams.flatMap((stream) => failureBlocks(stream, paint));
  const done = events.length === 0 ? [] : [`\nEvents\n${eventsTable(events)}`];
  return [...head, '', streamsTable(streams, paint, now), ...failures, ...done].join('\n');
}

function streamsTable(streams: readonly StreamSummary[], paint: Paint, now: Date): string {
  return table(
    ['INSTANCE', 'STATUS', '>ATTEMPT', 'WHERE', '>ITERATION', '>UNITS', '>ROWS', '>ELAPSED', ''],
    streams.map((stream) => {
      const { progress } = stream;
      return [
        stream.instance,
        paint.status(stream.status, inWords(stream.status)),
        String(stream.attempt),
        whereText(stream),
        progress === null ? '' : String(progress.iteration),
        progress === null ? '' : count(progress.unitsDone),
        progress === null ? '' : count(progress.rows),
        streamSpan(stream, now),
        stream.failure === null ? oneLine(stream.message ?? '') : '',
      ];
    }),
    'No streams.',
  );
}

/** What holds a running stream up; empty: nothing does. */
export function noteOf({ progress, status }: StreamSummary): string {
  return status === 'running' ? (progress?.note ?? '') : '';
}

/** Object and current tasks of a stream, or the unit that stopped it. */
export function whereText(stream: StreamSummary): string {
  if (stream.failedUnit !== null) return unitText(stream.failedUnit);
  const { progress } = stream;
  if (progress === null || progress.tasks.length === 0) return '';
  return [progress.object, progress.tasks.join(' + ')].filter((part) => part !== '').join(' ');
}

/** How long a stream has taken, or has taken so far; empty before it starts. */
export function streamSpan(stream: StreamSummary, now: Date): string {
  if (stream.startedAt === null) return '';
  return span((stream.endedAt ?? now).getTime() - stream.startedAt.getTime());
}

function failureBlocks(stream: StreamSummary, paint: Paint): string[] {
  const { failure, finalFailure, failedUnit, instance } = stream;
  const unit = failedUnit === null ? '' : ` in ${unitText(failedUnit)}`;
  return [
    ...(failure === null
      ? []
      : [`\n${paint.in('red', `${instance} failed${unit}`)}\n${failureText(failure)}`]),
    ...(finalFailure === null
      ? []
      : [`\n${paint.in('red', `${instance}: final failed too`)}\n${failureText(finalFailure)}`]),
  ];
}

function eventsTable(events: readonly RunEvent[]): string {
  return table(
    ['AT', 'WHAT', 'INSTANCE', 'BY', ''],
    events.map((event) => [
      moment(event.at),
      event.kind.replaceAll('_', ' '),
      event.instance ?? '',
      oneLine(event.by),
      oneLine(event.detail ?? ''),
    ]),
    '',
  );
}
