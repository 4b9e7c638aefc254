import type { Task } from '../definitions/model.ts';
import { nextObject, type Position, untouched } from './position.ts';
import type { PlannedObject, StreamPlan } from './stream-plan.ts';
import type { UnitKey } from './unit.ts';

/** What a stream does next. The tasks of one step have the same order and run in parallel. */
export type Step =
  | { readonly do: 'iterator'; readonly object: PlannedObject; readonly iteration: number }
  | { readonly do: 'initial'; readonly object: PlannedObject; readonly iteration: number }
  | {
      readonly do: 'tasks';
      readonly object: PlannedObject;
      readonly iteration: number;
      readonly tasks: readonly Task[];
    }
  | { readonly do: 'final'; readonly object: PlannedObject; readonly iteration: number }
  | { readonly do: 'end' };

/** The outcome of a step's unit, as the position needs it. */
export type StepOutcome =
  | { readonly of: 'iterator'; readonly complete: boolean }
  | { readonly of: 'initial' }
  | { readonly of: 'task'; readonly task: string }
  | { readonly of: 'final' };

/**
 * The next step from a position:
 * for each object (or once): iterator → (initial, once an object and once after each restart) → the
 * tasks in order → iterator …, until the iterator says complete; then final.
 */
export function nextStep(plan: StreamPlan, position: Position): Step {
  const object = plan.objects[position.objectIndex];
  if (object === undefined) return { do: 'end' };
  const { iteration } = position;
  if (position.iterator === 'complete') return { do: 'final', object, iteration };
  if (position.iterator === 'none')
    return { do: 'iterator', object, iteration: Math.max(iteration, 1) };
  const tasks = nextTasks(plan, position.tasksDone);
  if (tasks.length === 0) return { do: 'iterator', object, iteration: iteration + 1 };
  if (!position.initialDone) return { do: 'initial', object, iteration };
  return { do: 'tasks', object, iteration, tasks };
}

/** The tasks of the lowest order that are not done; empty when all are. */
function nextTasks(plan: StreamPlan, done: ReadonlySet<string>): readonly Task[] {
  const open = plan.tasks.filter((task) => !done.has(task.name));
  return open.filter((task) => task.order === open[0]?.order);
}

/** The position after a unit has ended well. */
export function advance(plan: StreamPlan, position: Position, outcome: StepOutcome): Position {
  switch (outcome.of) {
    case 'iterator':
      return afterIterator(plan, position, outcome.complete);
    case 'initial':
      return { ...position, initialDone: true, finalDue: true };
    case 'task':
      return { ...position, tasksDone: new Set([...position.tasksDone, outcome.task]) };
    case 'final': {
      const object = plan.objects[position.objectIndex];
      const completed = new Set([...position.completed, object?.id ?? '']);
      return untouched(nextObject(plan, completed), completed);
    }
  }
}

function afterIterator(plan: StreamPlan, position: Position, complete: boolean): Position {
  const step = nextStep(plan, position);
  const iteration = step.do === 'iterator' ? step.iteration : position.iteration;
  return { ...position, iteration, iterator: complete ? 'complete' : 'done', tasksDone: new Set() };
}

/** The key of a step's unit. `initial` and the finals repeat on purpose and carry the stream's attempt. */
export function unitKey(
  object: PlannedObject,
  iteration: number,
  task: string,
  options: { readonly chunk?: number; readonly attempt?: number } = {},
): UnitKey {
  return {
    object: object.id,
    iteration,
    task,
    chunk: options.chunk ?? 0,
    attempt: options.attempt ?? 0,
  };
}
