import { durationText } from './duration.ts';
import type {
  ChunkSpec,
  Environment,
  Instance,
  Operation,
  PackageVersion,
  ParameterValue,
  Task,
} from './model.ts';
import { objectId } from './object-id.ts';

/** A value in a difference; null: it is not there. */
export type FieldValue = string | number | boolean | null;

/** A definition as a flat list of paths in the words of the definition files, without what is left out. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** `what: true` says only that a part is there; a part of a list is known by its natural key. */
type Part = Readonly<Record<string, FieldValue>>;

function limit(ms: number | null): string | null {
  return ms === null ? null : durationText(ms);
}

/** Puts the parts of a list or a map under their path. */
function under(prefix: string, parts: Part): Part {
  return Object.fromEntries(
    Object.entries(parts).map(([key, value]) => [`${prefix}.${key}`, value]),
  );
}

function merged(parts: readonly Part[]): Part {
  return Object.assign({}, ...parts) as Part;
}

/** The fields of an environment. */
export function environmentFields(environment: Environment): Fields {
  return {
    code: environment.code,
    description: environment.description,
    max_duration: limit(environment.maxDurationMs),
    max_streams: environment.maxStreams,
    enabled: environment.enabled,
  };
}

/** The fields of an instance. */
export function instanceFields(instance: Instance): Fields {
  return {
    engine: instance.engine,
    host: instance.host,
    port: instance.port,
    database: instance.database,
    user: instance.user,
    credential: instance.credential,
    max_streams: instance.maxStreams,
    enabled: instance.enabled,
    ...under('options', instance.options),
    ...under('labels', instance.labels),
    ...merged(
      instance.environments.map((entry) => ({
        [`environments.${entry.environment}.enabled`]: entry.enabled,
      })),
    ),
  };
}

/** The fields of an operation. */
export function operationFields(operation: Operation): Fields {
  return {
    name: operation.name,
    description: operation.description,
    package: operation.package,
    max_duration: limit(operation.maxDurationMs),
    max_streams: operation.maxStreams,
    retry_on: operation.retryOn.length === 0 ? null : operation.retryOn.join(', '),
    enabled: operation.enabled,
    ...under('labels', operation.labels),
    ...placeFields(operation),
    ...merged(operation.tasks.map((task) => under(`tasks.${task.name}`, taskFields(task)))),
    ...objectFields(operation),
    ...merged(
      operation.variants.map((variant) =>
        under(`variants.${variant.name}`, {
          description: variant.description,
          enabled: variant.enabled,
        }),
      ),
    ),
    ...merged(
      operation.parameters.map((value) => under(parameterPath(value), parameterFields(value))),
    ),
  };
}

function placeFields(operation: Operation): Part {
  const environments = operation.environments.map((entry) =>
    under(`environments.${entry.environment}`, {
      enabled: entry.enabled,
      max_duration: limit(entry.maxDurationMs),
    }),
  );
  const instances = (operation.instances ?? []).map((entry) => ({
    [`instances.${entry.instance}.enabled`]: entry.enabled,
  }));
  const all = operation.instances === null ? [{ instances: 'all of the environment' }] : instances;
  return merged([...environments, ...all]);
}

function taskFields(task: Task): Part {
  return {
    order: task.order,
    enabled: task.enabled,
    procedure: task.procedure,
    sql: task.sql,
    done_when: task.doneWhen,
    retry_on: task.retryOn === null ? null : task.retryOn.join(', '),
    ...under('needs', needFields(task)),
    ...(task.chunks === null ? {} : under('chunks', chunkFields(task.chunks))),
  };
}

function needFields({ needs }: Task): Part {
  return Object.fromEntries(
    Object.entries(needs).map(([engine, list]) => [engine, list.join(', ')]),
  );
}

function chunkFields(chunks: ChunkSpec): Part {
  if (chunks.by === 'sql') return { sql: chunks.sql, parallel: chunks.parallel };
  const { table, column, size, parallel } = chunks;
  return { table, column, size, parallel };
}

function objectFields(operation: Operation): Part {
  return merged(
    operation.objects.map((object) =>
      under(`objects.${objectId(object)}`, {
        order: object.order,
        enabled: object.enabled,
        instances: object.instances === null ? null : object.instances.join(', '),
      }),
    ),
  );
}

/** A parameter's value is known by its name and its scope: `parameters.months_kept[environment=PROD]`. */
function parameterPath(value: ParameterValue): string {
  const scopes = (['environment', 'instance', 'object', 'variant'] as const).flatMap((key) =>
    value[key] === null ? [] : [`${key}=${value[key]}`],
  );
  return `parameters.${value.name}${scopes.length === 0 ? '' : `[${scopes.join(',')}]`}`;
}

function parameterFields(value: ParameterValue): Part {
  return { value: value.value, type: value.type, enabled: value.enabled };
}

/** The fields of a package: the role and the hash of each file. */
export function packageFields(version: PackageVersion): Fields {
  return merged(
    version.files.map((file) => ({
      [`files.${file.path}`]: `${file.role} ${file.sha256.slice(0, 12)}`,
    })),
  );
}
