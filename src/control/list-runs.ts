import type { RunSummary } from '../ports/run-queries.ts';
import type { ControlPorts } from './ports.ts';
import { findEnvironment, findOperation } from './resolve-names.ts';

/**
 * Runs, the newest first.
 * @throws OdtmError OPERATION_UNKNOWN, ENVIRONMENT_UNKNOWN
 */
export async function listRuns(
  ports: Pick<ControlPorts, 'queries' | 'definitions'>,
  filter: {
    /** Id or name. */
    readonly operation?: string | undefined;
    /** Id or code. */
    readonly environment?: string | undefined;
    readonly unfinishedOnly: boolean;
    readonly limit: number;
  },
): Promise<readonly RunSummary[]> {
  const { operation, environment, unfinishedOnly, limit } = filter;
  if (operation === undefined && environment === undefined) {
    return ports.queries.runs({ unfinishedOnly, limit });
  }
  const { definitions } = await ports.definitions.load();
  return ports.queries.runs({
    ...(operation === undefined ? {} : { operation: findOperation(definitions, operation).id }),
    ...(environment === undefined
      ? {}
      : { environment: findEnvironment(definitions, environment).id }),
    unfinishedOnly,
    limit,
  });
}
