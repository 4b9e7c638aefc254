import { RESERVED_TASK_NAMES } from '../../run/unit.ts';
import type { Report } from '../problem.ts';
import type { ChunksSource, Entry, OperationSource, Partly, Path, TaskSource } from '../source.ts';
import { reportDuplicates } from './duplicates.ts';

type OperationEntry = Entry<OperationSource>;

/** Finds what is wrong with the tasks of an operation. */
export function checkTasks(entry: OperationEntry, report: Report): void {
  const tasks = entry.value.tasks ?? [];
  const uses = tasks.map((task, index) => ({
    key: task?.name,
    called: `Task "${task?.name}" of operation "${entry.value.name}"`,
    place: entry.placeOf(['tasks', index, 'name']),
  }));
  reportDuplicates(uses, 'Rename one of the two: a task is known by its name.', report);
  tasks.forEach((task, index) => {
    if (task !== undefined) checkTask(task, ['tasks', index], entry, report);
  });
}

function checkTask(
  task: Partly<TaskSource>,
  path: Path,
  entry: OperationEntry,
  report: Report,
): void {
  if (task.name !== undefined && isReserved(task.name)) {
    report(
      entry.placeOf([...path, 'name']),
      `Task name "${task.name}" is reserved for the framework. Rename the task.`,
    );
  }
  if (task.sql != null && task.procedure != null) {
    report(
      entry.placeOf([...path, 'sql']),
      `Task "${task.name}" has both "procedure" and "sql". Keep one of them, or make two tasks.`,
    );
  }
  if (task.sql != null && task.chunks != null) {
    report(
      entry.placeOf([...path, 'chunks']),
      `Task "${task.name}" is plain SQL, not cut into chunks. Use a procedure, or remove "chunks".`,
    );
  }
  if (task.done_when != null && task.sql == null) {
    report(
      entry.placeOf([...path, 'done_when']),
      `Task "${task.name}" has "done_when" without "sql". Remove it: a procedure has its record.`,
    );
  }
  if (task.chunks != null) checkChunks(task.chunks, [...path, 'chunks'], entry, report);
}

function isReserved(name: string): boolean {
  return (RESERVED_TASK_NAMES as readonly string[]).includes(name.toLowerCase());
}

function checkChunks(
  chunks: Partly<ChunksSource>,
  path: Path,
  entry: OperationEntry,
  report: Report,
): void {
  const keyParts = (['table', 'column', 'size'] as const).filter((key) => chunks[key] != null);
  if (chunks.sql != null) {
    if (keyParts.length > 0) {
      const named = keyParts.map((key) => `"${key}"`).join(', ');
      report(
        entry.placeOf([...path, 'sql']),
        `The chunks are given by "sql" and by ${named}. Keep "sql", or table, column and size.`,
      );
    }
    return;
  }
  const missing = (['table', 'column', 'size'] as const).filter((key) => chunks[key] == null);
  if (missing.length > 0) {
    const named = missing.map((key) => `"${key}"`).join(', ');
    report(
      entry.placeOf(path),
      `The chunks lack ${named}. Give table, column and size, or "sql" with a query of two columns.`,
    );
  }
  if (chunks.table === '@object' && (entry.value.objects ?? []).length === 0) {
    report(
      entry.placeOf([...path, 'table']),
      'The chunks are of "@object", but the operation has no objects. Name the table, or add "objects".',
    );
  }
}
