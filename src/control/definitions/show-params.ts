import type {
  Definitions,
  Environment,
  Instance,
  Operation,
} from '../../core/definitions/model.ts';
import { objectId } from '../../core/definitions/object-id.ts';
import { effectiveParameters } from '../../core/definitions/parameters.ts';
import { objectsOf, selectInstances } from '../../core/definitions/selection.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
import type { EffectiveParameter } from '../../core/run/stream-plan.ts';
import type { DefinitionStore } from '../../ports/repository.ts';
import { checkVariant, findEnvironment, findOperation, listOf } from '../resolve-names.ts';

/** Of which parameters a person wants to know the values. */
export interface ParamsRequest {
  /** Id or name. */
  readonly operation: string;
  /** Id or code. */
  readonly environment: string;
  /** Null: every instance that the operation runs on. */
  readonly instance: string | null;
  readonly variant: string | null;
}

/** The values that count on one instance for one object. */
export interface ScopedParams {
  readonly instance: string;
  /** `owner.name`; null: the operation has no objects. */
  readonly object: string | null;
  readonly parameters: readonly EffectiveParameter[];
}

export interface ShownParams {
  readonly operation: Pick<Operation, 'id' | 'name'>;
  readonly environment: Pick<Environment, 'id' | 'code'>;
  readonly variant: string | null;
  readonly scopes: readonly ScopedParams[];
}

/**
 * The effective parameters of an operation in an environment, and where each value comes from.
 * @throws OdtmError OPERATION_UNKNOWN, ENVIRONMENT_UNKNOWN, VARIANT_UNKNOWN, INSTANCE_NOT_IN_RUN
 */
export async function showParams(
  ports: { readonly definitions: DefinitionStore },
  request: ParamsRequest,
): Promise<ShownParams> {
  const { definitions } = await ports.definitions.load();
  const operation = findOperation(definitions, request.operation);
  const environment = findEnvironment(definitions, request.environment);
  const variant = checkVariant(operation, request.variant);
  const scopes = instancesFor(definitions, operation, environment, request.instance).flatMap(
    (instance) =>
      objectIds(operation, instance).map((object) => {
        const { name } = instance;
        const scope = {
          environment: environment.code,
          instance: name,
          object,
          variant,
        };
        return { instance: name, object, parameters: effectiveParameters(operation, scope) };
      }),
  );
  return {
    operation: { id: operation.id, name: operation.name },
    environment: { id: environment.id, code: environment.code },
    variant,
    scopes,
  };
}

function instancesFor(
  definitions: Definitions,
  operation: Operation,
  environment: Environment,
  only: string | null,
): readonly Instance[] {
  const { selected, excluded } = selectInstances(definitions, operation, environment);
  if (only === null) return selected;
  const found = selected.filter((instance) => instance.name === only);
  if (found.length > 0) return found;
  const reason = excluded.find((exclusion) => exclusion.instance === only)?.reason;
  throw odtmError('INSTANCE_NOT_IN_RUN', {
    instance: only,
    reason: (reason ?? `It does not belong to ${environment.code}.`).replace(/\.$/, ''),
    known: listOf(selected.map((instance) => instance.name)),
  });
}

function objectIds(operation: Operation, instance: Instance): (string | null)[] {
  if (operation.objects.length === 0) return [null];
  return objectsOf(operation, instance.name).map(objectId);
}
