import { type RawBuilder, sql } from 'kysely';
import { CONTROLLER_ALIVE_MS } from '../core/run/controller-life.ts';
import { FINAL, type StreamStatus, type Wish } from '../core/run/stream-status.ts';
import type { Session } from './connection.ts';

/** A run as it is locked by whoever moves its streams. */
export interface LockedRun {
  readonly runId: string;
  readonly variant: string | null;
  readonly preview: boolean;
  readonly wish: Wish;
  readonly endedAt: Date | null;
}

const RUN = sql`id::text as "runId", variant, preview is not null as preview, wish, ended_at as "endedAt"`;

/** The statuses, as the array that a condition compares with. */
export function statuses(list: readonly StreamStatus[]): RawBuilder<unknown> {
  return sql`any(${[...list]}::text[])`;
}

/** Run ids come from persons as text; what is no number names no run. */
export function runKey(runId: string): string | null {
  return /^\d{1,18}$/.test(runId) ? runId : null;
}

export async function lockRun(session: Session, runId: string): Promise<LockedRun | null> {
  const [run] = await session.query(
    sql<LockedRun>`select ${RUN} from odtm.run where id = ${runKey(runId)} for no key update`,
  );
  return run ?? null;
}

/** The unfinished run of an operation in an environment; the unique index says that there is one at most. */
export async function lockUnfinishedRun(
  session: Session,
  operation: number,
  environment: number,
): Promise<LockedRun | null> {
  const [run] = await session.query(sql<LockedRun>`
    select ${RUN} from odtm.run
     where operation_id = ${operation} and environment_id = ${environment}
       and ended_at is null and preview is null
       for no key update`);
  return run ?? null;
}

export async function controllerAlive(session: Session): Promise<boolean> {
  const [row] = await session.query(sql<{ alive: boolean }>`
    select exists (select from odtm.controller
                    where last_beat_at > now() - make_interval(secs => ${CONTROLLER_ALIVE_MS / 1000}))
        as alive`);
  return row?.alive === true;
}

/**
 * Ends a locked run with its last stream: when all are over for good or, of a preview, when none is active.
 * True: it has ended.
 */
export async function endRunWithLastStream(session: Session, run: LockedRun): Promise<boolean> {
  const open = run.preview ? sql`ended_at is null` : sql`status <> all(${[...FINAL]}::text[])`;
  const ended = await session.count(sql`
    update odtm.run set ended_at = greatest(started_at, clock_timestamp())
     where id = ${run.runId} and ended_at is null
       and not exists (select from odtm.stream where run_id = ${run.runId} and ${open})`);
  return ended > 0;
}
