import { type RawBuilder, sql } from 'kysely';
import type { StatementRecord, UnitRecord } from '../core/run/log-records.ts';
import type { ClosedTry, Lease, LogBatch } from '../ports/repository.ts';
import { columnList, excludedList, sameKey, unnested, valueList } from './columns.ts';
import type { Session } from './connection.ts';
import { lockLogsOf } from './locks.ts';
import {
  CLOSED_COLUMNS,
  NUMBERED_TRY,
  newestOfTry,
  numberTries,
  type OfStream,
  STATEMENT_OF_TRY,
  STATEMENT_VALUES,
  TRY_KEY,
  UNIT_VALUES,
} from './log-columns.ts';
import { safeJson } from './safe-text.ts';

/** Rows that one statement writes; more of them are sent in several. */
const ROWS_AT_ONCE = 5_000;

/**
 * Writes the records of several streams, a statement for each kind. The streams whose lease is held stay
 * locked until the commit, so that no other controller can take one between the look and the write.
 */
export async function writeLog(
  session: Session,
  batches: readonly LogBatch[],
): Promise<ReadonlySet<string>> {
  const leases = batches.map(({ lease }) => lease);
  await lockLogsOf(session, leases);
  const runs = await lockHeld(session, leases);
  const held = batches.filter(({ lease }) => runs.has(lease.streamId));
  await writeInParts(
    session,
    recordsOf(held, runs, ({ units }) => units),
    upsertUnits,
  );
  await writeInParts(
    session,
    recordsOf(held, runs, ({ statements }) => statements),
    upsertStatements,
  );
  await writeInParts(
    session,
    recordsOf(held, runs, ({ closed }) => closed),
    closeTries,
  );
  await writeProgress(session, held);
  return new Set(runs.keys());
}

/** Streams that are still under these leases, with their runs; locked in the order of their ids. */
async function lockHeld(session: Session, leases: readonly Lease[]): Promise<Map<string, string>> {
  const ids = leases.map(({ streamId }) => streamId);
  const tokens = leases.map(({ token }) => token);
  const rows = await session.query(sql<{ streamId: string; runId: string }>`
    select s.id::text as "streamId", s.run_id::text as "runId"
      from odtm.stream s
      join unnest(${ids}::bigint[], ${tokens}::uuid[]) as l (id, token) on s.id = l.id and s.token = l.token
     order by s.id for no key update of s`);
  return new Map(rows.map(({ streamId, runId }) => [streamId, runId]));
}

function recordsOf<Record extends object>(
  batches: readonly LogBatch[],
  runs: ReadonlyMap<string, string>,
  pick: (batch: LogBatch) => readonly Record[],
): OfStream<Record>[] {
  return batches.flatMap((batch) => {
    const { streamId } = batch.lease;
    const runId = runs.get(streamId) ?? '';
    return pick(batch).map((record) => ({ ...record, streamId, runId }));
  });
}

async function writeInParts<Record>(
  session: Session,
  records: readonly Record[],
  statement: (part: readonly Record[]) => RawBuilder<unknown>,
): Promise<void> {
  for (let from = 0; from < records.length; from += ROWS_AT_ONCE) {
    await session.query(statement(records.slice(from, from + ROWS_AT_ONCE)));
  }
}

/** A row that has ended stays as it is, unless it was lost or in doubt and is now known as committed. */
function upsertUnits(units: readonly OfStream<UnitRecord>[]): RawBuilder<unknown> {
  const columns = [...TRY_KEY, ...UNIT_VALUES];
  return sql`
    insert into odtm.unit_log as old (${columnList(columns)}, change)
    select ${valueList(columns, 'new')}, nextval('odtm.log_change')
      from ${unnested(columns, newestOfTry(units), 'new')}
        on conflict (${columnList(TRY_KEY)}) do update
       set ${excludedList(UNIT_VALUES)}, change = excluded.change
     where (old.status = 'running' and excluded.status <> 'running')
        or (old.status in ('lost', 'in_doubt') and excluded.status in ('done', 'complete', 'skipped'))`;
}

