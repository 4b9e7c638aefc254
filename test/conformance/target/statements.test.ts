import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StatementRecord } from '../../../src/core/run/log-records.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { callOf, run, Stand } from './stand.ts';

describe.each(FIXTURES)('the statement log of %s', (_engine, makeFixture) => {
  let fixture: TargetFixture;
  let stand: Stand;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.drop());
  beforeEach(() => {
    stand = new Stand(fixture);
  });
  afterEach(() => stand.close());

  test('each statement is told when it begins and when it ends, with rows and time', async () => {
    const session = await (await stand.attach()).session();
    const { events, result } = await run(session, callOf('three_rows'));
    expect(events.map(({ seq, status, rows }) => [seq, status, rows])).toEqual([
      [1, 'running', null],
      [1, 'executed', 1],
      [2, 'running', null],
      [2, 'executed', 2],
      [3, 'running', null],
      [3, 'executed', 3],
    ]);
    for (const { startedAt, endedAt, elapsedMs, text } of events.filter(
      (e) => e.endedAt !== null,
    )) {
      expect(text).toMatch(fixture.texts.written);
      expect(elapsedMs).toBeGreaterThan(0);
      expect(endedAt?.getTime()).toBeGreaterThanOrEqual(startedAt.getTime());
    }
    expect(result).toMatchObject({ rows: 6, statements: 3 });
  });

  test('a statement is seen while it runs', async () => {
    const session = await (await stand.attach()).session();
    const open = await fixture.closeGate();
    const live: StatementRecord[] = [];
    const running = run(session, callOf('hold'), (record) => live.push(record));
    await fixture.someoneAtGate();
    const seen = await waitFor(() =>
      live.find(({ seq, status }) => seq === 2 && status === 'running'),
    );
    expect(seen.text).toContain(fixture.texts.gate);
    await open();
    expect((await running).result?.statements).toBe(3);
  });

  test('an error that the package catches: failed, and what it took back is rolled back', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const { statements, result, error } = await run(session, callOf('caught'));
    expect(error).toBeNull();
    expect(statements.map(({ status }) => status)).toEqual([
      'executed',
      'rolled_back',
      'failed',
      'executed',
    ]);
    expect(result?.statements).toBe(2);
    const kept = await attachment.unacknowledged(100);
    expect(kept.map(({ text }) => /first|last/.exec(text)?.[0])).toEqual(['first', 'last']);
    const executed = statements.filter(({ status }) => status === 'executed');
    expect(kept.map(({ seq }) => seq)).toEqual(executed.map(({ seq }) => seq));
  });

  test('committed statements stay on the target until they are acknowledged', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const { statements } = await run(session, callOf('three_rows'));
    await run(session, callOf('write_row'));
    await run(session, callOf('fail'));
    const all = await attachment.unacknowledged(100);
    expect(all.map(({ unit, seq, status }) => [unit.task, seq, status])).toEqual([
      ['three_rows', 1, 'committed'],
      ['three_rows', 2, 'committed'],
      ['three_rows', 3, 'committed'],
      ['write_row', 1, 'committed'],
    ]);
    for (const [i, live] of statements.entries()) {
      const { status: _live, parallelWorkers: _seen, ...same } = live;
      expect(all[i]).toMatchObject({ ...same, endedAt: expect.any(Date) });
    }
    expect(await attachment.unacknowledged(2)).toHaveLength(2);
    expect(await attachment.unacknowledged(100, callOf('write_row').unit)).toHaveLength(1);
    await attachment.acknowledge([callOf('three_rows').unit]);
    expect((await attachment.unacknowledged(100)).map(({ unit }) => unit.task)).toEqual([
      'write_row',
    ]);
  });

  test('shipped and not acknowledged, then a new attempt: the same rows with the same keys', async () => {
    const first = await stand.attach(1);
    await run(await first.session(), callOf('three_rows', { try: 2 }));
    const shipped = await first.unacknowledged(100);
    const second = await stand.attach(2);
    expect(await second.unacknowledged(100)).toEqual(shipped);
    expect(shipped.every((row) => row.streamAttempt === 1 && row.try === 2)).toBe(true);
    expect(await second.recordedUnits()).toMatchObject([
      {
        unit: callOf('three_rows').unit,
        streamAttempt: 1,
        try: 2,
        status: 'done',
        statements: 3,
        rows: 6,
      },
    ]);
    await second.acknowledge([callOf('three_rows').unit]);
    expect(await second.unacknowledged(100)).toEqual([]);
  });

  test('nothing of a lost unit is on the target', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    await fixture.killUnitSessions();
    const { statements } = await running;
    expect(statements.map(({ status }) => status)).toEqual(['executed', 'running']);
    await attachment.session(session);
    expect(await attachment.unacknowledged(100)).toEqual([]);
    await open();
  });
});
