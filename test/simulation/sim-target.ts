import { plainFailure } from '../../src/core/run/failure.ts';
import type { StatementRecord, UnitRecord } from '../../src/core/run/log-records.ts';
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
import type { Life, World } from './world.ts';

export interface CommittedUnit {
  readonly call: UnitCall;
  readonly outcome: RecordedOutcome;
  readonly statements: readonly StatementRecord[];
}

const LOST = (): TargetError => new TargetError('lost', plainFailure('08006', 'connection lost'));

/** One simulated database: what has committed on it, and who may still commit. */
export class SimDatabase {
  readonly world: World;
  readonly committed = new Map<string, CommittedUnit>();
  readonly unacknowledged = new Map<string, readonly StatementRecord[]>();
  /** Units in the order of their commit; stays when rows are folded or forgotten. */
  readonly history: CommittedUnit[] = [];
  readonly violations: string[] = [];
  readonly chunks = new Map<string, number>();
  readonly sessions = new Set<SimSession>();
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
    if (statements.length > 0) this.unacknowledged.set(id, statements);
    if (call.kind === 'split') {
      const scope = this.chunkScope(call.unit);
      this.chunks.set(scope, this.world.random.integer(0, 4));
    }
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
    return this.life.answer(this.database.committed.get(unitId(unit))?.outcome ?? null);
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
    return this.life.answer(rows);
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
    for (const statement of statements) {
      if (!this.life.dead) events.statement({ ...statement, status: 'running', endedAt: null });
      await this.workFor(world.random.integer(1, 120));
      if (!this.life.dead) events.statement(statement);
    }
    if (world.strikes('retryable', unitId(call.unit))) {
      throw new TargetError('retryable', plainFailure('40P01', 'deadlock detected'));
    }
    if (call.kind !== 'final' && world.strikes('unitFails', unitId(call.unit))) {
      throw new TargetError('failed', plainFailure('53400', 'no space'));
    }
    const outcome = this.outcomeOf(call);
    const committed = statements.map((row): StatementRecord => ({ ...row, status: 'committed' }));
    this.database.commit(call, outcome, committed);
    if (world.strikes('lostAfter', unitId(call.unit))) throw this.loseConnection();
    return this.result(outcome === 'complete' ? 'complete' : 'done', outcome, statements.length);
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
      ...{ elapsedMs: 1, rows: 1, parallelWorkers: null, failure: null },
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
