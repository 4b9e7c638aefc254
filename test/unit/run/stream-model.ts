import type { Task } from '../../../src/core/definitions/model.ts';
import type { ObjectRecord } from '../../../src/core/run/position.ts';
import type { StreamPlan } from '../../../src/core/run/stream-plan.ts';
import type { UnitKey } from '../../../src/core/run/unit.ts';

/** A random operation: its objects with how many iterations each needs, and its tasks by order. */
export interface Scenario {
  readonly objects: readonly { readonly id: string; readonly iterations: number }[];
  readonly orders: readonly number[];
}

export function planOf({ objects, orders }: Scenario): StreamPlan {
  const tasks = orders.map((order, index): Task => {
    const name = `task_${index}`;
    return {
      ...{ name, order, enabled: true, procedure: name, sql: null, doneWhen: null, chunks: null },
      retryOn: null,
      needs: {},
    };
  });
  return {
    operation: { id: 12, name: 'purge_orders' },
    environment: { id: 1, code: 'PROD' },
    variant: null,
    instance: 'shop_eu',
    engine: 'postgres',
    package: { name: 'purge_orders', sha256: '0'.repeat(64) },
    tasks: tasks.sort((a, b) => a.order - b.order),
    objects: objects.map(({ id }) => ({ id, owner: null, name: null, parameters: [] })),
    maxDurationMs: null,
  };
}

/** A row of the target's record. */
export interface Row extends UnitKey {
  readonly outcome: 'done' | 'complete';
}

/** What an undisturbed stream commits, by the loop of the design page; tasks of one order as a set. */
export function undisturbed({ objects }: Scenario, plan: StreamPlan): string[] {
  const effects: string[] = [];
  for (const { id, iterations } of objects) {
    for (let iteration = 1; iteration <= iterations; iteration += 1) {
      effects.push(`${id}/${iteration}/iterator`);
      for (const order of new Set(plan.tasks.map((task) => task.order))) {
        const together = plan.tasks.filter((task) => task.order === order);
        effects.push(...together.map((task) => `${id}/${iteration}/${task.name}`).sort());
      }
    }
    effects.push(`${id}/${iterations + 1}/iterator complete`, `${id}/${iterations + 1}/final`);
  }
  return effects;
}

/** The record as the target would read it from its rows, written in the simplest way. */
export function recordOf(rows: readonly Row[]): ObjectRecord[] {
  return [...new Set(rows.map((row) => row.object))].map((object) => {
    const own = rows.filter((row) => row.object === object);
    const iteration = Math.max(0, ...own.map((row) => row.iteration));
    const current = own.filter((row) => row.iteration === iteration);
    const iterator = current.find((row) => row.task === 'iterator');
    const lastAttempt = (task: string) =>
      Math.max(0, ...own.filter((row) => row.task === task).map((row) => row.attempt));
    return {
      object,
      completed: own.some((row) => row.task === 'final'),
      iteration,
      iterator: iterator?.outcome ?? 'none',
      tasksDone: current.filter((row) => row.task.startsWith('task_')).map((row) => row.task),
      initialAttempt: lastAttempt('initial'),
      finalErrorAttempt: lastAttempt('final_error'),
    };
  });
}