/**
 * As for units: what was rolled back may turn out as committed. What only a watching session could see (the
 * workers) is kept where the target's own record, which comes later, does not have it.
 *
 * Statements behind the last one of their try are new, as nobody else writes a stream that is locked: they
 * are inserted without the look for conflicts, which would cost as much as the row itself.
 */
function upsertStatements(statements: readonly OfStream<StatementRecord>[]): RawBuilder<unknown> {
  const { tries, rows } = numberTries(statements);
  const key = [...NUMBERED_TRY.filter(({ name }) => name !== 'number')];
  const columns = sql.join([columnList(key), columnList(STATEMENT_VALUES), sql.ref('change')]);
  const replaced = STATEMENT_VALUES.filter(
    ({ name }) => name !== 'seq' && name !== 'parallel_workers',
  );
  return sql`
    with tries as materialized (
      select t.*, coalesce(last.seq, 0) as last_seq
        from ${unnested(NUMBERED_TRY, tries, 't')}
       cross join lateral (select max(s.seq) as seq from odtm.statement_log s
                            where ${sameKey(TRY_KEY, 's', 't')}) last),
    written as materialized (
      select t.last_seq, ${valueList(key, 't')}, ${valueList(STATEMENT_VALUES, 'new')},
             nextval('odtm.log_change') as change
        from ${unnested(STATEMENT_OF_TRY, rows, 'new')} join tries t on t.number = new.number),
    inserted as (
      insert into odtm.statement_log (${columns}) select ${columns} from written where seq > last_seq)
    insert into odtm.statement_log as old (${columns})
    select ${columns} from written where seq <= last_seq
        on conflict (${columnList(TRY_KEY)}, seq) do update
       set ${excludedList(replaced)}, change = excluded.change,
           parallel_workers = coalesce(excluded.parallel_workers, old.parallel_workers)
     where (old.status = 'running' and excluded.status <> 'running')
        or (old.status = 'executed' and excluded.status not in ('running', 'executed'))
        or (old.status = 'rolled_back' and excluded.status = 'committed')`;
}

function closeTries(tries: readonly OfStream<ClosedTry>[]): RawBuilder<unknown> {
  return sql`
    update odtm.statement_log s
       set status = c.statements, ended_at = coalesce(s.ended_at, clock_timestamp()),
           change = nextval('odtm.log_change')
      from ${unnested(CLOSED_COLUMNS, newestOfTry(tries), 'c')}
     where ${sameKey(TRY_KEY, 's', 'c')} and s.status in ('running', 'executed')`;
}

async function writeProgress(session: Session, batches: readonly LogBatch[]): Promise<void> {
  const rows = batches.flatMap(({ lease, progress }) =>
    progress === null ? [] : [{ stream_id: lease.streamId, progress }],
  );
  if (rows.length === 0) return;
  await session.query(sql`
    update odtm.stream s set progress = p.progress
      from jsonb_to_recordset(${safeJson(rows)}::jsonb) as p (stream_id bigint, progress jsonb)
     where s.id = p.stream_id`);
}

/**
 * What earlier attempts left open had no effect; the decisions given to this attempt are delivered. Inside
 * one transaction. False: the lease is lost.
 */
export async function settleLog(session: Session, lease: Lease, attempt: number): Promise<boolean> {
  await lockLogsOf(session, [lease]);
  const runId = (await lockHeld(session, [lease])).get(lease.streamId);
  if (runId === undefined) return false;
  await session.query(sql`
    update odtm.unit_log
       set status = 'lost', ended_at = clock_timestamp(), change = nextval('odtm.log_change')
     where run_id = ${runId} and stream_id = ${lease.streamId}
       and stream_attempt < ${attempt} and status = 'running'`);
  await session.query(sql`
    update odtm.statement_log
       set status = 'rolled_back', ended_at = coalesce(ended_at, clock_timestamp()),
           change = nextval('odtm.log_change')
     where run_id = ${runId} and stream_id = ${lease.streamId}
       and stream_attempt < ${attempt} and status in ('running', 'executed')`);
  await session.query(sql`
    update odtm.stream_decision set delivered_at = clock_timestamp()
     where stream_id = ${lease.streamId} and given_attempt = ${attempt} and delivered_at is null`);
  return true;
}
