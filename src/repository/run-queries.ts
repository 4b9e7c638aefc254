import { sql } from 'kysely';
import type { StreamProgress } from '../core/run/log-records.ts';
import type {
  LogFilter,
  LoggedStatement,
  LoggedUnit,
  LogPage,
  RunDetail,
  RunEvent,
  RunQueries,
  RunSummary,
  StreamSummary,
} from '../ports/run-queries.ts';
import type { Connection, Session } from './connection.ts';
import { readStatements, readUnits } from './log-read.ts';
import { pruneRun, runsToPrune } from './prune.ts';
import { runKey } from './run-rows.ts';

/** The reading side of the repository. */
export class PostgresRunQueries implements RunQueries {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  runs(filter: Parameters<RunQueries['runs']>[0]): Promise<readonly RunSummary[]> {
    const { operation = null, environment = null, unfinishedOnly = false, limit } = filter;
    return this.connection.query(sql<RunSummary>`
      ${RUNS}
       where (${operation}::integer is null or r.operation_id = ${operation})
         and (${environment}::integer is null or r.environment_id = ${environment})
         and (not ${unfinishedOnly}::boolean or r.ended_at is null)
       order by r.id desc limit ${limit}`);
  }

  run(runId: string): Promise<RunDetail | null> {
    return this.connection.snapshot(async (session) => {
      const [run] = await session.query(sql<RunSummary>`${RUNS} where r.id = ${runKey(runId)}`);
      if (run === undefined) return null;
      const streams = await readStreams(session, run.runId);
      return { run, streams, events: await readEvents(session, run.runId) };
    });
  }

  units(filter: LogFilter): Promise<LogPage<LoggedUnit>> {
    return this.connection.run((session) => readUnits(session, filter));
  }

  statements(filter: LogFilter): Promise<LogPage<LoggedStatement>> {
    return this.connection.run((session) => readStatements(session, filter));
  }

  /** Runs and streams stay as history; a transaction a run, so that none lasts long. */
  async prune(endedBefore: Date): Promise<{ runs: number; units: number; statements: number }> {
    const total = { runs: 0, units: 0, statements: 0 };
    for (const runId of await this.connection.run((s) => runsToPrune(s, endedBefore))) {
      const pruned = await this.connection.transaction((session) => pruneRun(session, runId));
      total.runs += 1;
      total.units += pruned.units;
      total.statements += pruned.statements;
    }
    return total;
  }
}

const RUNS = sql`
  select r.id::text as "runId",
         jsonb_build_object('id', r.operation_id, 'name', r.operation_name) as operation,
         jsonb_build_object('id', r.environment_id, 'code', r.environment_code) as environment,
         r.variant, r.preview is not null as preview, s.status, r.wish, r.started_at as "startedAt",
         r.ended_at as "endedAt", r.started_by as "startedBy", s.streams
    from odtm.run r join odtm.run_status s on s.run_id = r.id`;

type ProgressJson = Omit<StreamProgress, 'chunksSince'> & { readonly chunksSince: string | null };
type StreamRow = Omit<StreamSummary, 'progress'> & { readonly progress: ProgressJson | null };

async function readStreams(session: Session, runId: string): Promise<readonly StreamSummary[]> {
  const rows = await session.query(sql<StreamRow>`
    select id::text as "streamId", run_id::text as "runId", instance, handle, status, message, attempt,
           controller_id as controller, package_sha256 as "packageSha256", started_at as "startedAt",
           ended_at as "endedAt", progress, failed_unit as "failedUnit", failure,
           final_failure as "finalFailure"
      from odtm.stream where run_id = ${runId} order by id`);
  return rows.map((row) => ({ ...row, progress: progressFrom(row.progress) }));
}

function progressFrom(json: ProgressJson | null): StreamProgress | null {
  if (json === null) return null;
  return { ...json, chunksSince: json.chunksSince === null ? null : new Date(json.chunksSince) };
}

function readEvents(session: Session, runId: string): Promise<readonly RunEvent[]> {
  return session.query(sql<RunEvent>`
    select at, kind, instance, by, detail from odtm.run_event where run_id = ${runId} order by id`);
}
