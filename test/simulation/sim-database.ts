import type { StatementRecord } from '../../src/core/run/log-records.ts';
import { type RecordedOutcome, type UnitKey, unitId } from '../../src/core/run/unit.ts';
import type { UnitCall } from '../../src/ports/target.ts';
import type { World } from './world.ts';

export interface CommittedUnit {
  readonly call: UnitCall;
  readonly outcome: RecordedOutcome;
  readonly statements: readonly StatementRecord[];
}

/** One simulated database: what has committed on it, and who may still commit. */
export class SimDatabase {
  readonly world: World;
  readonly committed = new Map<string, CommittedUnit>();
  readonly unacknowledged = new Map<string, readonly StatementRecord[]>();
  /** Units in the order of their commit; stays when rows are folded or forgotten. */
  readonly history: CommittedUnit[] = [];
  /** Units that have committed a part of their work by themselves, by the try that did so last. */
  readonly begun = new Map<string, UnitCall>();
  /** What such tries have committed. */
  readonly parts: StatementRecord[] = [];
  readonly violations: string[] = [];
  readonly chunks = new Map<string, number>();
  readonly sessions = new Set<{ kill(): void }>();
  attempt = 0;
  forgotten = false;
  /** Whether a unit may start now; a halt that has been acknowledged forbids it. */
  mayStart: () => boolean = () => true;

  constructor(world: World) {
    this.world = world;
  }

  /** Commits a unit, exactly once. */
  commit(call: UnitCall, outcome: RecordedOutcome, statements: readonly StatementRecord[]): void {
    const id = unitId(call.unit);
    if (this.history.some((unit) => unitId(unit.call.unit) === id)) {
      this.violations.push(`${id} committed twice`);
    }
    const unit = { call, outcome, statements };
    this.history.push(unit);
    this.committed.set(id, unit);
    this.begun.delete(id);
    this.keep(id, statements);
    if (call.kind === 'split') {
      const scope = this.chunkScope(call.unit);
      this.chunks.set(scope, this.world.random.integer(0, 4));
    }
  }

  /** Commits what a unit has done so far, though it has not ended. */
  commitPart(call: UnitCall, statements: readonly StatementRecord[]): void {
    const id = unitId(call.unit);
    this.begun.set(id, call);
    this.parts.push(...statements);
    this.keep(id, statements);
  }

  private keep(id: string, statements: readonly StatementRecord[]): void {
    if (statements.length === 0) return;
    this.unacknowledged.set(id, [...(this.unacknowledged.get(id) ?? []), ...statements]);
  }

  chunkScope({ object, iteration, task }: UnitKey): string {
    return `${object}/${iteration}/${task}`;
  }

  isTaskDone({ object, iteration, task }: UnitKey): boolean {
    const key = { object, iteration, task, chunk: 0, attempt: 0 };
    if (!this.committed.has(unitId(key))) return false;
    const count = this.chunks.get(this.chunkScope(key)) ?? 0;
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    return numbers.every((chunk) => this.committed.has(unitId({ ...key, chunk })));
  }
}
