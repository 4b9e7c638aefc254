import type { Definitions, Environment, Instance, ObjectDefinition, Operation } from './model.ts';
import { compareText } from './names.ts';

/** An instance on which the operation does not run, and why, as a sentence. */
export interface Exclusion {
  readonly instance: string;
  readonly reason: string;
}

export interface Selection {
  /** In the order of their names. */
  readonly selected: readonly Instance[];
  /** In the order of their names: of the environment, of the operation's list, or asked for. */
  readonly excluded: readonly Exclusion[];
}

/** Whether instances have all of these labels. */
export function hasLabels(instance: Instance, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => instance.labels[key] === value);
}

/** The enabled objects of an operation on an instance, in run order. */
export function objectsOf(operation: Operation, instance: string): ObjectDefinition[] {
  return operation.objects
    .filter((object) => object.enabled && (object.instances?.includes(instance) ?? true))
    .sort((a, b) => a.order - b.order);
}

/** The operations that run on an instance in any environment. */
export function operationsOn(definitions: Definitions, instance: Instance): Operation[] {
  return definitions.operations.filter((operation) =>
    definitions.environments.some((environment) =>
      selectInstances(definitions, operation, environment).selected.includes(instance),
    ),
  );
}

/**
 * The instances on which an operation runs in an environment. Every level may disable: the environment, the
 * operation, the operation in the environment, the instance, the instance in the environment, the
 * operation on the instance, and all of its tasks or all of its objects there.
 * With `only`, nothing but these.
 */
export function selectInstances(
  definitions: Definitions,
  operation: Operation,
  environment: Environment,
  only?: readonly string[],
): Selection {
  const known = new Map(definitions.instances.map((instance) => [instance.name, instance]));
  const selected: Instance[] = [];
  const excluded: Exclusion[] = [];
  for (const name of candidateNames(definitions, operation, environment, only)) {
    const instance = known.get(name);
    const reason =
      instance === undefined
        ? `There is no instance ${name}.`
        : (blanketReason(operation, environment) ??
          instanceReason(instance, environment) ??
          operationReason(instance, operation, only));
    if (reason !== null) excluded.push({ instance: name, reason });
    else if (instance !== undefined) selected.push(instance);
  }
  return { selected, excluded };
}

function candidateNames(
  definitions: Definitions,
  operation: Operation,
  environment: Environment,
  only: readonly string[] | undefined,
): string[] {
  const members = definitions.instances
    .filter((instance) =>
      instance.environments.some((entry) => entry.environment === environment.code),
    )
    .map((instance) => instance.name);
  const listed = (operation.instances ?? []).map((entry) => entry.instance);
  return [...new Set([...members, ...listed, ...(only ?? [])])].sort(compareText);
}

/** Why the operation runs on no instance of the environment at all. */
function blanketReason(operation: Operation, environment: Environment): string | null {
  if (!environment.enabled) return `Environment ${environment.code} is disabled.`;
  if (!operation.enabled) return `Operation ${operation.name} is disabled.`;
  if (!operation.tasks.some((task) => task.enabled)) {
    return `No task of operation ${operation.name} is enabled.`;
  }
  const place = operation.environments.find((entry) => entry.environment === environment.code);
  if (place === undefined)
    return `Operation ${operation.name} does not run in ${environment.code}.`;
  return place.enabled ? null : `Operation ${operation.name} is disabled in ${environment.code}.`;
}

function instanceReason(instance: Instance, environment: Environment): string | null {
  const membership = instance.environments.find((entry) => entry.environment === environment.code);
  if (membership === undefined)
    return `Instance ${instance.name} does not belong to ${environment.code}.`;
  if (!instance.enabled) return `Instance ${instance.name} is disabled.`;
  return membership.enabled
    ? null
    : `Instance ${instance.name} is disabled in ${environment.code}.`;
}

function operationReason(
  instance: Instance,
  operation: Operation,
  only: readonly string[] | undefined,
): string | null {
  const listed = operation.instances?.find((entry) => entry.instance === instance.name);
  if (operation.instances !== null && listed === undefined) {
    return `Operation ${operation.name} does not list instance ${instance.name}.`;
  }
  if (listed?.enabled === false) {
    return `Operation ${operation.name} is disabled on instance ${instance.name}.`;
  }
  if (!hasLabels(instance, operation.labels)) {
    return `Instance ${instance.name} lacks a label of the operation (${labelText(operation)}).`;
  }
  if (operation.objects.length > 0 && objectsOf(operation, instance.name).length === 0) {
    return `No object of operation ${operation.name} is enabled on instance ${instance.name}.`;
  }
  return only === undefined || only.includes(instance.name)
    ? null
    : `Instance ${instance.name} is not among those asked for.`;
}

function labelText(operation: Operation): string {
  return Object.entries(operation.labels)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
}
