import { odtmError } from '../errors/catalogue.ts';
import type { PlannedObject, StreamPlan } from '../run/stream-plan.ts';
import type { Definitions, Environment, Instance, Operation, PackageVersion } from './model.ts';
import { objectId } from './object-id.ts';
import { effectiveParameters, type ParameterScope } from './parameters.ts';
import { objectsOf } from './selection.ts';

/**
 * The frozen input of one stream: enabled tasks and enabled objects of the instance in their order, the
 * parameters that count for each object, the shortest of the maximum durations, and the package's version.
 * @throws OdtmError PACKAGE_MISSING where the package has no files for the instance's engine
 * @throws OdtmError NOTHING_TO_DO where no task, or none of the objects, is enabled on the instance
 */
export function streamPlan(
  definitions: Definitions,
  operation: Operation,
  environment: Environment,
  instance: Instance,
  variant: string | null,
): StreamPlan {
  const code = packageOf(definitions, operation, instance);
  return {
    operation: { id: operation.id, name: operation.name },
    environment: { id: environment.id, code: environment.code },
    variant,
    instance: instance.name,
    engine: instance.engine,
    package: { name: code.name, sha256: code.sha256 },
    tasks: enabledTasks(operation, instance),
    objects: plannedObjects(operation, instance, {
      environment: environment.code,
      instance: instance.name,
      object: null,
      variant,
    }),
    maxDurationMs: shortestDuration(operation, environment),
    retryOn: operation.retryOn,
  };
}

function packageOf(
  definitions: Definitions,
  operation: Operation,
  instance: Instance,
): PackageVersion {
  const found = definitions.packages.find(
    (version) => version.name === operation.package && version.engine === instance.engine,
  );
  if (found !== undefined) return found;
  throw odtmError('PACKAGE_MISSING', {
    package: operation.package,
    engine: instance.engine,
    instance: instance.name,
  });
}

function enabledTasks(operation: Operation, instance: Instance): StreamPlan['tasks'] {
  const tasks = operation.tasks.filter((task) => task.enabled).sort((a, b) => a.order - b.order);
  if (tasks.length === 0) throw nothingToDo(operation, instance, 'none of its tasks is enabled');
  return tasks;
}

function plannedObjects(
  operation: Operation,
  instance: Instance,
  scope: ParameterScope,
): PlannedObject[] {
  if (operation.objects.length === 0) {
    return [{ id: '', owner: null, name: null, parameters: effectiveParameters(operation, scope) }];
  }
  const objects = objectsOf(operation, instance.name);
  if (objects.length === 0)
    throw nothingToDo(operation, instance, 'none of its objects is enabled there');
  return objects.map((object) => {
    const id = objectId(object);
    const parameters = effectiveParameters(operation, { ...scope, object: id });
    return { id, owner: object.owner, name: object.name, parameters };
  });
}

function nothingToDo(operation: Operation, instance: Instance, reason: string): Error {
  return odtmError('NOTHING_TO_DO', { operation: operation.name, instance: instance.name, reason });
}

/** The shortest of the operation's, the environment's, and the operation's in the environment; null: none. */
function shortestDuration(operation: Operation, environment: Environment): number | null {
  const place = operation.environments.find((entry) => entry.environment === environment.code);
  const limits = [operation.maxDurationMs, environment.maxDurationMs, place?.maxDurationMs ?? null];
  const set = limits.filter((limit) => limit !== null);
  return set.length === 0 ? null : Math.min(...set);
}
