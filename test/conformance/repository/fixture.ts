import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type {
  Definitions,
  Operation,
  PackageVersion,
} from '../../../src/core/definitions/model.ts';
import {
  type StatementRecord,
  UNKNOWN_USAGE,
  type UnitRecord,
} from '../../../src/core/run/log-records.ts';
import type { StreamPlan } from '../../../src/core/run/stream-plan.ts';
import type { UnitKey } from '../../../src/core/run/unit.ts';
import type {
  AcquiredStream,
  Lease,
  LogBatch,
  StartRequest,
  StreamEnd,
} from '../../../src/ports/repository.ts';
import { admitStreams } from '../../../src/repository/admission.ts';
import { DEFINITION_TABLES } from '../../../src/repository/definition-rows.ts';
import { openRepository, type Repository } from '../../../src/repository/repository.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

export const LEASE_MS = 10_000;

/** A migrated repository with a database of its own, and a way to look at its tables. */
export interface Fixture {
  readonly repository: Repository;
  readonly database: TestDatabase;
  readonly client: Client;
  close(): Promise<void>;
}

export async function openFixture(prefix: string): Promise<Fixture> {
  const database = await createDatabase(prefix);
  const repository = await openRepository({ url: database.url });
  await repository.migrate();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  return {
    repository,
    database,
    client,
    close: async () => {
      await client.end();
      await repository.close();
      await database.drop();
    },
  };
}

/** Tables that tests fill; each only refers to those after it. */
const TABLES = [
  'statement_log',
  'unit_log',
  'stream_decision',
  'run_event',
  'stream',
  'run',
  'controller',
  ...[...DEFINITION_TABLES].reverse(),
  'definition_revision',
  'package_version_file',
  'package_version',
  'package_content',
];

/** Empties the repository: the tests of a file share its database one after the other. */
export async function emptyRepository({ client }: Fixture): Promise<void> {
  await client.query(TABLES.map((table) => `delete from odtm.${table};`).join('\n'));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function packageVersion(text: string): PackageVersion {
  const file = { path: '10-code.sql', role: 'code', text, sha256: sha256(text) } as const;
  return { name: 'purge', engine: 'postgres', files: [file], sha256: sha256(`version ${text}`) };
}

export const PACKAGE = packageVersion('select 1');

export function operation(id: number, environments: readonly string[]): Operation {
  return {
    id,
    name: `operation_${id}`,
    description: null,
    package: 'purge',
    enabled: true,
    maxDurationMs: null,
    maxStreams: null,
    retryOn: [],
    environments: environments.map((environment) => ({
      environment,
      enabled: true,
      maxDurationMs: null,
    })),
    instances: null,
    labels: {},
    tasks: [
      {
        name: 'delete_rows',
        order: 10,
        enabled: true,
        procedure: 'delete_rows',
        sql: null,
        doneWhen: null,
        chunks: null,
        retryOn: null,
        needs: {},
      },
    ],
    objects: [],
    variants: [],
    parameters: [],
  };
}

export interface FleetOptions {
  readonly instances: number;
  readonly operations: readonly number[];
  readonly environmentLimit?: number;
  readonly instanceLimit?: number;
  readonly package?: PackageVersion;
}

/** Definitions of environments 1 (PROD) and 2 (TEST), some instances that belong to both, and operations. */
export function fleet(options: FleetOptions): Definitions {
  const codes = ['PROD', 'TEST'];
  return {
    environments: codes.map((code, index) => ({
      id: index + 1,
      code,
      description: null,
      enabled: true,
      maxDurationMs: null,
      maxStreams: options.environmentLimit ?? null,
    })),
    instances: instanceNames(options.instances).map((name) => ({
      name,
      engine: 'postgres',
      host: `${name}.example`,
      port: 5432,
      database: 'app',
      user: 'odtm_client',
      credential: 'env:APP_PASSWORD',
      options: { sslmode: 'require' },
      environments: codes.map((environment) => ({ environment, enabled: true })),
      labels: {},
      enabled: true,
      maxStreams: options.instanceLimit ?? 1,
    })),
    operations: options.operations.map((id) => operation(id, codes)),
    packages: [options.package ?? PACKAGE],
  };
}

export function instanceNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `db${String(index + 1).padStart(2, '0')}`);
}

/** Replaces the definitions, whatever their revision is. */
export async function apply({ repository }: Fixture, definitions: Definitions): Promise<void> {
  const { revision } = await repository.definitions.load();
  await repository.definitions.replace(definitions, revision, 'a test');
}

export function plan(request: {
  readonly operation: number;
  readonly environment?: number;
  readonly instance: string;
  readonly package?: PackageVersion;
  readonly variant?: string | null;
}): StreamPlan {
  const { id, name, tasks } = operation(request.operation, []);
  const version = request.package ?? PACKAGE;
  const environment = request.environment ?? 1;
  return {
    operation: { id, name },
    environment: { id: environment, code: environment === 1 ? 'PROD' : 'TEST' },
    variant: request.variant ?? null,
    instance: request.instance,
    engine: 'postgres',
    package: { name: version.name, sha256: version.sha256 },
    tasks,
    objects: [{ id: '', owner: null, name: null, parameters: [] }],
    maxDurationMs: null,
  };
}

