import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StatementStatus, UnitStatus } from '../../../src/core/run/unit.ts';
import type { AcquiredStream } from '../../../src/ports/repository.ts';
import type { LogFilter } from '../../../src/ports/run-queries.ts';
import {
  apply,
  batch,
  emptyRepository,
  ending,
  expireLeases,
  FAILURE,
  type Fixture,
  fleet,
  LEASE_MS,
  leaseOf,
  openFixture,
  startAndTake,
  startOf,
  statementRecord,
  UNIT,
  unitRecord,
} from './fixture.ts';

let fixture: Fixture;
let stream: AcquiredStream;
let other: AcquiredStream;
beforeAll(async () => {
  fixture = await openFixture('repo_log');
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await emptyRepository(fixture);
  await apply(fixture, fleet({ instances: 2, operations: [12] }));
  const taken = await startAndTake(fixture, startOf({ number: 12, on: ['db01', 'db02'] }));
  [stream, other] = taken as [AcquiredStream, AcquiredStream];
});

const write = (...batches: Parameters<typeof batch>[1][]) =>
  fixture.repository.streams.write(batches.map((rest) => batch(stream, rest)));
const units = (rest: Partial<LogFilter> = {}) =>
  fixture.repository.queries.units({ runId: stream.runId, limit: 1000, ...rest });
const statements = (rest: Partial<LogFilter> = {}) =>
  fixture.repository.queries.statements({ runId: stream.runId, limit: 1000, ...rest });

describe('records come back as they were written', () => {
  test('units', async () => {
    const record = unitRecord({
      unit: { object: 'app.orders', iteration: 3, task: 'final_error', chunk: 2, attempt: 1 },
      kind: 'final',
      status: 'failed',
      message: 'it says "no", \\ and {more, NULL}',
      failure: FAILURE,
    });
    await write({ units: [record] });
    expect((await units()).rows).toEqual([{ ...record, instance: 'db01' }]);
  });

  test('statements, in full', async () => {
    const text = `-- ${'long "text" \\ with {braces}, ünïcödé 🐘 and\nlines; '.repeat(4000)}`;
    const record = statementRecord({
      text,
      parallelWorkers: 4,
      redoBytes: 5_000_000_000,
      undoBytes: 0,
      remark: 'it says "no", \\ and {more, NULL}',
      failure: FAILURE,
      status: 'failed',
    });
    const running = statementRecord({ seq: 2, status: 'running', text: 'NULL' });
    await write({ statements: [record, running] });
    expect((await statements()).rows).toEqual([
      { ...record, instance: 'db01' },
      { ...running, instance: 'db01' },
    ]);
  });

  test('characters that the server cannot keep are replaced', async () => {
    const odd = 'null \0 half \ud83d backslash \\u0000 end';
    const kept = 'null \u2400 half \ufffd backslash \\u0000 end';
    await write({
      units: [
        unitRecord({ message: odd, status: 'failed', failure: { ...FAILURE, message: odd } }),
      ],
      statements: [statementRecord({ text: odd })],
    });
    const [unit] = (await units()).rows;
    expect(unit).toMatchObject({ message: kept, failure: { message: kept } });
    expect((await statements()).rows[0]?.text).toBe(kept);
  });

  test('progress', async () => {
    const progress = {
      object: 'app.orders',
      iteration: 3,
      tasks: ['a', 'b'],
      unitsDone: 4,
      rows: 12_345_678_901,
      chunksDone: 1,
      chunksTotal: 9,
      chunksSince: new Date('2026-11-21T06:00:00.250Z'),
      chunksDoneThen: 0,
      note: null,
    };
    await write({ progress });
    const detail = await fixture.repository.queries.run(stream.runId);
    expect(detail?.streams.map((s) => s.progress)).toEqual([progress, null]);
  });
});

