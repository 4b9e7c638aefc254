import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ChunkSpec,
  Definitions,
  Operation,
  PackageVersion,
  Task,
} from '../src/core/definitions/model.ts';
import { packageFile, packageVersion } from '../src/definition-files/package-files.ts';

/** An operation of a benchmark: its tasks in order, so many rounds of them. */
export interface Workload {
  readonly id: number;
  readonly name: string;
  readonly tasks: readonly string[];
  readonly rounds: number;
  /** How its tasks are cut into chunks. */
  readonly chunks?: ChunkSpec | null;
}

export interface TargetPlace {
  readonly engine: 'postgres' | 'mariadb';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string;
}

export const CREDENTIAL_VARIABLE = 'BENCH_TARGET_PASSWORD';
export const ENVIRONMENT = 'BENCH';

const PACKAGE = 'bench';
const FOLDERS = { postgres: 'package', mariadb: 'package-plsql' } as const;

/** The package of the benchmarks in the language of an engine. */
export function benchPackage(engine: TargetPlace['engine']): PackageVersion {
  const folder = join(import.meta.dirname, FOLDERS[engine]);
  const files = readdirSync(folder).map((name) =>
    packageFile(name, readFileSync(join(folder, name), 'utf8')),
  );
  return packageVersion(PACKAGE, engine, files);
}

export function instanceName(index: number): string {
  return `db${String(index + 1).padStart(3, '0')}`;
}

/** Many instances which all are one database: what is measured here does not depend on the database. */
export function definitionsOf(
  { password: _secret, ...place }: TargetPlace,
  instances: number,
  workloads: readonly Workload[],
): Definitions {
  return {
    environments: [
      {
        id: 1,
        code: ENVIRONMENT,
        description: null,
        enabled: true,
        maxDurationMs: null,
        maxStreams: null,
      },
    ],
    instances: Array.from({ length: instances }, (_, index) => ({
      ...place,
      name: instanceName(index),
      credential: `env:${CREDENTIAL_VARIABLE}`,
      options: { sslmode: 'disable' },
      environments: [{ environment: ENVIRONMENT, enabled: true }],
      labels: {},
      enabled: true,
      maxStreams: 1,
    })),
    operations: workloads.map(operation),
    packages: [benchPackage(place.engine)],
  };
}

function operation({ id, name, tasks, rounds, chunks = null }: Workload): Operation {
  return {
    id,
    name,
    description: null,
    package: PACKAGE,
    enabled: true,
    maxDurationMs: null,
    maxStreams: null,
    retryOn: [],
    environments: [{ environment: ENVIRONMENT, enabled: true, maxDurationMs: null }],
    instances: null,
    labels: {},
    tasks: tasks.map((procedure, index) => task(procedure, index, chunks)),
    objects: [],
    variants: [],
    parameters: [
      {
        name: 'rounds',
        type: 'number',
        value: String(rounds),
        enabled: true,
        environment: null,
        instance: null,
        object: null,
        variant: null,
      },
    ],
  };
}

function task(procedure: string, index: number, chunks: ChunkSpec | null): Task {
  return {
    name: `${procedure}_${index + 1}`,
    order: index + 1,
    enabled: true,
    procedure,
    sql: null,
    doneWhen: null,
    chunks,
    retryOn: null,
    needs: {},
  };
}
