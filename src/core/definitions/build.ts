import { DEFAULT_PORTS, ENGINES } from '../engine.ts';
import { parseAddress } from './address.ts';
import { durationMs } from './duration.ts';
import { errorCode } from './error-code.ts';
import type {
  ChunkSpec,
  Definitions,
  Environment,
  Instance,
  Membership,
  ObjectDefinition,
  Operation,
  OperationEnvironment,
  PackageVersion,
  ParameterValue,
  Task,
} from './model.ts';
import { compareText } from './names.ts';
import { privilegeText } from './privilege.ts';
import type {
  ChunksSource,
  EnvironmentSource,
  InstanceSource,
  MembershipSource,
  ObjectSource,
  OperationEnvironmentSource,
  OperationSource,
  ParameterSourceEntry,
  Scalar,
  TaskSource,
} from './source.ts';
import { inferType, valueText } from './typed-value.ts';

/** What the files of a project say, when nothing is wrong with it. */
export interface CheckedSource {
  readonly environments: readonly EnvironmentSource[];
  readonly instances: readonly InstanceSource[];
  readonly operations: readonly OperationSource[];
  readonly packages: readonly PackageVersion[];
}

/** Turns checked sources into definitions: short forms and defaults resolved, lists in order. */
export function buildDefinitions(source: CheckedSource): Definitions {
  return {
    environments: source.environments.map(environmentOf).sort((a, b) => a.id - b.id),
    instances: source.instances.map(instanceOf).sort((a, b) => compareText(a.name, b.name)),
    operations: source.operations.map(operationOf).sort((a, b) => a.id - b.id),
    packages: [...source.packages].sort(
      (a, b) => compareText(a.name, b.name) || compareText(a.engine, b.engine),
    ),
  };
}

function limitMs(text: string | null | undefined): number | null {
  return text == null ? null : durationMs(text);
}

function textRecord(source: Record<string, Scalar> | null | undefined): Record<string, string> {
  const sorted = Object.entries(source ?? {}).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(sorted.map(([key, value]) => [key, String(value)]));
}

function environmentOf(source: EnvironmentSource): Environment {
  return {
    id: source.id,
    code: source.code,
    description: source.description ?? null,
    enabled: source.enabled ?? true,
    maxDurationMs: limitMs(source.max_duration),
    maxStreams: source.max_streams ?? null,
  };
}

function instanceOf(source: InstanceSource): Instance {
  const address = source.address == null ? null : parseAddress(source.address);
  return {
    name: source.name,
    engine: source.engine,
    host: address?.host ?? source.host ?? '',
    port: address?.port ?? source.port ?? DEFAULT_PORTS[source.engine],
    database: address?.database ?? source.database ?? '',
    user: source.user,
    credential: source.credential ?? null,
    options: textRecord(source.options),
    environments: source.environments
      .map(membershipOf)
      .sort((a, b) => compareText(a.environment, b.environment)),
    labels: textRecord(source.labels),
    enabled: source.enabled ?? true,
    maxStreams: source.max_streams ?? 1,
  };
}

function membershipOf(source: MembershipSource): Membership {
  if (typeof source === 'string') return { environment: source, enabled: true };
  return { environment: source.code, enabled: source.enabled ?? true };
}

function operationOf(source: OperationSource): Operation {
  return {
    id: source.id,
    name: source.name,
    description: source.description ?? null,
    package: source.package ?? source.name,
    enabled: source.enabled ?? true,
    maxDurationMs: limitMs(source.max_duration),
    maxStreams: source.max_streams ?? null,
    retryOn: errorCodes(source.retry_on ?? []),
    environments: source.environments
      .map(operationEnvironmentOf)
      .sort((a, b) => compareText(a.environment, b.environment)),
    instances: operationInstancesOf(source),
    labels: textRecord(source.labels),
    tasks: byOrder(source.tasks.map(taskOf)),
    objects: byOrder((source.objects ?? []).map(objectOf)),
    variants: (source.variants ?? []).map(variantOf).sort((a, b) => compareText(a.name, b.name)),
    parameters: (source.parameters ?? []).map(parameterOf).sort(byScope),
  };
}

