import { CompiledQuery, sql } from 'kysely';
import { ADMITTED } from '../core/run/stream-status.ts';
import type { StreamJob } from '../ports/dispatcher.ts';
import type { Session } from './connection.ts';
import { lockAdmission } from './locks.ts';
import type { Repository } from './repository.ts';
import { statuses } from './run-rows.ts';

/** A job that no controller has taken for this long is lost, and is sent again. */
const JOB_LOST_AFTER_SECONDS = 60;
/** As long after a lease has expired, nobody has taken the stream over: its job is sent again. */
const TAKEOVER_LATE_AFTER_SECONDS = 30;
/** Where the definition of an instance is gone. */
const DEFAULT_INSTANCE_LIMIT = 1;

/** Executes SQL in the transaction of the admission. */
export type ExecuteSql = (
  text: string,
  values?: unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

export type SendJobs = (executeSql: ExecuteSql, jobs: readonly StreamJob[]) => Promise<void>;

/**
 * Admits waiting streams, the oldest first, as many as the limits of run, environment and instance leave
 * room for, and sends their jobs; sends lost jobs again. All in one transaction, one at a time in the whole
 * repository: that makes the limits exact. Returns how many jobs were sent.
 * @throws OdtmError REPOSITORY_UNREACHABLE
 */
export async function admitStreams(repository: Repository, send: SendJobs): Promise<number> {
  const { connection } = repository;
  if (!(await connection.run(somethingToSend))) return 0;
  return connection.transaction(async (session) => {
    await lockAdmission(session);
    const lost = await resendLost(session);
    const admitted = await markAdmitted(session, await pickWaiting(session));
    const jobs = [...lost, ...admitted];
    if (jobs.length > 0) await send(boundTo(session), jobs);
    return jobs.length;
  });
}

function boundTo(session: Session): ExecuteSql {
  return async (text, values = []) => {
    const { rows } = await session.db.executeQuery(CompiledQuery.raw(text, values));
    return { rows: [...(rows as Record<string, unknown>[])] };
  };
}

const LOST = sql`(
  (status = 'admitted'
    and sent_at < now() - make_interval(secs => ${JOB_LOST_AFTER_SECONDS}))
  or (status = 'running'
    and lease_until < now() - make_interval(secs => ${TAKEOVER_LATE_AFTER_SECONDS})
    and sent_at < now() - make_interval(secs => ${TAKEOVER_LATE_AFTER_SECONDS})))`;

/** Without the lock: mostly there is nothing, and every controller asks often. */
async function somethingToSend(session: Session): Promise<boolean> {
  const [row] = await session.query(sql<{ found: boolean }>`
    select exists (select from odtm.stream where status = 'waiting' and waiting_since <= now())
        or exists (select from odtm.stream where status in ('admitted', 'running') and ${LOST}) as found`);
  return row?.found === true;
}

function resendLost(session: Session): Promise<readonly StreamJob[]> {
  return session.query(sql<StreamJob>`
    update odtm.stream set sent_at = now()
     where id in (select id from odtm.stream
                   where status in ('admitted', 'running') and ${LOST} order by id for no key update)
    returning id::text as "streamId", run_id::text as "runId"`);
}

function markAdmitted(
  session: Session,
  streamIds: readonly string[],
): Promise<readonly StreamJob[]> {
  if (streamIds.length === 0) return Promise.resolve([]);
  return session.query(sql<StreamJob>`
    update odtm.stream set status = 'admitted', sent_at = now()
     where id = any(${[...streamIds]}::bigint[]) and status = 'waiting'
    returning id::text as "streamId", run_id::text as "runId"`);
}

interface WaitingStream {
  readonly streamId: string;
  readonly runId: string;
  readonly environment: number;
  readonly instance: string;
  readonly runLimit: number | null;
  readonly environmentLimit: number | null;
  readonly instanceLimit: number;
}

function readWaiting(session: Session): Promise<readonly WaitingStream[]> {
  return session.query(sql<WaitingStream>`
    select s.id::text as "streamId", s.run_id::text as "runId", r.environment_id as environment, s.instance,
           r.max_streams as "runLimit", e.max_streams as "environmentLimit",
           coalesce(i.max_streams, ${DEFAULT_INSTANCE_LIMIT}) as "instanceLimit"
      from odtm.stream s
      join odtm.run r on r.id = s.run_id
      left join odtm.environment e on e.id = r.environment_id
      left join odtm.instance i on i.name = s.instance
     where s.status = 'waiting' and s.waiting_since <= now()
     order by s.waiting_since, s.id`);
}

interface AdmittedStream {
  readonly runId: string;
  readonly environment: number;
  readonly instance: string;
}

function readAdmitted(session: Session): Promise<readonly AdmittedStream[]> {
  return session.query(sql<AdmittedStream>`
    select s.run_id::text as "runId", r.environment_id as environment, s.instance
      from odtm.stream s join odtm.run r on r.id = s.run_id
     where s.status = ${statuses(ADMITTED)}`);
}

/** The oldest waiting streams that fit, counting those that are picked before them. */
async function pickWaiting(session: Session): Promise<readonly string[]> {
  const places = new Places();
  for (const stream of await readAdmitted(session)) places.take(stream);
  const picked: string[] = [];
  for (const stream of await readWaiting(session)) {
    if (!places.hasRoomFor(stream)) continue;
    places.take(stream);
    picked.push(stream.streamId);
  }
  return picked;
}

/** How many places of each limit are taken. */
class Places {
  private readonly taken = new Map<string, number>();

  take(stream: AdmittedStream): void {
    for (const key of placesOf(stream)) this.taken.set(key, this.count(key) + 1);
  }

  hasRoomFor(stream: WaitingStream): boolean {
    const [run, environment, instance] = placesOf(stream);
    return (
      this.count(run) < (stream.runLimit ?? Number.POSITIVE_INFINITY) &&
      this.count(environment) < (stream.environmentLimit ?? Number.POSITIVE_INFINITY) &&
      this.count(instance) < stream.instanceLimit
    );
  }

  private count(key: string): number {
    return this.taken.get(key) ?? 0;
  }
}

function placesOf({ runId, environment, instance }: AdmittedStream): [string, string, string] {
  return [`run ${runId}`, `environment ${environment}`, `instance ${instance}`];
}
