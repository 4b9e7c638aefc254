import type { StreamPlan } from '../../src/core/run/stream-plan.ts';
import { FAULT_POINTS, type FaultPoint, type Faults } from '../../src/ports/fault-points.ts';
import type { Journal } from '../../src/ports/journal.ts';
import { planOf, type Scenario } from '../unit/run/stream-model.ts';
import { Random } from './random.ts';
import { SimClock } from './sim-clock.ts';

/** How often something goes wrong, from 0 to 1. */
export interface Rates {
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly unitFails: number;
  readonly retryable: number;
  /** A task commits a part of its work by itself. */
  readonly commitsHalfway: number;
  readonly connectFails: number;
  readonly repositoryAway: number;
  readonly crash: number;
  readonly halts: number;
}

/** A failure that is final for the engine, and that the author of the operation wants tried again. */
export const RETRIED_BY_AUTHOR = '55P03';

/** A controller of the simulation: once dead, no call of its is ever answered again. */
export class Life {
  dead = false;

  /** Hands an answer to the living only. */
  async answer<T>(value: T | Promise<T>): Promise<T> {
    const settled = await Promise.resolve(value).then(
      (result) => () => result,
      (error: unknown) => () => {
        throw error;
      },
    );
    if (this.dead) await new Promise(() => undefined);
    return settled();
  }
}

/** All that the parts of one simulated run share. */
export class World {
  readonly random: Random;
  readonly clock = new SimClock();
  readonly scenario: Scenario;
  readonly plan: StreamPlan;
  readonly rates: Rates;
  /** What was made to go wrong, in order; a run without any proves nothing. */
  readonly injected: string[] = [];
  readonly reachedPoints = new Set<FaultPoint>();

  constructor(seed: number, rates: Rates) {
    this.random = new Random(seed);
    this.rates = rates;
    this.scenario = this.chooseScenario();
    this.plan = { ...this.withChunks(planOf(this.scenario)), retryOn: [RETRIED_BY_AUTHOR] };
  }

  /** Whether a fault of this kind strikes now. */
  strikes(kind: keyof Rates, where: string): boolean {
    if (!this.random.chance(this.rates[kind])) return false;
    this.injected.push(`${kind} at ${where}`);
    return true;
  }

  /** Fault points at which a controller may be killed. */
  faultsFor(life: Life, onDeath: () => void): Faults {
    return {
      reached: async (point) => {
        this.reachedPoints.add(point);
        if (!FAULT_POINTS.includes(point)) throw new Error(`${point} is not on the list`);
        if (!life.dead && this.strikes('crash', point)) {
          life.dead = true;
          onDeath();
        }
        return life.answer(undefined);
      },
    };
  }

  private chooseScenario(): Scenario {
    const { random } = this;
    const orders = Array.from({ length: random.integer(1, 5) }, () => random.integer(1, 3));
    const count = random.integer(0, 2);
    const iterations = (): number => random.integer(0, 2);
    const objects =
      count === 0
        ? [{ id: '', iterations: iterations() }]
        : Array.from({ length: count }, (_, i) => ({ id: `app.t${i}`, iterations: iterations() }));
    return { objects, orders };
  }

  /** Cuts about every third task into chunks. */
  private withChunks(plan: StreamPlan): StreamPlan {
    const tasks = plan.tasks.map((task) =>
      this.random.chance(0.33)
        ? {
            ...task,
            chunks: { by: 'sql' as const, sql: 'select', parallel: this.random.integer(1, 3) },
          }
        : task,
    );
    return { ...plan, tasks };
  }
}

export const SILENT: Journal = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