function operationEnvironmentOf(source: OperationEnvironmentSource): OperationEnvironment {
  if (typeof source === 'string')
    return { environment: source, enabled: true, maxDurationMs: null };
  return {
    environment: source.code,
    enabled: source.enabled ?? true,
    maxDurationMs: limitMs(source.max_duration),
  };
}

function operationInstancesOf(source: OperationSource): Operation['instances'] {
  if (source.instances == null) return null;
  return source.instances
    .map((entry) =>
      typeof entry === 'string'
        ? { instance: entry, enabled: true }
        : { instance: entry.name, enabled: entry.enabled ?? true },
    )
    .sort((a, b) => compareText(a.instance, b.instance));
}

/** Sorting is stable: what has the same order stays as it is written. */
function byOrder<T extends { readonly order: number }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => a.order - b.order);
}

function defaultOrder(index: number): number {
  return (index + 1) * 10;
}

function taskOf(source: TaskSource, index: number): Task {
  const sql = source.sql ?? null;
  return {
    name: source.name,
    order: source.order ?? defaultOrder(index),
    enabled: source.enabled ?? true,
    procedure: sql === null ? (source.procedure ?? source.name) : null,
    sql,
    doneWhen: source.done_when ?? null,
    chunks: source.chunks == null ? null : chunksOf(source.chunks),
    retryOn: source.retry_on == null ? null : errorCodes(source.retry_on),
    needs: needsOf(source.needs ?? {}),
  };
}

/** An engine without any is left out. */
function needsOf(source: NonNullable<TaskSource['needs']>): Task['needs'] {
  const lists = ENGINES.map(
    (engine) => [engine, (source[engine] ?? []).map(privilegeText)] as const,
  );
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}

function errorCodes(source: readonly string[]): string[] {
  return source.map(errorCode).sort(compareText);
}

function chunksOf(source: ChunksSource): ChunkSpec {
  const parallel = source.parallel ?? 1;
  if (source.sql != null) return { by: 'sql', sql: source.sql, parallel };
  return {
    by: 'key',
    table: source.table ?? '',
    column: source.column ?? '',
    size: String(source.size),
    parallel,
  };
}

function objectOf(source: ObjectSource, index: number): ObjectDefinition {
  if (typeof source === 'string') {
    const [owner = '', name = ''] = source.split('.');
    return { owner, name, order: defaultOrder(index), enabled: true, instances: null };
  }
  return {
    owner: source.owner,
    name: source.name,
    order: source.order ?? defaultOrder(index),
    enabled: source.enabled ?? true,
    instances: source.instances == null ? null : [...source.instances].sort(compareText),
  };
}

function variantOf(
  source: NonNullable<OperationSource['variants']>[number],
): Operation['variants'][number] {
  if (typeof source === 'string') return { name: source, description: null, enabled: true };
  return {
    name: source.name,
    description: source.description ?? null,
    enabled: source.enabled ?? true,
  };
}

function parameterOf(source: ParameterSourceEntry): ParameterValue {
  const type = source.type ?? inferType(source.value);
  return {
    name: source.name,
    type,
    value: valueText(source.value, type),
    enabled: source.enabled ?? true,
    environment: source.environment ?? null,
    instance: source.instance ?? null,
    object: source.object ?? null,
    variant: source.variant ?? null,
  };
}

/** By name, then by the scopes as text: an order that does not depend on the files. */
function byScope(a: ParameterValue, b: ParameterValue): number {
  return compareText(a.name, b.name) || compareText(scopeText(a), scopeText(b));
}

function scopeText(value: ParameterValue): string {
  return JSON.stringify([value.environment, value.instance, value.object, value.variant]);
}
