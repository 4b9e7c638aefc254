import { plainFailure } from '../../src/core/run/failure.ts';
import {
  type StatementRecord,
  UNKNOWN_USAGE,
  type UnitRecord,
} from '../../src/core/run/log-records.ts';
import type { ObjectRecord } from '../../src/core/run/position.ts';
import { type RecordedOutcome, type UnitKey, unitId } from '../../src/core/run/unit.ts';
import {
  type Attachment,
  type Chunk,
  type StreamIdentity,
  type Target,
  TargetError,
  type UnitCall,
  type UnitEvents,
  type UnitResult,
  type UnitSession,
} from '../../src/ports/target.ts';
import type { SimDatabase } from './sim-database.ts';
import { type Life, RETRIED_BY_AUTHOR } from './world.ts';

const LOST = (): TargetError => new TargetError('lost', plainFailure('08006', 'connection lost'));

export class SimTarget implements Target {
  readonly serverVersion = 'simulated';
  private readonly database: SimDatabase;
  private readonly life: Life;

  constructor(database: SimDatabase, life: Life) {
    this.database = database;
    this.life = life;
  }

  check(): Promise<[]> {
    return Promise.resolve([]);
  }

  install(): Promise<{ installed: []; previousSha256: null; acceptedDrift: [] }> {
    return this.life.answer({ installed: [], previousSha256: null, acceptedDrift: [] });
  }

  uninstall(): Promise<[]> {
    return Promise.resolve([]);
  }

  handles(): Promise<string[]> {
    return this.life.answer(['another']);
  }

  sweep(): Promise<void> {
    return Promise.reject(new Error('nothing was to be swept'));
  }

  close(): Promise<void> {
    return this.life.answer(undefined);
  }

  attach(identity: StreamIdentity): Promise<Attachment> {
    const { database } = this;
    const lost = database.world.strikes('lostBefore', 'attach');
    if (lost) return this.life.answer(Promise.reject(LOST()));
    if (identity.attempt < database.attempt) {
      const fenced = new TargetError('fenced', plainFailure('ODTM-3007', 'fenced'));
      return this.life.answer(Promise.reject(fenced));
    }
    database.attempt = identity.attempt;
    for (const session of database.sessions) session.kill();
    return this.life.answer(new SimAttachment(database, this.life));
  }
}

class SimAttachment implements Attachment {
  private readonly database: SimDatabase;
  private readonly life: Life;

  constructor(database: SimDatabase, life: Life) {
    this.database = database;
    this.life = life;
  }

  session(replaces?: UnitSession): Promise<UnitSession> {
    if (replaces instanceof SimSession) replaces.kill();
    if (this.database.world.strikes('connectFails', 'session')) {
      return this.life.answer(Promise.reject(LOST()));
    }
    return this.life.answer(new SimSession(this.database, this.life));
  }

  record(): Promise<ObjectRecord[]> {
    const keys = [...this.database.committed.values()].map(({ call }) => call.unit);
    const objects = [...new Set(keys.map((key) => key.object))];
    return this.life.answer(objects.map((object) => this.objectRecord(object, keys)));
  }

  private objectRecord(object: string, keys: readonly UnitKey[]): ObjectRecord {
    const { committed } = this.database;
    const own = keys.filter((key) => key.object === object);
    const iteration = Math.max(0, ...own.map((key) => key.iteration));
    const now = own.filter((key) => key.iteration === iteration);
    const iterator = now.find((key) => key.task === 'iterator');
    const outcome = iterator === undefined ? undefined : committed.get(unitId(iterator))?.outcome;
    const last = (task: string): number =>
      Math.max(0, ...own.filter((key) => key.task === task).map((key) => key.attempt));
    const tasks = now.filter((key) => key.task.startsWith('task_') && key.chunk === 0);
    return {
      object,
      completed: own.some((key) => key.task === 'final'),
      iteration,
      iterator: outcome === undefined ? 'none' : outcome === 'complete' ? 'complete' : 'done',
      tasksDone: tasks.filter((key) => this.database.isTaskDone(key)).map((key) => key.task),
      initialAttempt: last('initial'),
      finalErrorAttempt: last('final_error'),
    };
  }

