import { errorCode } from '../definitions/error-code.ts';
import type { Failure } from './failure.ts';
import type { StreamPlan } from './stream-plan.ts';
import type { UnitKey } from './unit.ts';

/** Whether the author says that a unit which failed like this is tried again. */
export function isRetriedByAuthor(plan: StreamPlan, unit: UnitKey, { code }: Failure): boolean {
  // A plan that an earlier version has frozen says nothing of it.
  const task: { readonly retryOn?: readonly string[] | null } | undefined = plan.tasks.find(
    ({ name }) => name === unit.task,
  );
  return (task?.retryOn ?? plan.retryOn ?? []).includes(errorCode(code));
}
