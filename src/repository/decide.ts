import { sql } from 'kysely';
import { odtmError } from '../core/errors/catalogue.ts';
import type { StreamStatus } from '../core/run/stream-status.ts';
import { RESERVED_TASK_NAMES, type UnitKey } from '../core/run/unit.ts';
import type { UnitDecision } from '../ports/target.ts';
import type { Session } from './connection.ts';
import { insertRunEvent } from './run-events.ts';
import { lockRun } from './run-rows.ts';
import { safeJson, safeText } from './safe-text.ts';

interface StoppedStream {
  readonly streamId: string;
  readonly status: StreamStatus;
  readonly failedUnit: UnitKey | null;
}

/** Records what a person decided about the unit that stopped a stream. Inside one transaction. */
export async function decideUnit(
  session: Session,
  runId: string,
  instance: string,
  decision: UnitDecision,
  by: string,
): Promise<UnitKey> {
  if ((await lockRun(session, runId)) === null) throw odtmError('RUN_UNKNOWN', { run: runId });
  const stream = await lockStream(session, runId, instance);
  const unit = stream.failedUnit;
  const reason = refusal(stream, decision);
  if (reason !== null || unit === null) {
    throw odtmError('NOT_SKIPPABLE', { instance, run: runId, reason: reason ?? 'no unit failed' });
  }
  await writeDecision(session, stream.streamId, unit, decision, by);
  await insertRunEvent(session, {
    runId,
    instance,
    kind: decision.outcome,
    by,
    detail: `${unit.task}: ${safeText(decision.reason)}`,
  });
  return unit;
}

async function lockStream(
  session: Session,
  runId: string,
  instance: string,
): Promise<StoppedStream> {
  const [stream] = await session.query(sql<StoppedStream>`
    select id::text as "streamId", status, failed_unit as "failedUnit"
      from odtm.stream where run_id = ${runId} and instance = ${instance} for no key update`);
  if (stream !== undefined) return stream;
  const others = await session.query<{ instance: string }>(
    sql`select instance from odtm.stream where run_id = ${runId} order by id`,
  );
  throw odtmError('INSTANCE_NOT_IN_RUN', {
    instance,
    reason: `run ${runId} has no stream there`,
    known: others.map((other) => other.instance).join(', '),
  });
}

/** Why nothing can be decided; null: it can. */
function refusal({ status, failedUnit }: StoppedStream, { outcome }: UnitDecision): string | null {
  if (status !== 'failed' && status !== 'in_doubt') return `its stream is ${status}`;
  if (outcome !== 'skipped' && status !== 'in_doubt') {
    return 'its stream failed, which leaves no doubt: the unit had no effect';
  }
  if (failedUnit === null) return 'no unit failed there';
  const isTask = !RESERVED_TASK_NAMES.some((name) => name === failedUnit.task);
  return isTask || outcome !== 'skipped' ? null : `${failedUnit.task} is no task`;
}

/** A second decision about the same stop replaces the first, as long as no attempt has written it down. */
async function writeDecision(
  session: Session,
  streamId: string,
  unit: UnitKey,
  decision: UnitDecision,
  by: string,
): Promise<void> {
  await session.query(sql`
    insert into odtm.stream_decision (stream_id, unit, outcome, reason, by)
    values (${streamId}, ${safeJson(unit)}::jsonb, ${decision.outcome}, ${safeText(decision.reason)}, ${by})
        on conflict (stream_id) where delivered_at is null
        do update set unit = excluded.unit, outcome = excluded.outcome, reason = excluded.reason,
                      by = excluded.by, at = now()`);
}