describe('writing again', () => {
  test('changes nothing', async () => {
    const log = {
      units: [unitRecord()],
      statements: [statementRecord(), statementRecord({ seq: 2 })],
    };
    await write(log);
    const before = await fixture.client.query('select * from odtm.statement_log, odtm.unit_log');
    await write(log);
    await write(log, log);
    const after = await fixture.client.query('select * from odtm.statement_log, odtm.unit_log');
    expect(after.rows).toEqual(before.rows);
    expect(after.rows).toHaveLength(2);
  });

  const UNIT_MOVES: readonly [UnitStatus, UnitStatus, UnitStatus][] = [
    ['running', 'done', 'done'],
    ['running', 'in_doubt', 'in_doubt'],
    ['done', 'running', 'done'],
    ['done', 'failed', 'done'],
    ['failed', 'running', 'failed'],
    ['failed', 'done', 'failed'],
    ['lost', 'done', 'done'],
    ['lost', 'complete', 'complete'],
    ['lost', 'running', 'lost'],
    ['lost', 'failed', 'lost'],
    ['in_doubt', 'skipped', 'skipped'],
    ['in_doubt', 'lost', 'in_doubt'],
  ];
  test.each(UNIT_MOVES)('a unit that is %s, then comes as %s, is %s', async (first, then, kept) => {
    await write({ units: [unitRecord({ status: first })] });
    await write({ units: [unitRecord({ status: then, message: 'later' })] });
    expect((await units()).rows).toMatchObject([
      { status: kept, message: kept === first ? null : 'later' },
    ]);
  });

  const STATEMENT_MOVES: readonly [StatementStatus, StatementStatus, StatementStatus][] = [
    ['running', 'executed', 'executed'],
    ['running', 'failed', 'failed'],
    ['executed', 'committed', 'committed'],
    ['executed', 'rolled_back', 'rolled_back'],
    ['executed', 'running', 'executed'],
    ['committed', 'running', 'committed'],
    ['committed', 'rolled_back', 'committed'],
    ['rolled_back', 'committed', 'committed'],
    ['rolled_back', 'running', 'rolled_back'],
    ['failed', 'committed', 'failed'],
  ];
  test.each(STATEMENT_MOVES)(
    'a statement that is %s, then comes as %s, is %s',
    async (first, then, kept) => {
      await write({ statements: [statementRecord({ status: first, parallelWorkers: 3 })] });
      await write({ statements: [statementRecord({ status: then })] });
      expect((await statements()).rows).toMatchObject([{ status: kept, parallelWorkers: 3 }]);
    },
  );

  test('of one key twice in a write the later one counts', async () => {
    await write({
      units: [unitRecord({ status: 'running' }), unitRecord()],
      statements: [statementRecord({ status: 'running' }), statementRecord()],
    });
    expect((await units()).rows.map(({ status }) => status)).toEqual(['done']);
    expect((await statements()).rows.map(({ status }) => status)).toEqual(['committed']);
  });
});

describe('the end of a try', () => {
  test('gives its open statements their last status, and only those', async () => {
    await write({
      statements: [
        statementRecord({ seq: 1, status: 'executed' }),
        statementRecord({ seq: 2, status: 'failed' }),
        statementRecord({ seq: 3, status: 'running' }),
        statementRecord({ try: 2, status: 'executed' }),
      ],
    });
    await write({ closed: [{ unit: UNIT, streamAttempt: 1, try: 1, statements: 'rolled_back' }] });
    const { rows } = await statements();
    expect(rows.map((row) => [row.try, row.seq, row.status])).toEqual(
      expect.arrayContaining([
        [1, 1, 'rolled_back'],
        [1, 2, 'failed'],
        [1, 3, 'rolled_back'],
        [2, 1, 'executed'],
      ]),
    );
  });

  test('a crash leaves rows open until the next attempt settles them', async () => {
    await write({
      units: [unitRecord({ status: 'running' }), unitRecord({ try: 2 })],
      statements: [
        statementRecord({ status: 'running' }),
        statementRecord({ seq: 2, status: 'executed' }),
        statementRecord({ try: 2 }),
      ],
    });
    await expireLeases(fixture);
    const { streams } = fixture.repository;
    const taken = await streams.acquire(stream.streamId, 'controller-2', LEASE_MS);
    if (taken === null) throw new Error('the stream was expected');
    expect((await units({ runningOnly: true })).rows).toHaveLength(1);
    await streams.write([
      batch(taken, {
        units: [unitRecord({ status: 'running', streamAttempt: 2 })],
        statements: [statementRecord({ status: 'committed', seq: 2 })],
      }),
    ]);
    expect(await streams.settle(leaseOf(taken), taken.attempt)).toBe(true);
    expect((await units()).rows.map((row) => [row.streamAttempt, row.try, row.status])).toEqual([
      [1, 2, 'done'],
      [2, 1, 'running'],
      [1, 1, 'lost'],
    ]);
    const open = (await statements()).rows.map((row) => [row.try, row.seq, row.status]);
    expect(open).toContainEqual([1, 1, 'rolled_back']);
    expect(open).toContainEqual([1, 2, 'committed']);
    expect((await statements({ runningOnly: true })).rows).toEqual([]);
  });
});

