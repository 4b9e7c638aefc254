import { sql } from 'kysely';
import type { Lease } from '../ports/repository.ts';
import type { Session } from './connection.ts';

/** Locks that last until the end of the transaction, each named by a text. */

/** Nobody applies definitions while a run is being started from them. */
const DEFINITIONS = 'odtm definitions';
/** One admission at a time: what makes the limits exact. */
const ADMISSION = 'odtm admission';

async function lock(session: Session, name: string): Promise<void> {
  await session.query(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}

export function lockAdmission(session: Session): Promise<void> {
  return lock(session, ADMISSION);
}

export function lockDefinitions(session: Session): Promise<void> {
  return lock(session, DEFINITIONS);
}

export async function shareDefinitions(session: Session): Promise<void> {
  await session.query(
    sql`select pg_advisory_xact_lock_shared(hashtextextended(${DEFINITIONS}, 0))`,
  );
}

/** One start at a time of an operation in an environment. */
export function lockStart(session: Session, operation: number, environment: number): Promise<void> {
  return lock(session, `odtm start ${operation} ${environment}`);
}

/**
 * Whoever changes the log of runs holds these until it commits, so that positions in a run's log become
 * visible in their order and a follower misses none. Taken in the order of their keys: no deadlock.
 */
export async function lockLogsOf(session: Session, leases: readonly Lease[]): Promise<void> {
  const ids = leases.map(({ streamId }) => streamId);
  await session.query(sql`
    select pg_advisory_xact_lock(key)
      from (select distinct hashtextextended('odtm log ' || run_id, 0) as key
              from odtm.stream where id = any(${ids}::bigint[]) order by key) keys`);
}
