import type { Definitions, Instance, Operation } from '../../../src/core/definitions/model.ts';
import { type Failure, plainFailure } from '../../../src/core/run/failure.ts';
import type { StreamProgress } from '../../../src/core/run/log-records.ts';
import type { UnitKey } from '../../../src/core/run/unit.ts';
import type {
  LoggedStatement,
  LoggedUnit,
  RunDetail,
  RunSummary,
  StreamSummary,
} from '../../../src/ports/run-queries.ts';

export function anInstance(name: string, change: Partial<Instance> = {}): Instance {
  return {
    name,
    engine: 'postgres',
    host: 'db.example',
    port: 5432,
    database: 'shop',
    user: 'odtm',
    credential: `env:${name.toUpperCase()}`,
    options: {},
    environments: [{ environment: 'PROD', enabled: true }],
    labels: { region: 'eu' },
    enabled: true,
    maxStreams: 1,
    ...change,
  };
}

export function anOperation(change: Partial<Operation> = {}): Operation {
  return {
    id: 12,
    name: 'purge_orders',
    description: 'Purges old orders',
    package: 'purge_orders',
    enabled: true,
    maxDurationMs: null,
    maxStreams: 10,
    retryOn: [],
    environments: [{ environment: 'PROD', enabled: true, maxDurationMs: null }],
    instances: null,
    labels: {},
    tasks: [
      {
        name: 'purge_rows',
        order: 10,
        enabled: true,
        procedure: 'purge_rows',
        sql: null,
        doneWhen: null,
        chunks: null,
        retryOn: null,
        needs: {},
      },
    ],
    objects: [],
    variants: [{ name: 'light', description: null, enabled: true }],
    parameters: [
      {
        name: 'months_kept',
        type: 'number',
        value: '24',
        enabled: true,
        environment: null,
        instance: null,
        object: null,
        variant: null,
      },
    ],
    ...change,
  };
}

const limits = { description: null, maxDurationMs: null, maxStreams: null };

/** Operation 12 in PROD on shop_eu and shop_us; operation 13 nowhere; TEST without instances. */
export const sampleDefinitions: Definitions = {
  environments: [
    { id: 1, code: 'PROD', enabled: true, ...limits },
    { id: 2, code: 'TEST', enabled: true, ...limits },
  ],
  instances: [
    anInstance('shop_eu'),
    anInstance('shop_us'),
    anInstance('shop_old', { enabled: false }),
  ],
  operations: [anOperation(), anOperation({ id: 13, name: 'rebuild', enabled: false })],
  packages: [{ name: 'purge_orders', engine: 'postgres', files: [], sha256: 'ab12'.repeat(16) }],
};

export function aUnit(change: Partial<UnitKey> = {}): UnitKey {
  return { object: '', iteration: 1, task: 'purge_rows', chunk: 0, attempt: 0, ...change };
}

export function aFailure(change: Partial<Failure> = {}): Failure {
  return {
    ...plainFailure('53400', 'temporary file size exceeds temp_file_limit (1024kB)'),
    file: '10-tasks.sql',
    line: 41,
    ...change,
  };
}

export function aProgress(change: Partial<StreamProgress> = {}): StreamProgress {
  return {
    object: '',
    iteration: 1,
    tasks: ['purge_rows'],
    unitsDone: 3,
    rows: 12345,
    chunksDone: null,
    chunksTotal: null,
    chunksSince: null,
    chunksDoneThen: null,
    note: null,
    ...change,
  };
}

export function aStream(instance: string, change: Partial<StreamSummary> = {}): StreamSummary {
  return {
    streamId: `stream-${instance}`,
    runId: '7',
    instance,
    handle: `handle-${instance}`,
    status: 'completed',
    message: null,
    attempt: 1,
    controller: null,
    packageSha256: 'ab12',
    startedAt: new Date('2026-11-21T09:59:00Z'),
    endedAt: null,
    progress: null,
    failedUnit: null,
    failure: null,
    finalFailure: null,
    ...change,
  };
}

/** A run whose counts by status are those of its streams. */
export function aRun(
  change: Partial<RunSummary> = {},
  streams: readonly StreamSummary[] = [aStream('shop_eu')],
): RunDetail {
  const counts: Record<string, number> = {};
  for (const { status } of streams) counts[status] = (counts[status] ?? 0) + 1;
  return {
    run: {
      runId: '7',
      operation: { id: 12, name: 'purge_orders' },
      environment: { id: 1, code: 'PROD' },
      variant: null,
      preview: false,
      status: 'completed',
      wish: 'none',
      startedAt: new Date('2026-11-21T09:58:55Z'),
      endedAt: null,
      startedBy: 'ann@desk',
      streams: counts,
      ...change,
    },
    streams,
    events: [],
  };
}

export function aLoggedUnit(change: Partial<LoggedUnit> = {}): LoggedUnit {
  return {
    instance: 'shop_eu',
    unit: aUnit(),
    streamAttempt: 1,
    try: 1,
    kind: 'task',
    status: 'done',
    startedAt: new Date('2026-11-21T09:59:00Z'),
    endedAt: new Date('2026-11-21T09:59:02Z'),
    elapsedMs: 2000,
    rows: 500,
    statements: 1,
    message: null,
    failure: null,
    ...change,
  };
}

export function aLoggedStatement(change: Partial<LoggedStatement> = {}): LoggedStatement {
  return {
    instance: 'shop_eu',
    unit: aUnit(),
    streamAttempt: 1,
    try: 1,
    seq: 1,
    text: 'delete from app.orders\nwhere order_id < 100',
    status: 'committed',
    startedAt: new Date('2026-11-21T09:59:00Z'),
    endedAt: new Date('2026-11-21T09:59:02Z'),
    elapsedMs: 1900,
    rows: 500,
    parallelWorkers: 2,
    redoBytes: 1_234_567,
    undoBytes: 4_096,
    remark: 'In parallel: 1 queries, 0 DML, 0 DDL, 2 servers',
    failure: null,
    ...change,
  };
}
