import type { StatementStatus } from '../../src/core/run/unit.ts';
import { unitId } from '../../src/core/run/unit.ts';
import { tryId } from '../../src/executor/log-buffer.ts';
import type { CommittedUnit, SimDatabase } from './sim-database.ts';
import type { SimRepository } from './sim-repository.ts';
import type { World } from './world.ts';

/** The effects of an undisturbed stream, as a set: every iterator, task and chunk once. */
function expectedEffects(world: World, database: SimDatabase): string[] {
  const effects: string[] = [];
  for (const { id, iterations } of world.scenario.objects) {
    for (let iteration = 1; iteration <= iterations; iteration += 1) {
      effects.push(`${id}/${iteration}/iterator/0`);
      for (const task of world.plan.tasks) {
        const chunks = database.chunks.get(`${id}/${iteration}/${task.name}`) ?? 0;
        const count = task.chunks === null ? 0 : chunks;
        for (let chunk = 0; chunk <= count; chunk += 1) {
          effects.push(`${id}/${iteration}/${task.name}/${chunk}`);
        }
      }
    }
    effects.push(`${id}/${iterations + 1}/iterator/0`, `${id}/${iterations + 1}/final/0`);
  }
  return effects.sort();
}

function effectOf({ call }: CommittedUnit): string {
  const { object, iteration, task, chunk } = call.unit;
  return `${object}/${iteration}/${task}/${chunk}`;
}

/** Exactly-once effects: the same as undisturbed, none twice, whatever happened. */
export function checkEffects(world: World, database: SimDatabase): string[] {
  const repeated = ['initial', 'final_error'];
  const actual = database.history
    .filter(({ call }) => !repeated.includes(call.unit.task))
    .map(effectOf)
    .sort();
  const expected = expectedEffects(world, database);
  const same = JSON.stringify(actual) === JSON.stringify(expected);
  return [
    ...database.violations,
    ...(same ? [] : [`effects ${actual.join(' ')} instead of ${expected.join(' ')}`]),
  ];
}

/** Tasks of a lower order commit before any of a higher order starts to commit. */
export function checkOrder(world: World, database: SimDatabase): string[] {
  const order = new Map(world.plan.tasks.map((task) => [task.name, task.order]));
  const highest = new Map<string, number>();
  return database.history.flatMap(({ call }) => {
    const own = order.get(call.unit.task);
    if (own === undefined) return [];
    const place = `${call.unit.object}/${call.unit.iteration}`;
    const before = highest.get(place) ?? 0;
    highest.set(place, Math.max(before, own));
    return own < before ? [`${unitId(call.unit)} committed after a higher order`] : [];
  });
}

/** Every unit that committed has one row that says so; no other row does. */
export function checkUnitLog(repository: SimRepository, database: SimDatabase): string[] {
  const committed = new Set(database.history.map(({ call }) => tryId(call)));
  const logged = [...repository.units.values()].filter((unit) => unit.kind !== 'install');
  const done = logged.filter((unit) => unit.status === 'done' || unit.status === 'complete');
  const open = logged.filter((unit) => unit.status === 'running');
  return [
    ...[...committed]
      .filter((id) => !done.some((u) => tryId(u) === id))
      .map((id) => `${id} not logged`),
    ...done
      .filter((unit) => !committed.has(tryId(unit)))
      .map((u) => `${tryId(u)} logged, not committed`),
    ...open.map((unit) => `${tryId(unit)} is left running in the log`),
  ];
}

/** Invariant 7: a statement that committed is in the central log exactly once, and as committed. */
export function checkStatementLog(repository: SimRepository, database: SimDatabase): string[] {
  const key = (row: Parameters<typeof tryId>[0] & { seq: number }): string =>
    `${tryId(row)}:${row.seq}`;
  const whole = database.history.flatMap(({ statements }) => statements);
  const committed = new Set([...whole, ...database.parts].map(key));
  const violations: string[] = [];
  for (const id of committed) {
    const status = repository.statements.get(id)?.status;
    if (status !== 'committed')
      violations.push(`${id} committed, logged as ${status ?? 'nothing'}`);
  }
  const open: readonly StatementStatus[] = ['running', 'executed', 'committed'];
  for (const [id, row] of repository.statements) {
    if (!committed.has(id) && open.includes(row.status)) violations.push(`${id} is ${row.status}`);
  }
  return violations;
}
