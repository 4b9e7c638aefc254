import { sql } from 'kysely';
import type { Session } from './connection.ts';

/** Runs that ended before a moment and whose log is still there, the oldest first. */
export async function runsToPrune(session: Session, endedBefore: Date): Promise<readonly string[]> {
  const rows = await session.query(sql<{ runId: string }>`
    select id::text as "runId" from odtm.run
     where ended_at < ${endedBefore} and log_pruned_at is null order by id`);
  return rows.map(({ runId }) => runId);
}

/** Deletes the log of a run that has ended. Inside one transaction. */
export async function pruneRun(
  session: Session,
  runId: string,
): Promise<{ readonly units: number; readonly statements: number }> {
  await session.query(
    sql`update odtm.run set log_pruned_at = greatest(ended_at, clock_timestamp()) where id = ${runId}`,
  );
  const statements = await session.count(
    sql`delete from odtm.statement_log where run_id = ${runId}`,
  );
  const units = await session.count(sql`delete from odtm.unit_log where run_id = ${runId}`);
  return { units, statements };
}
