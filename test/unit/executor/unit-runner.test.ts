import { SqlError } from 'mariadb';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/core/definitions/model.ts';
import { plainFailure } from '../../../src/core/run/failure.ts';
import { unitKey } from '../../../src/core/run/plan.ts';
import { type AttachedDrive, NO_OBJECT } from '../../../src/executor/drive.ts';
import { Gate } from '../../../src/executor/gate.ts';
import { LogWriter } from '../../../src/executor/log-writer.ts';
import { DEFAULT_SETTINGS, type ExecutorPorts } from '../../../src/executor/ports.ts';
import { Progress } from '../../../src/executor/progress.ts';
import { SessionPool } from '../../../src/executor/session-pool.ts';
import { StreamLog } from '../../../src/executor/stream-log.ts';
import { type PlannedUnit, runUnit } from '../../../src/executor/unit-runner.ts';
import { NO_FAULTS } from '../../../src/ports/fault-points.ts';
import type { AcquiredStream, LogBatch } from '../../../src/ports/repository.ts';
import {
  type Attachment,
  TargetError,
  type UnitCall,
  type UnitResult,
} from '../../../src/ports/target.ts';
import { targetError as ofMariadb } from '../../../src/targets/mariadb/errors.ts';
import { targetError as ofOracle } from '../../../src/targets/oracle/errors.ts';
import { targetError as ofPostgres } from '../../../src/targets/postgres/errors.ts';
import { SimClock } from '../../simulation/sim-clock.ts';
import { SILENT } from '../../simulation/world.ts';
import { planOf } from '../run/stream-model.ts';

const DONE: UnitResult = {
  ...{ outcome: 'done', recordedOutcome: 'done', message: null, elapsedMs: 1, rows: 1 },
  statements: 0,
};

/** The drivers' classes as they are; their types leave the constructors out. */
function oracleError(number: number): TargetError {
  const code = `ORA-${String(number).padStart(5, '0')}`;
  return ofOracle(Object.assign(new Error(`${code}: no`), { errorNum: number, code }));
}

function mariadbError(number: number, state = 'HY000'): TargetError {
  const Constructor = SqlError as unknown as new (...parts: unknown[]) => SqlError;
  return ofMariadb(new Constructor('no', null, false, { threadId: 7 }, state, number));
}

function postgresError(code: string): TargetError {
  return ofPostgres(Object.assign(new DatabaseError('no', 2, 'error'), { code }));
}

interface Codes {
  readonly operation?: readonly string[] | undefined;
  readonly task?: Task['retryOn'] | undefined;
}

/** A stream of one task, and a target on which each try of a unit ends as the list says; then it is done. */
class Trial {
  readonly clock = new SimClock();
  readonly calls: UnitCall[] = [];
  private readonly written: string[] = [];
  private readonly drive: AttachedDrive;
  private readonly errors: TargetError[];

  constructor(errors: readonly TargetError[], codes: Codes) {
    this.errors = [...errors];
    const ports = {
      ...{ clock: this.clock, journal: SILENT, faults: NO_FAULTS, settings: DEFAULT_SETTINGS },
      streams: { write: (batches: readonly LogBatch[]) => this.write(batches) },
    } as unknown as ExecutorPorts;
    const stream = streamOf(codes);
    const shutdown = new AbortController().signal;
    const log = new StreamLog(new LogWriter(ports), stream);
    const control: AttachedDrive['control'] = {
      ...{ wish: () => 'none', lease: () => 'held', shutdown, onChange: () => () => undefined },
    };
    const attachment = {
      session: () =>
        Promise.resolve({ run: (call: UnitCall) => this.run(call), close: async () => undefined }),
      outcome: () => Promise.resolve(null),
    } as unknown as Attachment;
    this.drive = {
      ...{ ports, stream, control, log, attachment, tries: new Map(), failing: { since: null } },
      gate: new Gate({ stream, control, clock: this.clock, settings: DEFAULT_SETTINGS, log }),
      progress: new Progress(log, 0),
      sessions: new SessionPool(attachment, 1),
    };
  }

  /** Runs a unit of that name; gives how often it was tried and what came of it. */
  async ends(task = 'task_0', kind: PlannedUnit['kind'] = 'task'): Promise<string> {
    const unit: PlannedUnit = {
      ...{ kind, unit: unitKey(NO_OBJECT, 1, task), object: NO_OBJECT },
      work: { call: 'procedure', procedure: task },
    };
    const ran = this.drive.sessions.use((slot) => runUnit(this.drive, slot, unit));
    let end = '';
    await this.clock.run(
      ran.then(
        ({ outcome }) => {
          end = outcome;
        },
        (error: Error) => {
          end = error.name;
        },
      ),
      60_000,
    );
    return `${end} after ${this.calls.length}`;
  }

