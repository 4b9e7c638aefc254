import type { StatementUsage } from '../../core/run/log-records.ts';

/** What dom$statement and dom$log say of the use of a statement. */
export interface UsageColumns {
  readonly workers: number | null;
  readonly redo_bytes: number | null;
  readonly undo_bytes: number | null;
}

/** What a statement has used, with what the target has to say of it. */
export function usageOf(
  { workers, redo_bytes: redoBytes, undo_bytes: undoBytes }: UsageColumns,
  remark: string | null,
): StatementUsage {
  return { parallelWorkers: workers, redoBytes, undoBytes, remark };
}
