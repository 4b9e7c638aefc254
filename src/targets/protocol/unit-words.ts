import { odtmError } from '../../core/errors/catalogue.ts';
import { plainFailure } from '../../core/run/failure.ts';
import type { StreamPlan } from '../../core/run/stream-plan.ts';
import type { UnitKey } from '../../core/run/unit.ts';
import { TargetError } from '../../ports/target.ts';

/** The kind that a unit's row has, by its key; a decision about a chunked task counts as one about a task. */
export function kindOf({ task }: UnitKey): string {
  if (task === 'iterator' || task === 'initial') return task;
  return task === 'final' || task === 'final_error' ? 'final' : 'task';
}

/** That nobody can tell whether a unit took effect. */
export function inDoubt(unit: string, instance: string, reason: string): TargetError {
  const { code, message, remedy } = odtmError('UNIT_IN_DOUBT', { unit, instance, reason });
  return new TargetError('in_doubt', plainFailure(code, message, remedy));
}

/** A row of dom$parameter. */
export interface ParameterRow {
  readonly object: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Values that an object has of its own stand under its id, those that all of them share only once. */
export function parameterRows({ objects }: StreamPlan): ParameterRow[] {
  const rows = new Map<string, ParameterRow>();
  for (const { id, parameters } of objects) {
    for (const { name, type, value, source } of parameters) {
      const object = source.level === 'object' ? id : '';
      rows.set(JSON.stringify([object, name]), { object, name, type, value });
    }
  }
  return [...rows.values()];
}
