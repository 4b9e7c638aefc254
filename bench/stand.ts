import { Pool } from 'pg';
import { type App, buildApp } from '../src/app/app.ts';
import { engineFor } from '../src/app/engines.ts';
import { LineJournal } from '../src/app/journal.ts';
import { systemClock } from '../src/app/system-clock.ts';
import { startRun } from '../src/control/start-run.ts';
import { ensureDatabase } from '../src/repository/embedded/database.ts';
import type { EmbeddedServer } from '../src/repository/embedded/server.ts';
import { ensureServer } from '../src/repository/embedded/supervisor.ts';
import { tempDir } from '../test/support/temp-dir.ts';
import { ownCpuMs, serverCpuMs } from './cpu.ts';
import {
  CREDENTIAL_VARIABLE,
  definitionsOf,
  ENVIRONMENT,
  instanceName,
  type Workload,
} from './definitions.ts';
import { type Caller, mariadbTarget, postgresTarget, type Target } from './targets.ts';
import { WORKLOADS } from './workloads.ts';

export const INSTANCES = 500;

/** When the units of a run ended, a list a stream, in milliseconds. */
export type Ends = readonly (readonly number[])[];

/** Two servers with fsync on: one for the repository alone, as in real life, and one for all targets. */
export interface Stand {
  readonly app: App;
  readonly repositoryUrl: string;
  /** The repository's database, for looking at what was written. */
  readonly sql: Pool;
  readonly env: NodeJS.ProcessEnv;
  /** Starts a run on the first so many instances. */
  start(workload: string, streams: number): Promise<string>;
  /** Resolves when all streams of a run have ended. @throws Error when one did not complete */
  completed(runId: string): Promise<void>;
  run(workload: string, streams: number): Promise<string>;
  taskEnds(runId: string): Promise<Ends>;
  /** A session on the target that calls the procedure of the smallest task again and again. */
  caller(): Promise<Caller>;
  /** The server of the targets. */
  readonly target: Target;
  /** Processor time so far, in milliseconds: this process, the targets' server, the repository's. */
  cpuMs(): Cpu;
  close(): Promise<void>;
}

export interface Cpu {
  readonly own: number;
  readonly target: number;
  readonly repository: number;
}

/** Builds everything with targets on PostgreSQL; `close` removes it. */
export function buildStand(): Promise<Stand> {
  return buildStandOn(postgresTarget, WORKLOADS);
}

/** Builds everything with targets on MariaDB. */
export function buildMariadbStand(workloads: readonly Workload[]): Promise<Stand> {
  return buildStandOn(mariadbTarget, workloads);
}

async function buildStandOn(
  startTarget: (dataDir: string) => Promise<Target>,
  workloads: readonly Workload[],
): Promise<Stand> {
  const dir = await tempDir();
  const [repository, target] = await Promise.all([
    serverIn(`${dir.path}/repository`),
    startTarget(`${dir.path}/target`),
  ]);
  const repositoryUrl = await ensureDatabase(repository.url, 'odtm');
  const { password } = target.place;
  const env = { ...process.env, ODTM_REPOSITORY: repositoryUrl, [CREDENTIAL_VARIABLE]: password };
  const app = await buildApp({ url: repositoryUrl, env, journal: journal() });
  const definitions = definitionsOf(target.place, INSTANCES, workloads);
  await app.repository.definitions.replace(definitions, 0, 'bench');
  const sql = new Pool({ connectionString: repositoryUrl, max: 2 });
  const cpuMs = (): Cpu => ({
    own: ownCpuMs(),
    target: target.cpuMs() ?? Number.NaN,
    repository: serverCpuMs(repository.dataDir) ?? Number.NaN,
  });
  return standOf(app, sql, { repositoryUrl, target, env, cpuMs }, async () => {
    await app.close();
    await sql.end();
    await Promise.all([repository.stop('immediate'), target.stop()]);
    await dir.remove();
  });
}

function serverIn(dataDir: string): Promise<EmbeddedServer> {
  return ensureServer({ dataDir, settings: { fsync: 'on' } });
}

function journal(): LineJournal {
  return new LineJournal({
    level: 'warn',
    format: 'text',
    write: (line) => process.stderr.write(line),
    now: () => new Date(),
  });
}

type Given = Pick<Stand, 'repositoryUrl' | 'target' | 'env' | 'cpuMs'>;

function standOf(app: App, sql: Pool, given: Given, close: () => Promise<void>): Stand {
  const { definitions, runs, controllers } = app.repository;
  const start = async (workload: string, streams: number): Promise<string> => {
    const started = await startRun(
      {
        definitions,
        runs,
        controllers,
        clock: systemClock,
        dispatcher: app.dispatcher,
        engine: engineFor,
      },
      {
        operation: workload,
        environment: ENVIRONMENT,
        variant: null,
        onlyInstances: Array.from({ length: streams }, (_, index) => instanceName(index)),
        preview: null,
        keepPackage: false,
        acceptDrift: false,
        maxStreams: null,
        by: 'bench',
      },
    );
    return started.runId;
  };
  const completed = (runId: string) => untilCompleted(sql, runId);
  return {
    app,
    sql,
    ...given,
    start,
    completed,
    run: async (workload, streams) => {
      const runId = await start(workload, streams);
      await completed(runId);
      return runId;
    },
    taskEnds: (runId) => readEnds(sql, runId),
    caller: () => given.target.caller(),
    close,
  };
}

async function untilCompleted(sql: Pool, runId: string): Promise<void> {
  for (;;) {
    const { rows } = await sql.query(
      `SELECT count(*) FILTER (WHERE status IN ('waiting', 'admitted', 'running'))::int AS open,
         min(failure ->> 'message') AS failure,
         count(*) FILTER (WHERE status NOT IN ('waiting', 'admitted', 'running', 'completed'))::int AS bad
       FROM odtm.stream WHERE run_id = $1`,
      [runId],
    );
    const { open, bad, failure } = rows[0];
    if (bad > 0) throw new Error(`${bad} streams of run ${runId} did not complete: ${failure}`);
    if (open === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function readEnds(sql: Pool, runId: string): Promise<Ends> {
  const { rows } = await sql.query<{ ends: number[] }>(
    `SELECT array_agg((extract(epoch FROM ended_at) * 1000)::float8 ORDER BY ended_at) AS ends
     FROM odtm.unit_log WHERE run_id = $1 AND kind = 'task' GROUP BY stream_id`,
    [runId],
  );
  return rows.map(({ ends }) => ends);
}
