import { odtmError } from '../../core/errors/catalogue.ts';
import { plainFailure } from '../../core/run/failure.ts';
import { TargetError } from '../../ports/target.ts';

/** That nobody can tell whether a unit took effect. */
export function inDoubt(unit: string, instance: string, reason: string): TargetError {
  const { code, message, remedy } = odtmError('UNIT_IN_DOUBT', { unit, instance, reason });
  return new TargetError('in_doubt', plainFailure(code, message, remedy));
}
