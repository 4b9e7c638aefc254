import { sql } from 'kysely';
import { odtmError } from '../core/errors/catalogue.ts';
import type { StreamPlan } from '../core/run/stream-plan.ts';
import { ACTIVE, FINAL, type StreamStatus } from '../core/run/stream-status.ts';
import type { StartedRun, StartRequest } from '../ports/repository.ts';
import type { Session } from './connection.ts';
import { insertRunEvent } from './run-events.ts';
import { controllerAlive, type LockedRun } from './run-rows.ts';
import { safeJson } from './safe-text.ts';
import { makeWait } from './stream-moves.ts';

interface LockedStream {
  readonly streamId: string;
  readonly instance: string;
  readonly status: StreamStatus;
  readonly leaseLive: boolean;
  readonly package: StreamPlan['package'];
}

/** The unfinished run goes on: its unfinished streams wait again, with their newer plans. */
export async function restartRun(
  session: Session,
  request: StartRequest,
  run: LockedRun,
): Promise<StartedRun> {
  refuseOtherVariant(request, run);
  const streams = await lockStreams(session, run.runId);
  await refuseLive(session, request, run, streams);
  refuseCancelling(request, run, streams);
  const restarted = wantedStreams(request, streams);
  await writeRestart(session, request, run, restarted);
  const changed = restarted.filter(packageChanges).map(({ stream }) => stream.instance);
  await insertEvents(session, request, run, restarted);
  return {
    runId: run.runId,
    kind: 'restarted',
    instances: restarted.map(({ stream }) => stream.instance),
    packageChanged: changed,
  };
}

function refuseOtherVariant({ operation, environment, variant }: StartRequest, run: LockedRun) {
  if (run.variant === variant) return;
  throw odtmError('VARIANT_OF_UNFINISHED_RUN', {
    run: run.runId,
    operation: operation.name,
    environment: environment.code,
    variant: run.variant ?? 'none',
  });
}

/** A cancel that is under way is not undone by starting again; one whose final has failed is. */
function refuseCancelling(
  { operation, environment }: StartRequest,
  run: LockedRun,
  streams: readonly LockedStream[],
) {
  const underWay = streams.some(({ status }) => ACTIVE.includes(status));
  if (run.wish !== 'cancel' || !underWay) return;
  throw odtmError('RUN_CANCELLING', {
    run: run.runId,
    operation: operation.name,
    environment: environment.code,
  });
}

function lockStreams(session: Session, runId: string): Promise<readonly LockedStream[]> {
  return session.query(sql<LockedStream>`
    select id::text as "streamId", instance, status, coalesce(lease_until > clock_timestamp(), false)
             as "leaseLive", plan -> 'package' as package
      from odtm.stream where run_id = ${runId} order by id for no key update`);
}

/** Somebody drives a stream, or will: it is under a lease, or waits while a controller is alive. */
async function refuseLive(
  session: Session,
  { operation, environment }: StartRequest,
  run: LockedRun,
  streams: readonly LockedStream[],
): Promise<void> {
  const waits = streams.some(({ status }) => ACTIVE.includes(status) && status !== 'running');
  const live = streams.some(({ leaseLive }) => leaseLive);
  if (!live && !(waits && (await controllerAlive(session)))) return;
  throw odtmError('RUN_ALREADY_RUNNING', {
    operation: operation.name,
    environment: environment.code,
    run: run.runId,
  });
}

interface Restarted {
  readonly stream: LockedStream;
  readonly plan: StreamPlan;
}

/** Streams that go on, with the plans that they take. */
function wantedStreams(request: StartRequest, streams: readonly LockedStream[]): Restarted[] {
  const unfinished = streams.filter(({ status }) => !FINAL.includes(status));
  const plans = new Map(request.plans.map((plan) => [plan.instance, plan]));
  for (const name of request.onlyInstances ?? []) refuseAbsent(name, streams, unfinished, plans);
  const wanted = unfinished.flatMap((stream) => {
    const plan = plans.get(stream.instance);
    const asked = request.onlyInstances?.includes(stream.instance) ?? true;
    if (plan === undefined || !asked) return [];
    return [{ stream, plan: request.keepPackage ? { ...plan, package: stream.package } : plan }];
  });
  const [first] = unfinished;
  if (wanted.length === 0 && first !== undefined) {
    throw notInRun(first.instance, 'the operation is disabled there now', []);
  }
  return wanted;
}

function refuseAbsent(
  name: string,
  streams: readonly LockedStream[],
  unfinished: readonly LockedStream[],
  plans: ReadonlyMap<string, StreamPlan>,
): void {
  const status = streams.find(({ instance }) => instance === name)?.status;
  if (status === undefined) throw notInRun(name, 'the unfinished run has no stream', unfinished);
  if (FINAL.includes(status)) throw notInRun(name, `its stream is ${status}`, unfinished);
  if (!plans.has(name)) throw notInRun(name, 'the operation is disabled there now', unfinished);
}

function notInRun(instance: string, reason: string, unfinished: readonly LockedStream[]): Error {
  const known = unfinished.map((stream) => stream.instance).filter((name) => name !== instance);
  return odtmError('INSTANCE_NOT_IN_RUN', { instance, reason, known: known.join(', ') || 'none' });
}

async function writeRestart(
  session: Session,
  request: StartRequest,
  run: LockedRun,
  restarted: readonly Restarted[],
): Promise<void> {
  await session.query(sql`
    update odtm.run set wish = 'none', max_streams = ${request.maxStreams} where id = ${run.runId}`);
  await makeWait(
    session,
    restarted.map(({ stream }) => stream.streamId),
  );
  await writePlans(session, restarted, request.acceptDrift);
}

/** The new plans. A person has asked to go on: the maximum duration counts from here. */
async function writePlans(
  session: Session,
  restarted: readonly Restarted[],
  acceptDrift: boolean,
): Promise<void> {
  const plans = restarted.map(({ stream, plan }) => ({ stream_id: stream.streamId, plan }));
  await session.query(sql`
    update odtm.stream s
       set plan = p.plan, engine = p.plan ->> 'engine', package_name = p.plan #>> '{package,name}',
           package_sha256 = p.plan #>> '{package,sha256}', accept_drift = ${acceptDrift},
           worked_ms = 0
      from jsonb_to_recordset(${safeJson(plans)}::jsonb) as p (stream_id bigint, plan jsonb)
     where s.id = p.stream_id`);
}

function packageChanges({ stream, plan }: Restarted): boolean {
  return stream.package.sha256 !== plan.package.sha256;
}

async function insertEvents(
  session: Session,
  request: StartRequest,
  { runId }: LockedRun,
  restarted: readonly Restarted[],
): Promise<void> {
  const { by } = request;
  const detail = restarted.map(({ stream }) => stream.instance).join(', ');
  await insertRunEvent(session, { runId, kind: 'restarted', by, detail });
  for (const { stream, plan } of restarted.filter(packageChanges)) {
    const versions = `${stream.package.sha256.slice(0, 12)} → ${plan.package.sha256.slice(0, 12)}`;
    const { instance } = stream;
    await insertRunEvent(session, {
      runId,
      instance,
      kind: 'package_changed',
      by,
      detail: versions,
    });
  }
}
