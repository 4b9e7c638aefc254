import { listDefinitions } from '../../control/list-definitions.ts';
import { durationText } from '../../core/definitions/duration.ts';
import type { Environment, Instance, Operation } from '../../core/definitions/model.ts';
import { objectId } from '../../core/definitions/object-id.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';
import { table } from '../render/table.ts';
import { oneLine } from '../render/words.ts';

export const operationsCommand: CommandSpec = {
  name: 'operations',
  summary: 'List the operations in the repository',
  options: [JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm operations'],
  async run({ session, output }) {
    const definitions = await listDefinitions(await session());
    output.either(
      () => ({ operations: definitions.operations.map(operationDocument) }),
      () => operationsTable(definitions.operations),
    );
    return EXIT.completed;
  },
};

export const instancesCommand: CommandSpec = {
  name: 'instances',
  summary: 'List the instances in the repository',
  options: [JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm instances --json'],
  async run({ session, output }) {
    const definitions = await listDefinitions(await session());
    output.either(
      () => ({ instances: definitions.instances.map(instanceDocument) }),
      () => instancesTable(definitions.instances),
    );
    return EXIT.completed;
  },
};

export const environmentsCommand: CommandSpec = {
  name: 'environments',
  summary: 'List the environments in the repository',
  options: [JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm environments'],
  async run({ session, output }) {
    const definitions = await listDefinitions(await session());
    output.either(
      () => ({ environments: definitions.environments.map(environmentDocument) }),
      () => environmentsTable(definitions.environments),
    );
    return EXIT.completed;
  },
};

/** `name`, marked where it is disabled. */
function marked(name: string, enabled: boolean): string {
  return enabled ? name : `${name} (disabled)`;
}

function operationsTable(operations: readonly Operation[]): string {
  return table(
    ['ID', 'NAME', 'PACKAGE', 'TASKS', 'ENVIRONMENTS', 'DESCRIPTION'],
    operations.map((operation) => [
      String(operation.id),
      marked(operation.name, operation.enabled),
      operation.package,
      String(operation.tasks.filter(({ enabled }) => enabled).length),
      operation.environments.map((entry) => marked(entry.environment, entry.enabled)).join(', '),
      oneLine(operation.description ?? ''),
    ]),
    'No operations.',
  );
}

function operationDocument(operation: Operation): unknown {
  return {
    id: operation.id,
    name: operation.name,
    description: operation.description,
    package: operation.package,
    enabled: operation.enabled,
    max_duration_ms: operation.maxDurationMs,
    max_streams: operation.maxStreams,
    environments: operation.environments.map(({ environment, enabled }) => ({
      code: environment,
      enabled,
    })),
    tasks: operation.tasks.map(({ name, order, enabled }) => ({ name, order, enabled })),
    objects: operation.objects.map(objectId),
    variants: operation.variants.map(({ name }) => name),
  };
}

function instancesTable(instances: readonly Instance[]): string {
  return table(
    ['NAME', 'ENGINE', 'ADDRESS', 'USER', 'ENVIRONMENTS', 'LABELS'],
    instances.map((instance) => [
      marked(instance.name, instance.enabled),
      instance.engine,
      `${instance.host}:${instance.port}/${instance.database}`,
      instance.user,
      instance.environments.map((entry) => marked(entry.environment, entry.enabled)).join(', '),
      Object.entries(instance.labels)
        .map(([key, value]) => `${key}: ${value}`)
        .join(', '),
    ]),
    'No instances.',
  );
}

function instanceDocument(instance: Instance): unknown {
  const { name, engine, host, port, database, user, enabled, labels } = instance;
  return {
    name,
    engine,
    host,
    port,
    database,
    user,
    enabled,
    labels,
    max_streams: instance.maxStreams,
    environments: instance.environments.map((entry) => ({
      code: entry.environment,
      enabled: entry.enabled,
    })),
  };
}

function environmentsTable(environments: readonly Environment[]): string {
  return table(
    ['ID', 'CODE', '>MAX STREAMS', '>MAX DURATION', 'DESCRIPTION'],
    environments.map(({ id, code, enabled, maxStreams, maxDurationMs, description }) => [
      String(id),
      marked(code, enabled),
      maxStreams === null ? '' : String(maxStreams),
      maxDurationMs === null ? '' : durationText(maxDurationMs),
      oneLine(description ?? ''),
    ]),
    'No environments.',
  );
}

function environmentDocument(environment: Environment): unknown {
  const { id, code, description, enabled, maxDurationMs, maxStreams } = environment;
  return {
    id,
    code,
    description,
    enabled,
    max_duration_ms: maxDurationMs,
    max_streams: maxStreams,
  };
}
