import { sql } from 'kysely';
import { odtmError } from '../core/errors/catalogue.ts';
import { ACTIVE, FINAL, type StreamStatus, type Wish } from '../core/run/stream-status.ts';
import type { Session } from './connection.ts';
import { notifyWake, notifyWish } from './notify.ts';
import { insertRunEvent } from './run-events.ts';
import { controllerAlive, endRunWithLastStream, lockRun } from './run-rows.ts';
import { makeWait, stopAtOnce } from './stream-moves.ts';

interface UnfinishedStream {
  readonly streamId: string;
  readonly status: StreamStatus;
  readonly leaseLive: boolean;
  readonly finalDue: boolean;
}

/** Writes a wish; streams that no controller drives follow it at once. Inside one transaction. */
export async function wishOf(
  session: Session,
  runId: string,
  wish: Exclude<Wish, 'none'>,
  by: string,
): Promise<void> {
  const run = await lockRun(session, runId);
  if (run === null) throw odtmError('RUN_UNKNOWN', { run: runId });
  if (run.endedAt !== null) {
    throw odtmError('RUN_ENDED', { run: runId, status: await statusOf(session, runId) });
  }
  await session.query(sql`update odtm.run set wish = ${wish} where id = ${runId}`);
  await insertRunEvent(session, { runId, kind: wish, by });
  const streams = (await lockUnfinished(session, runId)).filter(({ leaseLive }) => !leaseLive);
  if (wish === 'cancel') await cancelUndriven(session, streams);
  else await haltUndriven(session, streams);
  await endRunWithLastStream(session, run);
  await notifyWish(session, runId);
  await notifyWake(session);
}

function lockUnfinished(session: Session, runId: string): Promise<readonly UnfinishedStream[]> {
  return session.query(sql<UnfinishedStream>`
    select id::text as "streamId", status, final_due as "finalDue",
           coalesce(lease_until > clock_timestamp(), false) as "leaseLive"
      from odtm.stream
     where run_id = ${runId} and status <> all(${[...FINAL]}::text[])
     order by id for no key update`);
}

/** A stream with a final still due goes to a controller once more, which runs it and then cancels. */
async function cancelUndriven(
  session: Session,
  streams: readonly UnfinishedStream[],
): Promise<void> {
  const isSent = ({ status }: UnfinishedStream) => status === 'waiting' || status === 'admitted';
  const owing = streams.filter(({ finalDue }) => finalDue);
  await makeWait(session, idsOf(owing.filter((stream) => !isSent(stream))));
  await stopAtOnce(session, idsOf(streams.filter(({ finalDue }) => !finalDue)), 'cancelled');
}

/**
 * A stream with a final still due is left to a controller, if one is alive: it runs the final, so that what
 * `initial` switched off is on again. With none alive the next start begins with `initial` anyway.
 */
async function haltUndriven(session: Session, streams: readonly UnfinishedStream[]): Promise<void> {
  const alive = await controllerAlive(session);
  const active = streams.filter(({ status }) => ACTIVE.includes(status));
  const stopped = active.filter(({ finalDue }) => !(finalDue && alive));
  await stopAtOnce(session, idsOf(stopped), 'halted');
}

function idsOf(streams: readonly UnfinishedStream[]): string[] {
  return streams.map(({ streamId }) => streamId);
}

async function statusOf(session: Session, runId: string): Promise<string> {
  const [row] = await session.query<{ status: string }>(
    sql`select status from odtm.run_status where run_id = ${runId}`,
  );
  return row?.status ?? 'ended';
}
