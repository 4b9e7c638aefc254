import { type RawBuilder, sql } from 'kysely';
import type { Session } from './connection.ts';

/** Moves of streams that no controller drives. Their rows are locked by the caller's transaction. */

/**
 * Streams wait for a controller. Of a running stream this is right only when its lease has expired: without
 * its token the controller that had it can write no more.
 */
export async function makeWait(session: Session, streamIds: readonly string[]): Promise<void> {
  await session.query(sql`
    update odtm.stream
       set status = 'waiting', message = null, waiting_since = now(), away_since = null, sent_at = null,
           ended_at = null,
           failed_unit = null, failure = null, final_failure = null, ${RELEASED}
     where id = any(${[...streamIds]}::bigint[]) and status <> 'waiting'`);
}

const NO_FINAL = 'cancelled without its final: what initial switched off may still be off';

/** Streams stop at once, as nobody is there who could acknowledge it. */
export async function stopAtOnce(
  session: Session,
  streamIds: readonly string[],
  status: 'halted' | 'cancelled',
): Promise<void> {
  const message = `${status} while no controller drove it`;
  const isOver = status === 'cancelled';
  await session.query(sql`
    update odtm.stream
       set status = ${status}, sent_at = null,
           message = case when ${isOver} and final_due then ${NO_FINAL} else ${message} end,
           final_due = final_due and not ${isOver},
           ended_at = coalesce(ended_at, clock_timestamp()),
           ${RELEASED}
     where id = any(${[...streamIds]}::bigint[])`);
}

/**
 * What a stream has worked with its last attempt, which counts up to its last sign of life. A clock that is
 * set back takes nothing away.
 */
export const WORKED_UP_TO_LAST_SIGN = workedUpTo(sql`renewed_at`);

/** As above, up to a moment that the expression tells. */
export function workedUpTo(moment: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`worked_ms + greatest(0, extract(epoch from ${moment} - attempt_started_at) * 1000)`;
}

/** The lease is gone. */
const RELEASED = sql`
  worked_ms = ${WORKED_UP_TO_LAST_SIGN},
  token = null, controller_id = null, lease_until = null, renewed_at = null, attempt_started_at = null`;
