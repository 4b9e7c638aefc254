import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { callOf, run, Stand, sqlCall } from './stand.ts';

describe.each(FIXTURES)('units on %s', (_engine, makeFixture) => {
  let fixture: TargetFixture;
  let stand: Stand;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.drop());
  afterEach(() => stand.close());

  async function session() {
    stand = new Stand(fixture);
    const attachment = await stand.attach();
    return { attachment, session: await attachment.session() };
  }

  /** What has been written since. */
  async function writtenBy(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = (await fixture.written()).length;
    await work();
    return (await fixture.written()).slice(before);
  }

  test('a unit is done once and recorded, and not run again', async () => {
    const { attachment, session: unit } = await session();
    const rows = await writtenBy(async () => {
      expect(await attachment.outcome(callOf('write_row').unit)).toBeNull();
      const first = await run(unit, callOf('write_row'));
      expect(first.result).toMatchObject({
        outcome: 'done',
        recordedOutcome: 'done',
        rows: 1,
        statements: 1,
      });
      expect(await attachment.outcome(callOf('write_row').unit)).toBe('done');
      const again = await run(unit, callOf('write_row', { try: 2 }));
      expect(again.result).toMatchObject({
        outcome: 'recorded',
        recordedOutcome: 'done',
        statements: 1,
      });
      expect(again.events).toEqual([]);
    });
    expect(rows).toEqual(['row']);
  });

  test('two sessions race for one unit: one does it, the other waits and finds it recorded', async () => {
    const { attachment, session: one } = await session();
    const two = await attachment.session();
    const open = await fixture.closeGate();
    const rows = await writtenBy(async () => {
      const both = [run(one, callOf('hold')), run(two, callOf('hold'))];
      await fixture.someoneAtGate();
      await open();
      const outcomes = (await Promise.all(both)).map(({ result }) => result?.outcome);
      expect(outcomes.sort()).toEqual(['done', 'recorded']);
    });
    expect(rows).toEqual(['before the gate', 'behind the gate']);
  });

  test('a failure rolls the unit back and says what, where and why', async () => {
    const { attachment, session: unit } = await session();
    let ran: Awaited<ReturnType<typeof run>> | undefined;
    const rows = await writtenBy(async () => {
      ran = await run(unit, callOf('fail'));
    });
    expect(rows).toEqual([]);
    expect(ran?.error?.kind).toBe('failed');
    expect(ran?.error?.failure).toMatchObject({
      code: fixture.divisionByZero,
      message: expect.stringMatching(/zero|by 0/),
      statement: fixture.texts.failing,
      context: expect.stringContaining(fixture.failsIn),
      ...fixture.failsAt,
    });
    expect(ran?.statements.map(({ text, status }) => [text, status])).toEqual([
      [expect.stringContaining('before the failure'), 'rolled_back'],
      [fixture.texts.failing, 'failed'],
    ]);
    expect(ran?.statements[1]?.failure?.code).toBe(fixture.divisionByZero);
    expect(await attachment.outcome(callOf('fail').unit)).toBeNull();
    const after = await run(unit, callOf('write_row'));
    expect(after.result?.outcome).toBe('done');
  });

  test('the iterator says complete, and its record remembers it', async () => {
    const { attachment, session: unit } = await session();
    await run(unit, callOf('iterator'));
    await run(unit, callOf('iterator', { key: { iteration: 2 } }));
    const third = callOf('iterator', { key: { iteration: 3 } });
    const { result, statements } = await run(unit, third);
    expect(result).toMatchObject({
      outcome: 'complete',
      recordedOutcome: 'complete',
      message: 'all rounds done',
      statements: 0,
    });
    expect(statements.map(({ status }) => status)).toEqual(['rolled_back']);
    expect((await run(unit, { ...third, try: 2 })).result).toMatchObject({
      outcome: 'recorded',
      recordedOutcome: 'complete',
      message: 'all rounds done',
    });
    expect(await attachment.record()).toEqual([
      {
        object: '',
        completed: false,
        iteration: 3,
        iterator: 'complete',
        tasksDone: [],
        initialAttempt: 0,
        finalErrorAttempt: 0,
      },
    ]);
  });

  test('a task with nothing to perform is done and changes nothing', async () => {
    const { session: unit } = await session();
    const rows = await writtenBy(async () => {
      const { result } = await run(unit, callOf('nothing'));
      expect(result).toMatchObject({ outcome: 'done', message: 'no partition is old enough' });
    });
    expect(rows).toEqual([]);
  });

  test('initial and the finals repeat with the attempt; the record tells which have run', async () => {
    const { session: unit } = await session();
    const rows = await writtenBy(async () => {
      await run(unit, callOf('initial'));
      await run(unit, callOf('final_error'));
      const again = await stand.attach(2);
      const second = await again.session();
      const key = { attempt: 2 };
      await run(second, callOf('initial', { streamAttempt: 2, key }));
      expect((await again.record())[0]).toMatchObject({ initialAttempt: 2, finalErrorAttempt: 1 });
      await run(second, callOf('final', { streamAttempt: 2, key }));
      expect((await again.record())[0]).toMatchObject({ completed: true });
    });
    expect(rows).toEqual(['initial', 'final Y', 'initial', 'final N']);
  });

  test('the record knows the tasks of the last iteration', async () => {
    const { attachment, session: unit } = await session();
    await run(unit, callOf('iterator'));
    await run(unit, callOf('write_row'));
    expect((await attachment.record())[0]).toMatchObject({
      iteration: 1,
      tasksDone: ['write_row'],
    });
    await run(unit, callOf('iterator', { key: { iteration: 2 } }));
    expect((await attachment.record())[0]).toMatchObject({ iteration: 2, tasksDone: [] });
  });

  test('plain SQL runs in the unit’s transaction', async () => {
    const { session: unit } = await session();
    const rows = await writtenBy(async () => {
      const sql = fixture.texts.insertPlain;
      const { result, statements } = await run(unit, sqlCall(sql));
      expect(result).toMatchObject({ outcome: 'done', rows: 1, statements: 1 });
      expect(statements).toMatchObject([{ text: sql.slice(0, -1), status: 'executed', rows: 1 }]);
    });
    expect(rows).toEqual(['plain']);
  });

  test('a decision is the unit’s record; "again" takes an intent back', async () => {
    const { attachment, session: unit } = await session();
    await attachment.decide(callOf('fail').unit, { outcome: 'skipped', reason: 'not needed here' });
    expect((await run(unit, callOf('fail'))).result).toMatchObject({
      outcome: 'recorded',
      recordedOutcome: 'skipped',
      message: 'not needed here',
    });
    expect((await attachment.record())[0]?.tasksDone).toEqual(['fail']);
    await attachment.decide(callOf('write_row').unit, { outcome: 'again', reason: 'look again' });
    expect(await attachment.outcome(callOf('write_row').unit)).toBeNull();
  });

  test('fold keeps the record small, forget leaves nothing', async () => {
    const { attachment, session: unit } = await session();
    for (const iteration of [1, 2, 3]) {
      await run(unit, callOf('iterator', { key: { iteration } }));
      await run(unit, callOf('write_row', { key: { iteration } }));
    }
    await run(unit, callOf('initial'));
    const units = async () => (await attachment.recordedUnits()).map(({ unit: key }) => key);
    await attachment.fold('', 3);
    expect((await units()).length, 'rows with unacknowledged statements stay').toBe(7);
    await attachment.acknowledge(await units());
    await attachment.fold('', 3);
    expect((await units()).map(({ task, iteration }) => `${task} ${iteration}`)).toEqual([
      'iterator 3',
      'write_row 3',
      'initial 1',
    ]);
    await attachment.forget();
    expect(await units()).toEqual([]);
    expect(await (await stand.connect()).handles()).not.toContain(stand.handle);
  });
});
