import { odtmError } from '../errors/catalogue.ts';
import type { Definitions, Environment, Operation } from './model.ts';

/** The operation of an id or a name. @throws OdtmError OPERATION_UNKNOWN */
export function findOperation(definitions: Definitions, idOrName: string): Operation {
  const found = definitions.operations.find(
    (operation) => operation.name === idOrName || String(operation.id) === idOrName,
  );
  if (found === undefined) throw odtmError('OPERATION_UNKNOWN', { operation: idOrName });
  return found;
}

/** The environment of an id or a code; letter case does not count. @throws OdtmError ENVIRONMENT_UNKNOWN */
export function findEnvironment(definitions: Definitions, idOrCode: string): Environment {
  const wanted = idOrCode.toUpperCase();
  const found = definitions.environments.find(
    (environment) => environment.code.toUpperCase() === wanted || String(environment.id) === wanted,
  );
  if (found !== undefined) return found;
  const known = definitions.environments.map(({ id, code }) => `${code} (${id})`).join(', ');
  throw odtmError('ENVIRONMENT_UNKNOWN', { environment: idOrCode, known: known || 'none' });
}

/** Makes sure that a variant may be run. @throws OdtmError VARIANT_UNKNOWN */
export function requireVariant(operation: Operation, variant: string | null): void {
  const enabled = operation.variants.filter((each) => each.enabled).map((each) => each.name);
  if (variant === null || enabled.includes(variant)) return;
  const known = enabled.join(', ') || 'none';
  throw odtmError('VARIANT_UNKNOWN', { operation: operation.name, variant, known });
}
