import { createHash } from 'node:crypto';
import type { Definitions, Operation } from '../../../src/core/definitions/model.ts';
import type { StreamPlan } from '../../../src/core/run/stream-plan.ts';
import type { StartRequest } from '../../../src/ports/repository.ts';

export interface FleetShape {
  readonly instances: number;
  /** One run of each operation; all run on all instances. */
  readonly operations?: number;
  readonly perEnvironment?: number;
  readonly perRun?: number;
}

const ENVIRONMENT = { id: 1, code: 'TEST' };
const TEXT = 'create procedure nothing() language sql as $$ select 1 $$;';
const SHA256 = createHash('sha256').update(TEXT).digest('hex');
const PACKAGE = {
  name: 'nothing',
  engine: 'postgres' as const,
  sha256: SHA256,
  files: [{ path: 'nothing.sql', role: 'code' as const, text: TEXT, sha256: SHA256 }],
};

export function instanceNames(shape: FleetShape): string[] {
  return Array.from({ length: shape.instances }, (_, index) => `db${index + 1}`);
}

export function definitionsOf(shape: FleetShape): Definitions {
  const operations = Array.from({ length: shape.operations ?? 1 }, (_, index) =>
    operation(index + 1, shape.perRun ?? null),
  );
  return {
    environments: [
      {
        ...ENVIRONMENT,
        description: null,
        enabled: true,
        maxDurationMs: null,
        maxStreams: shape.perEnvironment ?? null,
      },
    ],
    instances: instanceNames(shape).map((name) => ({
      name,
      engine: 'postgres',
      host: 'localhost',
      port: 5432,
      database: name,
      user: 'odtm',
      credential: null,
      options: {},
      environments: [{ environment: ENVIRONMENT.code, enabled: true }],
      labels: {},
      enabled: true,
      maxStreams: 1,
    })),
    operations,
    packages: [PACKAGE],
  };
}

function operation(id: number, maxStreams: number | null): Operation {
  return {
    id,
    name: `operation${id}`,
    description: null,
    package: PACKAGE.name,
    enabled: true,
    maxDurationMs: null,
    maxStreams,
    retryOn: [],
    environments: [{ environment: ENVIRONMENT.code, enabled: true, maxDurationMs: null }],
    instances: null,
    labels: {},
    tasks: [],
    objects: [],
    variants: [],
    parameters: [],
  };
}

export function startRequest(shape: FleetShape, operationId: number): StartRequest {
  const named = { id: operationId, name: `operation${operationId}` };
  return {
    operation: named,
    environment: ENVIRONMENT,
    variant: null,
    preview: null,
    keepPackage: false,
    acceptDrift: false,
    maxStreams: shape.perRun ?? null,
    plans: instanceNames(shape).map((instance) => plan(named, instance)),
    onlyInstances: null,
    by: 'test',
  };
}

function plan(named: StreamPlan['operation'], instance: string): StreamPlan {
  return {
    operation: named,
    environment: ENVIRONMENT,
    variant: null,
    instance,
    engine: 'postgres',
    package: { name: PACKAGE.name, sha256: PACKAGE.sha256 },
    tasks: [],
    objects: [{ id: '', owner: null, name: null, parameters: [] }],
    maxDurationMs: null,
  };
}
