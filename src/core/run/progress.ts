import type { StreamProgress } from './log-records.ts';

/** How far a chunked task is. */
export interface ChunkProgress {
  readonly done: number;
  readonly total: number;
  /** From 0 to 1. */
  readonly fraction: number;
  /** Chunks a second in this attempt; null while nothing can be said. */
  readonly perSecond: number | null;
  /** Null while nothing can be said. */
  readonly leftMs: number | null;
}

/**
 * Rate and time left of a chunked task. Only what this attempt has done counts for the rate: chunks of
 * earlier attempts were not done in its time. Null where no chunked task runs.
 */
export function chunkProgress(progress: StreamProgress, now: Date): ChunkProgress | null {
  const { chunksDone, chunksTotal, chunksSince, chunksDoneThen } = progress;
  if (chunksDone === null || chunksTotal === null) return null;
  const fraction = chunksTotal === 0 ? 1 : Math.min(1, chunksDone / chunksTotal);
  const workedMs = chunksSince === null ? 0 : now.getTime() - chunksSince.getTime();
  const doneHere = chunksDone - (chunksDoneThen ?? 0);
  const known = workedMs > 0 && doneHere > 0;
  const perSecond = known ? (doneHere * 1000) / workedMs : null;
  const leftMs = known ? ((chunksTotal - chunksDone) * workedMs) / doneHere : null;
  return { done: chunksDone, total: chunksTotal, fraction, perSecond, leftMs };
}
