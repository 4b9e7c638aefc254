import type { EffectiveParameter, ParameterSource } from '../run/stream-plan.ts';
import type { Operation, ParameterValue } from './model.ts';
import { compareText } from './names.ts';

/** For what the parameters of an operation are asked. */
export interface ParameterScope {
  readonly environment: string;
  readonly instance: string;
  /** `owner.name`; null: for no object. */
  readonly object: string | null;
  readonly variant: string | null;
}

type Scoped = Pick<ParameterValue, 'environment' | 'instance' | 'object' | 'variant'>;

/**
 * How specific a value is; the greatest wins. An object counts more than an instance, that more than an
 * environment, and the environment more than nothing, whatever else is named; of two values alike in this
 * the variant's wins. Two values of one parameter never have the same scope, so the order is total.
 */
export function specificity(value: Scoped): number {
  return (
    (value.object === null ? 0 : 8) +
    (value.instance === null ? 0 : 4) +
    (value.environment === null ? 0 : 2) +
    (value.variant === null ? 0 : 1)
  );
}

/**
 * The value of each parameter that counts in a scope, by name, and where it comes from. A value takes part
 * when it is enabled and every scope that it names is the one asked for. Rule, from weak to strong:
 * operation < environment < instance < object by the most specific scope that the value names; within one
 * level a value that names more of the scopes wins; then a value of the variant beats one without.
 */
export function effectiveParameters(
  operation: Operation,
  scope: ParameterScope,
): EffectiveParameter[] {
  const winners = new Map<string, ParameterValue>();
  for (const value of operation.parameters) {
    if (!value.enabled || !applies(value, scope)) continue;
    const winner = winners.get(value.name);
    if (winner === undefined || specificity(value) > specificity(winner))
      winners.set(value.name, value);
  }
  return [...winners.values()].sort((a, b) => compareText(a.name, b.name)).map(effective);
}

function applies(value: Scoped, scope: ParameterScope): boolean {
  return (
    (value.environment === null || value.environment === scope.environment) &&
    (value.instance === null || value.instance === scope.instance) &&
    (value.object === null || value.object === scope.object) &&
    (value.variant === null || value.variant === scope.variant)
  );
}

function effective(value: ParameterValue): EffectiveParameter {
  const { environment, instance, object, variant } = value;
  const source = { level: levelOf(value), environment, instance, object, variant };
  return { name: value.name, type: value.type, value: value.value, source };
}

function levelOf(value: Scoped): ParameterSource['level'] {
  if (value.object !== null) return 'object';
  if (value.instance !== null) return 'instance';
  return value.environment === null ? 'operation' : 'environment';
}
