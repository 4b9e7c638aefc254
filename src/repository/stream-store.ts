import { sql } from 'kysely';
import type { Wish } from '../core/run/stream-status.ts';
import type {
  AcquiredStream,
  Lease,
  LogBatch,
  RenewedLease,
  StreamDecision,
  StreamEnd,
  StreamStore,
} from '../ports/repository.ts';
import type { Connection, Session } from './connection.ts';
import { settleLog, writeLog } from './log-write.ts';
import { insertRunEvent } from './run-events.ts';
import { endStream } from './stream-end.ts';
import { WORKED_UP_TO_LAST_SIGN } from './stream-moves.ts';

type AcquiredRow = Omit<AcquiredStream, 'decisions'> & { readonly takenOver: boolean };

/** What controllers do with streams. Everything after `acquire` is conditional on the lease's token. */
export class PostgresStreamStore implements StreamStore {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  acquire(streamId: string, controllerId: string, leaseMs: number): Promise<AcquiredStream | null> {
    return this.connection.transaction(async (session) => {
      const [acquired] = await session.query(takeLease(streamId, controllerId, leaseMs));
      if (acquired === undefined) return null;
      const { takenOver, ...stream } = acquired;
      if (takenOver) {
        const { runId, plan, attempt } = stream;
        const detail = `attempt ${attempt}; the lease of the one before had expired`;
        const { instance } = plan;
        await insertRunEvent(session, {
          runId,
          instance,
          kind: 'taken_over',
          by: controllerId,
          detail,
        });
      }
      return { ...stream, decisions: await giveDecisions(session, streamId, stream.attempt) };
    });
  }

  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly RenewedLease[]> {
    if (leases.length === 0) return Promise.resolve([]);
    return this.connection.query(renewLeases(leases, leaseMs));
  }

  write(batches: readonly LogBatch[]): Promise<ReadonlySet<string>> {
    if (batches.length === 0) return Promise.resolve(new Set());
    return this.connection.transaction((session) => writeLog(session, batches));
  }

  settle(lease: Lease, attempt: number): Promise<boolean> {
    return this.connection.transaction((session) => settleLog(session, lease, attempt));
  }

  end(lease: Lease, end: StreamEnd): Promise<boolean> {
    return this.connection.transaction((session) => endStream(session, lease, end));
  }

  async over(handles: readonly string[]): Promise<readonly string[]> {
    const rows = await this.connection.query(sql<{ handle: string }>`
      select handle from odtm.stream
       where handle = any(${[...handles]}::text[]) and status in ('completed', 'cancelled')
       order by handle`);
    return rows.map(({ handle }) => handle);
  }
}

/**
 * One conditional update: of several controllers that try, the server lets one through. That a final may be
 * due is noted before the stream is handed out, so that it stays so after a crash; the answer has what was
 * known before.
 */
function takeLease(streamId: string, controllerId: string, leaseMs: number) {
  return sql<AcquiredRow>`
    with before as (
      select id, status, final_due from odtm.stream
       where id = ${streamId}
         and (status = 'admitted' or (status = 'running' and lease_until < clock_timestamp()))
         for no key update),
    taken as (
      update odtm.stream s
         set status = 'running', attempt = attempt + 1, token = gen_random_uuid(),
             controller_id = ${controllerId}, final_due = true, worked_ms = ${WORKED_UP_TO_LAST_SIGN},
             lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}),
             renewed_at = clock_timestamp(), attempt_started_at = clock_timestamp(),
             started_at = coalesce(started_at, clock_timestamp())
        from (select id as before_id, status = 'running' as taken_over, final_due as final_was_due
                from before) b
       where s.id = b.before_id
      returning s.*, b.taken_over, b.final_was_due)
    select t.id::text as "streamId", t.run_id::text as "runId", t.handle, t.token::text as token, t.attempt,
           t.plan, r.preview, t.accept_drift as "acceptDrift", r.wish, t.final_was_due as "finalDue",
           t.worked_ms as "workedMs",
           coalesce(extract(epoch from clock_timestamp() - t.away_since)::float8 * 1000, 0) as "awayMs",
           coalesce((t.progress ->> 'rows')::float8, 0) as "rowsBefore", t.taken_over as "takenOver"
      from taken t join odtm.run r on r.id = t.run_id`;
}

function giveDecisions(
  session: Session,
  streamId: string,
  attempt: number,
): Promise<readonly StreamDecision[]> {
  return session.query(sql<StreamDecision>`
    update odtm.stream_decision set given_attempt = ${attempt}
     where stream_id = ${streamId} and delivered_at is null
    returning unit, outcome, reason`);
}

/**
 * Rows are locked in the order of their ids first, as the log's writer does: no deadlock between the two.
 * A lease that has expired is renewed too while its token still stands: nobody has taken the stream.
 */
function renewLeases(leases: readonly Lease[], leaseMs: number) {
  const ids = leases.map(({ streamId }) => streamId);
  const tokens = leases.map(({ token }) => token);
  return sql<{ streamId: string; token: string; wish: Wish }>`
    with held as (
      select s.id
        from odtm.stream s
        join unnest(${ids}::bigint[], ${tokens}::uuid[]) as l (id, token)
          on s.id = l.id and s.token = l.token
       order by s.id for no key update of s),
    renewed as (
      update odtm.stream s
         set lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}),
             renewed_at = clock_timestamp()
        from held h where s.id = h.id
      returning s.id, s.run_id, s.token)
    select n.id::text as "streamId", n.token::text as token, r.wish
      from renewed n join odtm.run r on r.id = n.run_id`;
}
