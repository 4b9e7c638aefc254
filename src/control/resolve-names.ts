import type { Definitions, Environment, Instance, Operation } from '../core/definitions/model.ts';
import { odtmError } from '../core/errors/catalogue.ts';
import type { RunQueries } from '../ports/run-queries.ts';

/** The operation with that id or name. @throws OdtmError OPERATION_UNKNOWN */
export function findOperation(definitions: Definitions, idOrName: string): Operation {
  const found = definitions.operations.find(
    (operation) => String(operation.id) === idOrName || operation.name === idOrName,
  );
  if (found === undefined) throw odtmError('OPERATION_UNKNOWN', { operation: idOrName });
  return found;
}

/** The environment with that id or code, in any case. @throws OdtmError ENVIRONMENT_UNKNOWN */
export function findEnvironment(definitions: Definitions, idOrCode: string): Environment {
  const found = definitions.environments.find(
    ({ id, code }) => String(id) === idOrCode || code.toLowerCase() === idOrCode.toLowerCase(),
  );
  if (found !== undefined) return found;
  const known = definitions.environments.map(({ id, code }) => `${code} (${id})`);
  throw odtmError('ENVIRONMENT_UNKNOWN', { environment: idOrCode, known: listOf(known) });
}

/** The instance with that name. @throws OdtmError INSTANCE_UNKNOWN */
export function findInstance(definitions: Definitions, name: string): Instance {
  const found = definitions.instances.find((instance) => instance.name === name);
  if (found !== undefined) return found;
  const known = definitions.instances.map((instance) => instance.name);
  throw odtmError('INSTANCE_UNKNOWN', { instance: name, known: listOf(known) });
}

/** A variant that is enabled; null stays null. @throws OdtmError VARIANT_UNKNOWN */
export function checkVariant(operation: Operation, variant: string | null): string | null {
  const known = operation.variants.filter(({ enabled }) => enabled).map(({ name }) => name);
  if (variant === null || known.includes(variant)) return variant;
  throw odtmError('VARIANT_UNKNOWN', { operation: operation.name, variant, known: listOf(known) });
}

/** The id of a run; `last` stands for the newest. @throws OdtmError RUN_UNKNOWN */
export async function findRunId(queries: RunQueries, run: string): Promise<string> {
  if (run === 'last') {
    const [newest] = await queries.runs({ limit: 1 });
    if (newest !== undefined) return newest.runId;
  } else if (/^[1-9]\d{0,17}$/.test(run)) return run;
  throw odtmError('RUN_UNKNOWN', { run });
}

/** A list for a sentence; it is never empty text. */
export function listOf(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
