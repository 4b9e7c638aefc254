import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, nextStep, type StepOutcome, unitKey } from '../../../src/core/run/plan.ts';
import { type Position, positionFromRecord } from '../../../src/core/run/position.ts';
import type { StreamPlan } from '../../../src/core/run/stream-plan.ts';
import { planOf, type Row, recordOf, type Scenario, undisturbed } from './stream-model.ts';

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  objects: fc.oneof(
    fc.integer({ min: 0, max: 4 }).map((iterations) => [{ id: '', iterations }]),
    fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 })
      .map((all) => all.map((iterations, index) => ({ id: `app.t${index}`, iterations }))),
  ),
  orders: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 7 }),
});

/** What happens to the next unit: it commits, it fails (with a final), or everything is killed. */
type Fate = 'commits' | 'fails' | 'is killed before' | 'is killed after';
const fates = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>('commits') },
    fc.constantFrom<Fate>('fails', 'is killed before', 'is killed after'),
  ),
  { maxLength: 60 },
);

/** Plays a stream on a record of rows, with failures and crashes, restarting until it is completed. */
class Player {
  readonly rows: Row[] = [];
  readonly effects: string[] = [];
  readonly violations: string[] = [];
  private readonly scenario: Scenario;
  private readonly plan: StreamPlan;
  private readonly fates: Fate[];
  private attempt = 0;
  private initialRanFor: string | null = null;

  constructor(scenario: Scenario, plan: StreamPlan, fates: readonly Fate[]) {
    this.scenario = scenario;
    this.plan = plan;
    this.fates = [...fates];
  }

  play(): void {
    while (!this.playAttempt()) {
      if (this.attempt > 500) throw new Error('the stream does not come to an end');
    }
  }

  private playAttempt(): boolean {
    this.attempt += 1;
    this.initialRanFor = null;
    let position = positionFromRecord(this.plan, recordOf(this.rows), this.attempt);
    for (;;) {
      const step = nextStep(this.plan, position);
      if (step.do === 'end') return true;
      const names =
        step.do === 'tasks' ? this.shuffled(step.tasks.map((task) => task.name)) : [step.do];
      for (const name of names) {
        const after = this.unit(position, step, name);
        if (after === null) return false;
        position = after;
      }
    }
  }

  /** Runs one unit to its fate. Null: the attempt is over. */
  private unit(
    position: Position,
    step: ReturnType<typeof nextStep>,
    name: string,
  ): Position | null {
    if (step.do === 'end') return position;
    const fate = this.fates.shift() ?? 'commits';
    const { object, iteration } = step;
    if (fate === 'is killed before') return null;
    if (fate === 'fails') {
      if (position.finalDue) this.commit(object.id, iteration, 'final_error', 'done');
      return null;
    }
    const left = this.scenario.objects.find(({ id }) => id === object.id)?.iterations ?? 0;
    const complete = name === 'iterator' && iteration > left;
    if (name.startsWith('task_') && this.initialRanFor !== object.id) {
      this.violations.push(
        `${name} of ${object.id} ran without initial in attempt ${this.attempt}`,
      );
    }
    if (name === 'initial') this.initialRanFor = object.id;
    this.commit(object.id, iteration, name, complete ? 'complete' : 'done');
    return fate === 'is killed after'
      ? null
      : advance(this.plan, position, this.outcome(name, complete));
  }

  private outcome(name: string, complete: boolean): StepOutcome {
    if (name === 'iterator') return { of: 'iterator', complete };
    if (name === 'initial' || name === 'final') return { of: name };
    return { of: 'task', task: name };
  }

  private commit(object: string, iteration: number, task: string, outcome: Row['outcome']): void {
    const repeats = task === 'initial' || task.startsWith('final');
    const planned = { id: object, owner: null, name: null, parameters: [] };
    const key = unitKey(planned, iteration, task, repeats ? { attempt: this.attempt } : {});
    if (
      this.rows.some(
        (row) => JSON.stringify({ ...row, outcome }) === JSON.stringify({ ...key, outcome }),
      )
    ) {
      this.violations.push(`${object}/${iteration}/${task} was committed twice`);
    }
    this.rows.push({ ...key, outcome });
    if (task === 'initial' || task === 'final_error') return;
    this.effects.push(`${object}/${iteration}/${task}${outcome === 'complete' ? ' complete' : ''}`);
  }

  /** Parallel tasks end in any order: here one that the number of rows decides. */
  private shuffled(names: readonly string[]): string[] {
    const by = this.rows.length;
    return [...names].sort((a, b) => ((a.length + by) % 3) - ((b.length + by * 2) % 3));
  }
}

/** Sorts neighbours of the same object, iteration and order, because parallel tasks end in any order. */
function byOrder(plan: StreamPlan, effects: readonly string[]): string[] {
  const order = new Map(plan.tasks.map((task) => [task.name, task.order]));
  const group = (effect: string) => {
    const parts = effect.split('/');
    return [...parts.slice(0, 2), order.get(parts[2] ?? '') ?? parts[2]].join('/');
  };
  const groups: string[][] = [];
  for (const effect of effects) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && group(last[0]) === group(effect)) last.push(effect);
    else groups.push([effect]);
  }
  return groups.flatMap((members) => members.sort());
}

describe('the plan of a stream', () => {
  it('commits the same effects through any failures, crashes and restarts', () => {
    fc.assert(
      fc.property(scenarios, fates, (scenario, chosen) => {
        const plan = planOf(scenario);
        const player = new Player(scenario, plan, chosen);
        player.play();
        expect(player.violations).toEqual([]);
        expect(byOrder(plan, player.effects)).toEqual(undisturbed(scenario, plan));
      }),
      { numRuns: 3_000 },
    );
  });

  it('owes a final after initial, and none after the final of a failure', () => {
    const plan = planOf({ objects: [{ id: '', iterations: 2 }], orders: [1, 2] });
    const row = { object: '', iteration: 1, chunk: 0, attempt: 0, outcome: 'done' } as const;
    const begun: Row[] = [
      { ...row, task: 'iterator' },
      { ...row, task: 'initial', attempt: 1 },
      { ...row, task: 'task_0' },
    ];
    const crashed = positionFromRecord(plan, recordOf(begun), 2);
    expect(crashed.finalDue).toBe(true);
    expect(nextStep(plan, crashed)).toMatchObject({ do: 'initial', iteration: 1 });
    const failed = [...begun, { ...row, task: 'final_error', attempt: 1 }];
    expect(positionFromRecord(plan, recordOf(failed), 2).finalDue).toBe(false);
  });

  it('goes on with the object in the middle of its work when the order of objects has changed', () => {
    const plan = planOf({
      objects: [
        { id: 'app.new', iterations: 1 },
        { id: 'app.old', iterations: 1 },
      ],
      orders: [1],
    });
    const begun: Row = {
      object: 'app.old',
      iteration: 1,
      task: 'iterator',
      chunk: 0,
      attempt: 0,
      outcome: 'done',
    };
    const position = positionFromRecord(plan, recordOf([begun]), 2);
    expect(plan.objects[position.objectIndex]?.id).toBe('app.old');
    const done = [begun, { ...begun, iteration: 2, task: 'final', attempt: 2 } as Row];
    expect(plan.objects[positionFromRecord(plan, recordOf(done), 3).objectIndex]?.id).toBe(
      'app.new',
    );
  });
});