export interface StartOptions extends Partial<StartRequest> {
  readonly number: number;
  readonly inEnvironment?: number;
  readonly on: readonly string[];
  readonly package?: PackageVersion;
}

/** A start of an operation on some instances. */
export function startOf({
  number,
  inEnvironment = 1,
  on,
  package: version = PACKAGE,
  ...rest
}: StartOptions): StartRequest {
  const { variant = null } = rest;
  const plans = on.map((instance) =>
    plan({ operation: number, environment: inEnvironment, instance, package: version, variant }),
  );
  return {
    operation: { id: number, name: `operation_${number}` },
    environment: { id: inEnvironment, code: inEnvironment === 1 ? 'PROD' : 'TEST' },
    variant,
    preview: null,
    keepPackage: false,
    acceptDrift: false,
    maxStreams: null,
    plans,
    onlyInstances: null,
    by: 'ann',
    ...rest,
  };
}

/** Admits what the limits leave room for; answers with the ids of the streams that were sent. */
export async function admit({ repository }: Fixture): Promise<string[]> {
  const sent: string[] = [];
  await admitStreams(repository, (_, jobs) => {
    sent.push(...jobs.map(({ streamId }) => streamId));
    return Promise.resolve();
  });
  return sent;
}

/** Starts a run, admits its streams and takes them all; in the order of their instances. */
export async function startAndTake(
  fixture: Fixture,
  request: StartRequest,
  leaseMs: number = LEASE_MS,
): Promise<AcquiredStream[]> {
  await fixture.repository.runs.start(request);
  return takeAll(fixture, leaseMs);
}

export async function takeAll(fixture: Fixture, leaseMs = LEASE_MS): Promise<AcquiredStream[]> {
  const taken: AcquiredStream[] = [];
  for (const streamId of await admit(fixture)) {
    const stream = await fixture.repository.streams.acquire(streamId, 'controller-1', leaseMs);
    if (stream !== null) taken.push(stream);
  }
  return taken.sort((a, b) => (a.plan.instance < b.plan.instance ? -1 : 1));
}

/** The only stream of a run on one instance, taken. */
export async function takeOne(fixture: Fixture, request: StartRequest): Promise<AcquiredStream> {
  const [stream] = await startAndTake(fixture, request);
  if (stream === undefined) throw new Error('no stream was taken');
  return stream;
}

export function leaseOf({ streamId, token }: AcquiredStream): Lease {
  return { streamId, token };
}

/** The clock of the repository has moved on: every lease has expired. */
export async function expireLeases({ client }: Fixture): Promise<void> {
  await client.query(`update odtm.stream set lease_until = now() - interval '1 minute'
                       where token is not null`);
}

export const UNIT: UnitKey = {
  object: '',
  iteration: 1,
  task: 'delete_rows',
  chunk: 0,
  attempt: 0,
};

export const FAILURE = {
  code: '53400',
  message: 'temporary file size exceeds temp_file_limit (1024kB)',
  detail: null,
  hint: null,
  context: 'PL/pgSQL function purge.delete_rows(text) line 12',
  statement: 'delete from app.orders',
  file: '10-code.sql',
  line: 12,
};

export function ending(status: StreamEnd['status'], rest: Partial<StreamEnd> = {}): StreamEnd {
  const failed = status === 'failed' || status === 'in_doubt';
  return {
    status,
    message: null,
    failedUnit: failed ? UNIT : null,
    failure: failed ? FAILURE : null,
    finalFailure: null,
    finalDue: false,
    ...rest,
  };
}

export const STARTED = new Date('2026-11-21T06:00:00.123Z');
export const ENDED = new Date('2026-11-21T06:00:01.456Z');

export function unitRecord(rest: Partial<UnitRecord> = {}): UnitRecord {
  return {
    unit: UNIT,
    streamAttempt: 1,
    try: 1,
    kind: 'task',
    status: 'done',
    startedAt: STARTED,
    endedAt: rest.status === 'running' ? null : ENDED,
    elapsedMs: rest.status === 'running' ? null : 1333.25,
    rows: 7,
    statements: 1,
    message: null,
    failure: null,
    ...rest,
  };
}

export function statementRecord(rest: Partial<StatementRecord> = {}): StatementRecord {
  return {
    unit: UNIT,
    streamAttempt: 1,
    try: 1,
    seq: 1,
    text: 'delete from app.orders',
    status: 'committed',
    startedAt: STARTED,
    endedAt: rest.status === 'running' ? null : ENDED,
    elapsedMs: rest.status === 'running' ? null : 1333.25,
    rows: rest.status === 'running' ? null : 7,
    ...UNKNOWN_USAGE,
    failure: null,
    ...rest,
  };
}

export function batch(stream: AcquiredStream, rest: Partial<LogBatch> = {}): LogBatch {
  return {
    lease: leaseOf(stream),
    units: [],
    statements: [],
    progress: null,
    closed: [],
    ...rest,
  };
}

/** The error that a promise must end with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('this should have failed');
}
