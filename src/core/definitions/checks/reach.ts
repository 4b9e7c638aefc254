import type {
  InstanceSource,
  OperationInstanceSource,
  OperationSource,
  Partly,
} from '../source.ts';
import { codeOf } from './instance-checks.ts';
import type { Known } from './known.ts';

/** The name of an instance in its short or its long form. */
export function instanceName(source: Partly<OperationInstanceSource>): string | undefined {
  return typeof source === 'string' ? source : source?.name;
}

/** The instances on which an operation would run in some environment, were all of these enabled. */
export function reachable(
  operation: Partly<OperationSource>,
  known: Known,
): Partly<InstanceSource>[] {
  const codes = (operation.environments ?? []).filter(isEnabled).map(codeOf);
  return [...known.instances.values()].filter((instance) => {
    if (instance.enabled === false || !isListed(operation, instance.name)) return false;
    if (!hasLabels(operation, instance)) return false;
    return (instance.environments ?? [])
      .filter(isEnabled)
      .some((source) => codes.includes(codeOf(source)));
  });
}

function isEnabled(
  source: string | { readonly enabled?: boolean | undefined } | undefined,
): boolean {
  return typeof source !== 'object' || source.enabled !== false;
}

function isListed(operation: Partly<OperationSource>, name: string | undefined): boolean {
  if (operation.instances == null) return true;
  return operation.instances.some((source) => instanceName(source) === name && isEnabled(source));
}

function hasLabels(operation: Partly<OperationSource>, instance: Partly<InstanceSource>): boolean {
  const labels = Object.entries(operation.labels ?? {});
  return labels.every(([key, value]) => String(instance.labels?.[key]) === String(value));
}
