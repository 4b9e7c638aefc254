import { sql } from 'kysely';
import type { Wish } from '../core/run/stream-status.ts';
import type { Lease, StreamEnd } from '../ports/repository.ts';
import type { Session } from './connection.ts';
import { notifyWake } from './notify.ts';
import { insertRunEvent } from './run-events.ts';
import { endRunWithLastStream, lockRun } from './run-rows.ts';
import { safeJsonOrNull, safeText } from './safe-text.ts';
import { workedUpTo } from './stream-moves.ts';

/** Ends an attempt, and the run with its last stream. Inside one transaction. False: the lease is lost. */
export async function endStream(session: Session, lease: Lease, end: StreamEnd): Promise<boolean> {
  const runId = await runOf(session, lease);
  const run = runId === null ? null : await lockRun(session, runId);
  if (run === null) return false;
  const written = await session.count(releaseLease(lease, asWished(end, run.wish)));
  if (written === 0) return false;
  if (await endRunWithLastStream(session, run)) {
    await insertRunEvent(session, { runId: run.runId, kind: 'ended', by: 'odtm' });
  }
  await notifyWake(session);
  return true;
}

async function runOf(session: Session, { streamId, token }: Lease): Promise<string | null> {
  const [row] = await session.query(sql<{ runId: string }>`
    select run_id::text as "runId" from odtm.stream where id = ${streamId} and token = ${token}`);
  return row?.runId ?? null;
}

/**
 * A stream that is handed back while a wish is open, and that owes no final, need not go to a controller
 * again only to stop there.
 */
function asWished(end: StreamEnd, wish: Wish): StreamEnd {
  if (end.status !== 'waiting' || end.finalDue || wish === 'none') return end;
  return { ...end, status: wish === 'cancel' ? 'cancelled' : 'halted' };
}

/** A stream whose target is away goes to the end of the queue, to come back after a while. */
function placeInQueue({ awayRetryMs }: StreamEnd) {
  if (awayRetryMs === undefined) return sql`away_since = null`;
  return sql`
           away_since = coalesce(away_since, attempt_started_at),
           waiting_since = clock_timestamp() + make_interval(secs => ${awayRetryMs / 1000})`;
}

function releaseLease({ streamId, token }: Lease, end: StreamEnd) {
  const waits = end.status === 'waiting';
  return sql`
    update odtm.stream
       set status = ${end.status}, message = ${end.message === null ? null : safeText(end.message)},
           failed_unit = ${safeJsonOrNull(end.failedUnit)}::jsonb,
           failure = ${safeJsonOrNull(end.failure)}::jsonb,
           final_failure = ${safeJsonOrNull(end.finalFailure)}::jsonb,
           final_due = ${end.finalDue},
           worked_ms = ${workedUpTo(sql`clock_timestamp()`)},
           token = null, controller_id = null, lease_until = null, renewed_at = null,
           ${placeInQueue(end)},
           attempt_started_at = null, sent_at = null,
           ended_at = ${waits ? sql`null` : sql`clock_timestamp()`}
     where id = ${streamId} and token = ${token}`;
}