  chunks(unit: UnitKey): Promise<Chunk[]> {
    const count = this.database.chunks.get(this.database.chunkScope(unit)) ?? 0;
    const all = Array.from({ length: count }, (_, index) => {
      const chunk = index + 1;
      const done = this.database.committed.has(unitId({ ...unit, chunk }));
      return { chunk, low: `${chunk}`, high: `${chunk}`, done };
    });
    return this.life.answer(all);
  }

  outcome(unit: UnitKey): Promise<RecordedOutcome | null> {
    const id = unitId(unit);
    const begun = this.database.begun.has(id) ? 'started' : null;
    return this.life.answer(this.database.committed.get(id)?.outcome ?? begun);
  }

  decide(): Promise<void> {
    return Promise.reject(new Error('nobody decided anything'));
  }

  unacknowledged(limit: number, unit?: UnitKey): Promise<StatementRecord[]> {
    const rows = [...this.database.unacknowledged]
      .filter(([id]) => unit === undefined || id === unitId(unit))
      .flatMap(([, statements]) => statements);
    return this.life.answer(rows.slice(0, limit));
  }

  recordedUnits(): Promise<UnitRecord[]> {
    const now = this.database.world.clock.now();
    const rows = [...this.database.committed.values()].map(
      ({ call, outcome, statements }): UnitRecord => ({
        ...{ unit: call.unit, streamAttempt: call.streamAttempt, try: call.try, kind: call.kind },
        ...{ status: outcome === 'complete' ? 'complete' : 'done', startedAt: now, endedAt: now },
        ...{ elapsedMs: null, rows: null, statements: statements.length },
        ...{ message: null, failure: null },
      }),
    );
    const begun = [...this.database.begun.values()].map(
      (call): UnitRecord => ({
        ...{ unit: call.unit, streamAttempt: call.streamAttempt, try: call.try, kind: call.kind },
        ...{ status: 'in_doubt', startedAt: now, endedAt: now, elapsedMs: null, rows: null },
        ...{ statements: null, message: null, failure: null },
      }),
    );
    return this.life.answer([...rows, ...begun]);
  }

  acknowledge(units: readonly UnitKey[]): Promise<void> {
    if (this.database.world.strikes('lostBefore', 'acknowledge')) {
      return this.life.answer(Promise.reject(LOST()));
    }
    if (!this.life.dead)
      for (const unit of units) this.database.unacknowledged.delete(unitId(unit));
    return this.life.answer(undefined);
  }

  fold(object: string, iteration: number): Promise<void> {
    for (const [id, { call }] of this.database.committed) {
      const { unit } = call;
      const stays = unit.task === 'initial' || unit.task.startsWith('final');
      if (unit.object !== object || unit.iteration >= iteration || stays) continue;
      this.database.committed.delete(id);
    }
    return this.life.answer(undefined);
  }

  forget(): Promise<void> {
    if (this.life.dead) return this.life.answer(undefined);
    this.database.forgotten = true;
    this.database.committed.clear();
    this.database.unacknowledged.clear();
    return this.life.answer(undefined);
  }

  close(): Promise<void> {
    return this.life.answer(undefined);
  }
}

function asCommitted(statement: StatementRecord): StatementRecord {
  return { ...statement, status: 'committed' };
}

class SimSession implements UnitSession {
  private readonly database: SimDatabase;
  private readonly life: Life;
  private end: ((error: TargetError) => void) | null = null;
  private killed = false;

  constructor(database: SimDatabase, life: Life) {
    this.database = database;
    this.life = life;
    database.sessions.add(this);
  }

  /** Ends the session on the server: what it was running has no effect. */
  kill(): void {
    this.killed = true;
    this.database.sessions.delete(this);
    this.end?.(LOST());
  }

  run(call: UnitCall, events: UnitEvents): Promise<UnitResult> {
    const work = this.execute(call, events);
    work.catch(() => undefined);
    return this.life.answer(work);
  }

  cancel(): Promise<void> {
    this.end?.(new TargetError('cancelled', plainFailure('57014', 'canceling statement')));
    return this.life.answer(undefined);
  }

  close(): Promise<void> {
    if (!this.life.dead) this.kill();
    return this.life.answer(undefined);
  }

