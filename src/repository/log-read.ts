import { type RawBuilder, sql } from 'kysely';
import type { LogFilter, LoggedStatement, LoggedUnit, LogPage } from '../ports/run-queries.ts';
import type { Session } from './connection.ts';
import { runKey } from './run-rows.ts';

/**
 * Pages of the log go by the position of the last change, so that a reader who goes on with a page's
 * position misses no row and sees each again that has changed. Within a page rows stand in the order of
 * their start.
 */

type Paged<Row> = Row & { readonly change: string };

const KEY = sql`
  jsonb_build_object('object', l.object, 'iteration', l.iteration, 'task', l.task, 'chunk', l.chunk,
                     'attempt', l.unit_attempt) as unit,
  l.stream_attempt as "streamAttempt", l.try, s.instance, l.status, l.started_at as "startedAt",
  l.ended_at as "endedAt", l.elapsed_ms as "elapsedMs", l.rows::float8 as rows, l.failure,
  l.change::text as change`;

export async function readUnits(session: Session, filter: LogFilter): Promise<LogPage<LoggedUnit>> {
  const failed = sql`l.status in ('failed', 'in_doubt')`;
  const rows = await session.query(sql<Paged<LoggedUnit>>`
    select * from (
      select ${KEY}, l.kind, l.statements, l.message
        from odtm.unit_log l join odtm.stream s on s.id = l.stream_id
       where ${matches(filter, failed)}
       order by l.change limit ${filter.limit}) page
     order by "startedAt", change::bigint`);
  return pageOf(rows, filter);
}

export async function readStatements(
  session: Session,
  filter: LogFilter,
): Promise<LogPage<LoggedStatement>> {
  const failed = sql`l.status = 'failed'`;
  const rows = await session.query(sql<Paged<LoggedStatement>>`
    select * from (
      select ${KEY}, l.seq, l.text, l.parallel_workers as "parallelWorkers",
             l.redo_bytes::float8 as "redoBytes", l.undo_bytes::float8 as "undoBytes", l.remark
        from odtm.statement_log l join odtm.stream s on s.id = l.stream_id
       where ${matches(filter, failed)} and ${containsText(filter)}
       order by l.change limit ${filter.limit}) page
     order by "startedAt", seq, change::bigint`);
  return pageOf(rows, filter);
}

function matches(filter: LogFilter, failed: RawBuilder<unknown>): RawBuilder<unknown> {
  const { instance, task, after } = filter;
  const conditions = [sql`l.run_id = ${runKey(filter.runId)}`];
  if (instance !== undefined) conditions.push(sql`s.instance = ${instance}`);
  if (task !== undefined) conditions.push(sql`l.task = ${task}`);
  if (after !== undefined) conditions.push(sql`l.change > ${positionKey(after)}`);
  if (filter.failedOnly === true) conditions.push(sql`${failed}`);
  if (filter.runningOnly === true) conditions.push(sql`l.status = 'running'`);
  return sql.join(conditions, sql` and `);
}

function containsText({ statement }: LogFilter): RawBuilder<unknown> {
  return statement === undefined ? sql`true` : sql`strpos(lower(l.text), lower(${statement})) > 0`;
}

/** Positions come back from callers as text; what is none means the beginning. */
function positionKey(after: string): string {
  return /^\d{1,18}$/.test(after) ? after : '0';
}

function pageOf<Row>(rows: readonly Paged<Row>[], { after }: LogFilter): LogPage<Row> {
  const last = rows.reduce(
    (highest, { change }) => (BigInt(change) > highest ? BigInt(change) : highest),
    BigInt(positionKey(after ?? '0')),
  );
  return { rows: rows.map(withoutChange), position: String(last) };
}

function withoutChange<Row>({ change: _, ...row }: Paged<Row>): Row {
  return row as unknown as Row;
}