describe('queries', () => {
  beforeEach(async () => {
    const rebuild = { ...UNIT, task: 'rebuild' };
    await fixture.repository.streams.write([
      batch(stream, {
        units: [unitRecord(), unitRecord({ unit: rebuild, status: 'failed', failure: FAILURE })],
        statements: [
          statementRecord({ text: 'DELETE FROM app.orders' }),
          statementRecord({ unit: rebuild, text: 'create index 100%_a', status: 'failed' }),
          statementRecord({ unit: rebuild, seq: 2, text: 'select 1', status: 'running' }),
        ],
      }),
      batch(other, { units: [unitRecord({ status: 'running' })] }),
    ]);
  });

  test('filter units by instance, task, failure and what runs', async () => {
    expect((await units()).rows).toHaveLength(3);
    expect((await units({ instance: 'db02' })).rows.map((u) => u.instance)).toEqual(['db02']);
    expect((await units({ task: 'rebuild' })).rows.map((u) => u.status)).toEqual(['failed']);
    expect((await units({ failedOnly: true })).rows.map((u) => u.unit.task)).toEqual(['rebuild']);
    expect((await units({ runningOnly: true })).rows.map((u) => u.instance)).toEqual(['db02']);
    expect((await units({ runId: '4711' })).rows).toEqual([]);
    expect((await units({ runId: 'nonsense' })).rows).toEqual([]);
  });

  test('filter statements by task, text, failure and what runs', async () => {
    const texts = async (filter: Partial<LogFilter>) =>
      (await statements(filter)).rows.map(({ text }) => text);
    expect(await texts({ task: 'rebuild' })).toEqual(['create index 100%_a', 'select 1']);
    expect(await texts({ statement: 'from APP.' })).toEqual(['DELETE FROM app.orders']);
    expect(await texts({ statement: '0%_A' })).toEqual(['create index 100%_a']);
    expect(await texts({ statement: '_%' })).toEqual([]);
    expect(await texts({ failedOnly: true })).toEqual(['create index 100%_a']);
    expect(await texts({ runningOnly: true })).toEqual(['select 1']);
  });

  test('a follower sees what has come or changed, each once, in pages', async () => {
    const first = await units();
    expect((await units({ after: first.position })).rows).toEqual([]);
    await fixture.repository.streams.write([batch(other, { units: [unitRecord()] })]);
    const second = await units({ after: first.position });
    expect(second.rows.map((u) => [u.instance, u.status])).toEqual([['db02', 'done']]);
    const seen: string[] = [];
    let after = '0';
    for (;;) {
      const page = await units({ after, limit: 1 });
      if (page.rows.length === 0) break;
      seen.push(...page.rows.map((u) => `${u.instance} ${u.unit.task}`));
      after = page.position;
    }
    expect(seen).toEqual(['db01 delete_rows', 'db01 rebuild', 'db02 delete_rows']);
  });

  test('a follower misses nothing of controllers that write at once', async () => {
    const { streams } = fixture.repository;
    let after = (await units()).position;
    let writing = true;
    const writers = Promise.all(
      [stream, other].map(async (of) => {
        for (let n = 1; n <= 60; n += 1) {
          await streams.write([batch(of, { units: [unitRecord({ try: n + 1 })] })]);
        }
      }),
    ).finally(() => {
      writing = false;
    });
    const seen = new Set<string>();
    for (let last = false; !last; ) {
      last = !writing;
      const page = await units({ after });
      for (const row of page.rows) seen.add(`${row.instance} ${row.try}`);
      after = page.position;
    }
    await writers;
    expect(seen.size).toBe(120);
  });
});

test('pruning deletes the logs of runs that ended before, and keeps the history', async () => {
  const { streams, queries } = fixture.repository;
  const log = {
    units: [unitRecord()],
    statements: [statementRecord(), statementRecord({ seq: 2 })],
  };
  await streams.write([batch(stream, log), batch(other, log)]);
  await streams.end(leaseOf(stream), ending('completed'));
  expect(await queries.prune(new Date(Date.now() + 60_000))).toMatchObject({ runs: 0 });
  await streams.end(leaseOf(other), ending('completed'));
  expect(await queries.prune(new Date(Date.now() - 60_000))).toMatchObject({ runs: 0 });
  const soon = new Date(Date.now() + 60_000);
  expect(await queries.prune(soon)).toEqual({ runs: 1, units: 2, statements: 4 });
  expect(await queries.prune(soon)).toEqual({ runs: 0, units: 0, statements: 0 });
  expect((await units()).rows).toEqual([]);
  expect((await queries.run(stream.runId))?.run.status).toBe('completed');
});
