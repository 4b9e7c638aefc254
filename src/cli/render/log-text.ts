import type { LoggedStatement, LoggedUnit } from '../../ports/run-queries.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import {
  bytes,
  clockTime,
  count,
  failureLine,
  moment,
  oneLine,
  safeText,
  span,
  unitText,
} from './words.ts';

/** The tasks of a run, a line each. */
export function unitsTable(units: readonly LoggedUnit[], paint: Paint): string {
  return table(
    [
      'STARTED',
      'INSTANCE',
      'OBJECT',
      '>ITER',
      'TASK',
      '>TRY',
      'STATUS',
      '>STMTS',
      '>ROWS',
      '>ELAPSED',
      '',
    ],
    units.map((row) => [
      moment(row.startedAt),
      row.instance,
      row.unit.object,
      String(row.unit.iteration),
      taskText(row),
      `${row.streamAttempt}.${row.try}`,
      paint.status(row.status, row.status.replaceAll('_', ' ')),
      numberText(row.statements),
      numberText(row.rows),
      row.elapsedMs === null ? '' : span(row.elapsedMs),
      remark(row),
    ]),
    'No tasks.',
  );
}

/** A unit of the log that has just come or changed, on one line. */
export function unitLine(row: LoggedUnit, paint: Paint): string {
  const facts = [
    row.rows === null ? '' : `${count(row.rows)} rows`,
    row.elapsedMs === null ? '' : span(row.elapsedMs),
    remark(row),
  ].filter((fact) => fact !== '');
  const status = paint.status(row.status, row.status.replaceAll('_', ' '));
  return [
    clockTime(row.endedAt ?? row.startedAt),
    row.instance,
    unitText(row.unit),
    status,
    facts.join(', '),
  ]
    .join('  ')
    .trimEnd();
}

/** A statement: a line of facts, its text in full, what its target says, and what it failed with. */
export function statementText(row: LoggedStatement, paint: Paint): string {
  const facts = [
    row.rows === null ? '' : `${count(row.rows)} rows`,
    row.elapsedMs === null ? '' : span(row.elapsedMs),
    row.parallelWorkers === null ? '' : `${row.parallelWorkers} parallel workers`,
    row.redoBytes === null ? '' : `redo ${bytes(row.redoBytes)}`,
    row.undoBytes === null ? '' : `undo ${bytes(row.undoBytes)}`,
  ].filter((fact) => fact !== '');
  const status = paint.status(row.status, row.status.replaceAll('_', ' '));
  const head = [
    moment(row.startedAt),
    row.instance,
    `${unitText(row.unit)}, statement ${row.seq}`,
    [status, ...facts].join(', '),
  ].join('  ');
  const text = safeText(row.text).trim().replaceAll('\n', '\n    ');
  const said = row.remark === null ? [] : [`    ${oneLine(row.remark)}`];
  const failed = row.failure === null ? [] : [`    ${paint.in('red', failureLine(row.failure))}`];
  return [head, `    ${text}`, ...said, ...failed].join('\n');
}

function taskText(row: LoggedUnit): string {
  if (row.kind === 'split') return `${row.unit.task} split`;
  return row.unit.chunk === 0 ? row.unit.task : `${row.unit.task} chunk ${row.unit.chunk}`;
}

function numberText(value: number | null): string {
  return value === null ? '' : count(value);
}

function remark(row: LoggedUnit): string {
  return row.failure === null ? oneLine(row.message ?? '') : failureLine(row.failure);
}
