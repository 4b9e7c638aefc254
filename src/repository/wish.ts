import { sql } from 'kysely';
import { odtmError } from '../core/errors/catalogue.ts';
import { ACTIVE, FINAL, type StreamStatus, WISHES, type Wish } from '../core/run/stream-status.ts';
import type { Session } from './connection.ts';
import { notifyWake, notifyWish } from './notify.ts';
import { insertRunEvent, type RunEventKind } from './run-events.ts';
import { controllerAlive, endRunWithLastStream, lockRun } from './run-rows.ts';
import { makeWait, stopAtOnce } from './stream-moves.ts';

interface UnfinishedStream {
  readonly streamId: string;
  readonly status: StreamStatus;
  readonly leaseLive: boolean;
  readonly finalDue: boolean;
}

type Wished = Exclude<Wish, 'none'>;

/** Wishes only grow: a halt does not take back a cancel, nor a graceful one that of running statements. */
function stronger(old: Wish, asked: Wished): Wished {
  return old !== 'none' && WISHES.indexOf(old) > WISHES.indexOf(asked) ? old : asked;
}

/** Writes a wish; streams that no controller drives follow it at once. Inside one transaction. */
export function wishOf(session: Session, runId: string, asked: Wished, by: string): Promise<void> {
  return writeWish(session, { runId, asked, event: asked, by }, (wish, streams) =>
    wish === 'cancel' ? cancelUndriven(session, streams) : haltUndriven(session, streams),
  );
}

/** A cancel that leaves out what undriven streams still owe of final. Inside one transaction. */
export function cancelWithoutFinal(session: Session, runId: string, by: string): Promise<void> {
  const wished: WishWriting = { runId, asked: 'cancel', event: 'cancel_without_final', by };
  return writeWish(session, wished, (_, streams) =>
    stopAtOnce(session, idsOf(streams), 'cancelled'),
  );
}

interface WishWriting {
  readonly runId: string;
  readonly asked: Wished;
  /** What is noted among the events of the run. */
  readonly event: RunEventKind;
  readonly by: string;
}

async function writeWish(
  session: Session,
  { runId, asked, event, by }: WishWriting,
  followAtOnce: (wish: Wished, undriven: readonly UnfinishedStream[]) => Promise<void>,
): Promise<void> {
  const run = await lockRun(session, runId);
  if (run === null) throw odtmError('RUN_UNKNOWN', { run: runId });
  if (run.endedAt !== null) {
    throw odtmError('RUN_ENDED', { run: runId, status: await statusOf(session, runId) });
  }
  const wish = stronger(run.wish, asked);
  await session.query(sql`update odtm.run set wish = ${wish} where id = ${runId}`);
  await insertRunEvent(session, { runId, kind: event, by });
  const streams = (await lockUnfinished(session, runId)).filter(({ leaseLive }) => !leaseLive);
  await followAtOnce(wish, streams);
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
