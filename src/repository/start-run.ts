import { sql } from 'kysely';
import { odtmError } from '../core/errors/catalogue.ts';
import type { StreamPlan } from '../core/run/stream-plan.ts';
import type { StartedRun, StartRequest } from '../ports/repository.ts';
import type { Session } from './connection.ts';
import { lockStart, shareDefinitions } from './locks.ts';
import { notifyWake } from './notify.ts';
import { restartRun } from './restart-run.ts';
import { insertRunEvent } from './run-events.ts';
import { endRunWithLastStream, lockUnfinishedRun } from './run-rows.ts';
import { safeJson } from './safe-text.ts';

/** A new run where the last one has ended, or the unfinished one again. Inside one transaction. */
export async function startRun(session: Session, request: StartRequest): Promise<StartedRun> {
  await shareDefinitions(session);
  await lockStart(session, request.operation.id, request.environment.id);
  await refuseRemovedDefinitions(session, request);
  const started = await startOrRestart(session, request);
  await notifyWake(session);
  return started;
}

/** A preview changes nothing: it neither waits for an unfinished run nor goes on with one. */
async function startOrRestart(session: Session, request: StartRequest): Promise<StartedRun> {
  const { operation, environment, preview } = request;
  const unfinished =
    preview === null ? await lockUnfinishedRun(session, operation.id, environment.id) : null;
  if (unfinished === null || (await endRunWithLastStream(session, unfinished))) {
    return newRun(session, request);
  }
  return restartRun(session, request, unfinished);
}

interface Missing {
  readonly operation: boolean;
  readonly environment: boolean;
  readonly instance: string | null;
  readonly environments: string | null;
}

/** The definitions may have been applied again since the plans were made from them. */
async function refuseRemovedDefinitions(session: Session, request: StartRequest): Promise<void> {
  const { operation, environment } = request;
  const names = request.plans.map(({ instance }) => instance);
  const [missing] = await session.query(sql<Missing>`
    select not exists (select from odtm.operation where id = ${operation.id}) as operation,
           not exists (select from odtm.environment where id = ${environment.id}) as environment,
           (select min(n) from unnest(${names}::text[]) n
             where not exists (select from odtm.instance where name = n)) as instance,
           (select string_agg(code, ', ' order by id) from odtm.environment) as environments`);
  if (missing === undefined) return;
  if (missing.operation) throw odtmError('OPERATION_UNKNOWN', { operation: operation.name });
  if (missing.environment) {
    throw odtmError('ENVIRONMENT_UNKNOWN', {
      environment: environment.code,
      known: missing.environments ?? 'none',
    });
  }
  if (missing.instance !== null) {
    throw odtmError('INSTANCE_NOT_IN_RUN', {
      instance: missing.instance,
      reason: 'its definition has been removed',
      known: names.filter((name) => name !== missing.instance).join(', ') || 'none',
    });
  }
}

async function newRun(session: Session, request: StartRequest): Promise<StartedRun> {
  const plans = wantedPlans(request);
  const { operation, environment } = request;
  const [run] = await session.query(sql<{ runId: string }>`
    insert into odtm.run (operation_id, operation_name, environment_id, environment_code, variant, preview,
                          max_streams, started_by)
    values (${operation.id}, ${operation.name}, ${environment.id}, ${environment.code}, ${request.variant},
            ${request.preview}, ${request.maxStreams}, ${request.by})
    returning id::text as "runId"`);
  const runId = run?.runId ?? '';
  await insertStreams(session, runId, plans, request.acceptDrift);
  const detail = request.preview === null ? null : `preview: ${request.preview}`;
  await insertRunEvent(session, { runId, kind: 'started', by: request.by, detail });
  return {
    runId,
    kind: 'started',
    instances: plans.map(({ instance }) => instance),
    packageChanged: [],
  };
}

/** The plans of the instances that were asked for; at least one. */
function wantedPlans({ plans, onlyInstances, operation, environment }: StartRequest) {
  const known = plans.map(({ instance }) => instance).join(', ') || 'none';
  const unknown = onlyInstances?.find((name) => !plans.some(({ instance }) => instance === name));
  if (unknown !== undefined) {
    const reason = 'the operation does not run there';
    throw odtmError('INSTANCE_NOT_IN_RUN', { instance: unknown, reason, known });
  }
  const wanted = plans.filter(({ instance }) => onlyInstances?.includes(instance) ?? true);
  if (wanted.length > 0) return wanted;
  throw odtmError('NOTHING_TO_RUN_ON', {
    operation: operation.name,
    environment: environment.code,
    reasons: 'no instance was given',
  });
}

async function insertStreams(
  session: Session,
  runId: string,
  plans: readonly StreamPlan[],
  acceptDrift: boolean,
): Promise<void> {
  await session.query(sql`
    insert into odtm.stream (run_id, instance, engine, plan, package_name, package_sha256, accept_drift)
    select ${runId}, plan ->> 'instance', plan ->> 'engine', plan,
           plan #>> '{package,name}', plan #>> '{package,sha256}', ${acceptDrift}
      from jsonb_array_elements(${safeJson(plans)}::jsonb) with ordinality as p (plan, n)
     order by n`);
}
