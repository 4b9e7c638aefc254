import { sql } from 'kysely';
import type { Session } from './connection.ts';

/** There may be something to admit: a stream waits, or a limit has room again. */
const WAKE = 'odtm_wake';
/** A person has asked something of a run; the payload is its id. */
const WISH = 'odtm_wish';

/** Told when the transaction commits. Notifications only shorten waiting: nothing depends on them. */
export async function notifyWake(session: Session): Promise<void> {
  await session.query(sql`select pg_notify(${WAKE}, '')`);
}

export async function notifyWish(session: Session, runId: string): Promise<void> {
  await session.query(sql`select pg_notify(${WISH}, ${runId})`);
}