  private async execute(call: UnitCall, events: UnitEvents): Promise<UnitResult> {
    const { world } = this.database;
    if (this.killed) throw LOST();
    if (!this.database.mayStart()) {
      this.database.violations.push(`${unitId(call.unit)} started after the stream had stopped`);
    }
    const recorded = this.database.committed.get(unitId(call.unit));
    if (recorded !== undefined) return this.result('recorded', recorded.outcome, 0);
    if (world.strikes('lostBefore', unitId(call.unit))) throw this.loseConnection();
    const statements = this.statements(call);
    const rest = await this.executeEach(call, statements, events);
    const outcome = this.outcomeOf(call);
    this.database.commit(call, outcome, rest.map(asCommitted));
    if (world.strikes('lostAfter', unitId(call.unit))) throw this.loseConnection();
    return this.result(outcome === 'complete' ? 'complete' : 'done', outcome, statements.length);
  }

  /**
   * Executes the statements of a unit, which may commit some by itself; gives those that it has not. What is
   * committed stays so when the unit fails, and is told.
   */
  private async executeEach(
    call: UnitCall,
    statements: readonly StatementRecord[],
    events: UnitEvents,
  ): Promise<readonly StatementRecord[]> {
    const { world } = this.database;
    const id = unitId(call.unit);
    let kept = 0;
    try {
      for (const [index, statement] of statements.entries()) {
        if (!this.life.dead) events.statement({ ...statement, status: 'running', endedAt: null });
        await this.workFor(world.random.integer(1, 120));
        if (!this.life.dead) events.statement(statement);
        if (kept > 0 && world.strikes('lostBefore', id)) throw this.loseConnection();
        if (call.kind !== 'task' || !world.strikes('commitsHalfway', id)) continue;
        this.database.commitPart(call, statements.slice(kept, index + 1).map(asCommitted));
        kept = index + 1;
      }
      if (world.strikes('retryable', id)) {
        throw world.random.chance(0.5)
          ? new TargetError('retryable', plainFailure('40P01', 'deadlock detected'))
          : new TargetError('failed', plainFailure(RETRIED_BY_AUTHOR, 'lock not available'));
      }
      if (call.kind !== 'final' && world.strikes('unitFails', id)) {
        throw new TargetError('failed', plainFailure('53400', 'no space'));
      }
    } catch (error) {
      this.tellCommitted(statements.slice(0, kept), events, error);
      throw error;
    }
    return statements.slice(kept);
  }

  private tellCommitted(
    statements: readonly StatementRecord[],
    events: UnitEvents,
    error: unknown,
  ): void {
    if (this.life.dead || (error instanceof TargetError && error.kind === 'lost')) return;
    for (const statement of statements) events.statement(asCommitted(statement));
  }

  private loseConnection(): TargetError {
    this.killed = true;
    this.database.sessions.delete(this);
    return LOST();
  }

  /** Passes time, unless the session is ended or cancelled meanwhile. */
  private async workFor(durationMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.end = reject;
      void this.database.world.clock.sleep(durationMs).then(resolve);
    }).finally(() => {
      this.end = null;
    });
  }

  private outcomeOf({ kind, unit }: UnitCall): RecordedOutcome {
    if (kind !== 'iterator') return 'done';
    const object = this.database.world.scenario.objects.find(({ id }) => id === unit.object);
    return unit.iteration > (object?.iterations ?? 0) ? 'complete' : 'done';
  }

  private statements(call: UnitCall): StatementRecord[] {
    const { random, clock } = this.database.world;
    const { unit, streamAttempt } = call;
    return Array.from({ length: random.integer(0, 3) }, (_, index) => ({
      ...{ unit, streamAttempt, try: call.try, seq: index + 1, text: `statement ${index + 1}` },
      ...{ status: 'executed' as const, startedAt: clock.now(), endedAt: clock.now() },
      ...{ elapsedMs: 1, rows: 1, ...UNKNOWN_USAGE, failure: null },
    }));
  }

  private result(
    outcome: UnitResult['outcome'],
    recordedOutcome: RecordedOutcome,
    statements: number,
  ): UnitResult {
    return { outcome, recordedOutcome, message: null, elapsedMs: 1, rows: statements, statements };
  }
}
