import type {
  Definitions,
  Environment,
  Instance,
  Operation,
  ParameterValue,
  Task,
} from '../../../src/core/definitions/model.ts';
import { packageFile, packageVersion } from '../../../src/definition-files/package-files.ts';

/** Small whole definitions, of which a test changes what it is about. */
export function environment(change: Partial<Environment> = {}): Environment {
  return {
    id: 1,
    code: 'PROD',
    description: null,
    enabled: true,
    maxDurationMs: null,
    maxStreams: null,
    ...change,
  };
}

export function instance(name: string, change: Partial<Instance> = {}): Instance {
  return {
    name,
    engine: 'postgres',
    host: 'db.example',
    port: 5432,
    database: 'shop',
    user: 'odtm',
    credential: 'env:SHOP_PASSWORD',
    options: {},
    environments: [{ environment: 'PROD', enabled: true }],
    labels: {},
    enabled: true,
    maxStreams: 1,
    ...change,
  };
}

export function task(name: string, order: number, change: Partial<Task> = {}): Task {
  return {
    name,
    order,
    enabled: true,
    procedure: name,
    sql: null,
    doneWhen: null,
    chunks: null,
    retryOn: null,
    needs: {},
    ...change,
  };
}

export function parameter(value: string, change: Partial<ParameterValue> = {}): ParameterValue {
  return {
    name: 'months_kept',
    type: 'number',
    value,
    enabled: true,
    environment: null,
    instance: null,
    object: null,
    variant: null,
    ...change,
  };
}

export function operation(change: Partial<Operation> = {}): Operation {
  return {
    id: 12,
    name: 'purge_orders',
    description: null,
    package: 'purge_orders',
    enabled: true,
    maxDurationMs: null,
    maxStreams: null,
    retryOn: [],
    environments: [{ environment: 'PROD', enabled: true, maxDurationMs: null }],
    instances: null,
    labels: {},
    tasks: [task('purge_rows', 10)],
    objects: [],
    variants: [],
    parameters: [],
    ...change,
  };
}

export function definitions(change: Partial<Definitions> = {}): Definitions {
  return {
    environments: [environment()],
    instances: [instance('shop_eu'), instance('shop_us')],
    operations: [operation()],
    packages: [
      packageVersion('purge_orders', 'postgres', [packageFile('10-purge.sql', 'select 1;\n')]),
    ],
    ...change,
  };
}

export const nothing: Definitions = {
  environments: [],
  instances: [],
  operations: [],
  packages: [],
};