  /** The tries as the central log has them. */
  async logged(): Promise<readonly string[]> {
    await this.clock.run(
      this.drive.log.flush().then(() => undefined),
      60_000,
    );
    return this.written;
  }

  private run(call: UnitCall): Promise<UnitResult> {
    this.calls.push(call);
    const error = this.errors.shift();
    return error === undefined ? Promise.resolve(DONE) : Promise.reject(error);
  }

  private write(batches: readonly LogBatch[]): Promise<ReadonlySet<string>> {
    for (const { units } of batches) {
      for (const { status, failure, ...of } of units)
        this.written.push([of.try, status, failure?.code].join(' ').trim());
    }
    return Promise.resolve(new Set(batches.map(({ lease }) => lease.streamId)));
  }
}

function streamOf({ operation, task }: Codes): AcquiredStream {
  const plain = planOf({ objects: [{ id: '', iterations: 1 }], orders: [1] });
  const tasks = plain.tasks.map((each) => ({ ...each, retryOn: task ?? null }));
  const plan = { ...plain, tasks, ...(operation === undefined ? {} : { retryOn: operation }) };
  return {
    ...{ streamId: '1', runId: '1', handle: 'h', token: 't', attempt: 1, decisions: [], plan },
    ...{ preview: null, acceptDrift: false, wish: 'none', finalDue: false, workedMs: 0, awayMs: 0 },
    rowsBefore: 0,
  };
}

describe('a unit that fails with a code that the author wants tried again', () => {
  const CODES: readonly (readonly [engine: string, code: string, error: TargetError])[] = [
    ['oracle', 'ORA-01555', oracleError(1555)],
    ['mariadb', '1412', mariadbError(1412)],
    ['mariadb', 'ORA-20001', mariadbError(20_001, '45000')],
    ['postgres', '55P03', postgresError('55P03')],
  ];

  it.each(CODES)('runs again, of %s %s, after a pause', async (_engine, code, error) => {
    expect(error.kind, 'without the author it is final').toBe('failed');
    const trial = new Trial([error], { task: [code] });
    expect(await trial.ends()).toBe('done after 2');
    expect(trial.calls.map((call) => call.try)).toEqual([1, 2]);
    expect(trial.clock.monotonicMs()).toBeGreaterThanOrEqual(DEFAULT_SETTINGS.firstBackoffMs);
    expect(await trial.logged()).toEqual([`1 failed ${code}`, '2 done']);
    expect(await new Trial([error], {}).ends()).toBe('UnitFailed after 1');
    expect(await new Trial([error], { task: ['ORA-00942'] }).ends()).toBe('UnitFailed after 1');
  });

  it('fails after as many tries as after deadlocks', async () => {
    const snapshotTooOld = Array.from({ length: 9 }, () => oracleError(1555));
    const trial = new Trial(snapshotTooOld, { task: ['ORA-01555'] });
    expect(await trial.ends()).toBe(`UnitFailed after ${DEFAULT_SETTINGS.maxTries}`);
    const mixed = [oracleError(60), oracleError(1555), oracleError(60)];
    expect(await new Trial(mixed, { task: ['ORA-01555'] }).ends()).toBe('UnitFailed after 3');
  });

  it('fails at once with another code in a later try', async () => {
    const trial = new Trial([oracleError(1555), oracleError(942)], { task: ['ORA-01555'] });
    expect(await trial.ends()).toBe('UnitFailed after 2');
  });
});

describe('the codes of an operation', () => {
  const error = (): TargetError => oracleError(1555);

  it('count for its iterator, initial and final, and for tasks that say nothing', async () => {
    for (const [task, kind] of [
      ['iterator', 'iterator'],
      ['initial', 'initial'],
      ['final', 'final'],
      ['task_0', 'task'],
    ] as const) {
      const trial = new Trial([error()], { operation: ['ORA-01555'] });
      expect(await trial.ends(task, kind), task).toBe('done after 2');
    }
  });

  it('do not count for a task with codes of its own, nor those of a task for the iterator', async () => {
    const none = { operation: ['ORA-01555'], task: [] };
    expect(await new Trial([error()], none).ends()).toBe('UnitFailed after 1');
    const own = new Trial([error()], { task: ['ORA-01555'] });
    expect(await own.ends('iterator', 'iterator')).toBe('UnitFailed after 1');
  });
});

describe('what is no plain failure', () => {
  it.each([
    ['cancelled', 'SiblingFailed after 1'],
    ['fenced', 'LeaseLost after 1'],
    ['in_doubt', 'UnitFailed after 1'],
  ] as const)('is not tried again by its code: %s', async (kind, end) => {
    const error = new TargetError(kind, plainFailure('ORA-01555', 'no'));
    expect(await new Trial([error], { task: ['ORA-01555'] }).ends()).toBe(end);
  });
});
