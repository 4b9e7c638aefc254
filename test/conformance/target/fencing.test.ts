import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import { TargetError } from '../../../src/ports/target.ts';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { callOf, run, Stand } from './stand.ts';

describe.each(FIXTURES)('sessions and attempts on %s', (_engine, makeFixture) => {
  let fixture: TargetFixture;
  let stand: Stand;
  let before: number;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.drop());
  beforeEach(async () => {
    stand = new Stand(fixture);
    before = (await fixture.written()).length;
  });
  afterEach(() => stand.close());

  const written = async () => (await fixture.written()).slice(before);

  test('connection lost before the commit: no effect, and the next try does the unit', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    expect(await fixture.killUnitSessions()).toBe(1);
    expect((await running).error?.kind).toBe('lost');
    await open();
    const replaced = await attachment.session(session);
    expect(await attachment.outcome(callOf('hold').unit)).toBeNull();
    expect(await written()).toEqual([]);
    expect((await run(replaced, callOf('hold', { try: 2 }))).result?.outcome).toBe('done');
    expect(await written()).toEqual(['before the gate', 'behind the gate']);
  });

  test('connection lost after the commit: the record says done, and nothing is done twice', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    await run(session, callOf('write_row'));
    // The answer of the commit never arrived, as far as the controller knows.
    const replaced = await attachment.session(session);
    expect(await attachment.outcome(callOf('write_row').unit)).toBe('done');
    expect((await run(session, callOf('three_rows'))).error?.kind).toBe('lost');
    const { result } = await run(replaced, callOf('write_row', { try: 2 }));
    expect(result?.outcome).toBe('recorded');
    expect(await written()).toEqual(['row']);
  });

  test('the handle of a run of another repository is left alone', async () => {
    const attachment = await stand.attach();
    const error = await stand.attach(5, { runId: '8' }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TargetError);
    expect(error).toMatchObject({
      kind: 'failed',
      failure: { code: expect.stringMatching(/411$/) },
    });
    const { result } = await run(await attachment.session(), callOf('write_row'));
    expect(result?.outcome).toBe('done');
  });

  test('replacing a session that still works ends it, and its unit is decided first', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    const replaced = await attachment.session(session);
    expect((await running).error?.kind).toBe('lost');
    await open();
    expect((await run(replaced, callOf('hold', { try: 2 }))).result?.outcome).toBe('done');
    expect(await written()).toEqual(['before the gate', 'behind the gate']);
  });

  test('a zombie of an older attempt is ended before attach returns, and cannot commit', async () => {
    const zombie = await (await stand.attach(1)).session();
    const idle = await (await stand.attach(1)).session();
    const open = await fixture.closeGate();
    const late = run(idle, callOf('hold'));
    await fixture.someoneAtGate();
    const owner = await stand.attach(2);
    expect(await owner.outcome(callOf('hold').unit)).toBeNull();
    await open();
    expect((await late).error?.kind).toBe('lost');
    expect((await run(zombie, callOf('write_row'))).error?.kind).toBe('lost');
    expect(await written()).toEqual([]);
    const session = await owner.session();
    const call = callOf('hold', { streamAttempt: 2 });
    expect((await run(session, call)).result?.outcome).toBe('done');
    expect(await written()).toEqual(['before the gate', 'behind the gate']);
  });

  test('an older attempt is fenced: it cannot attach, open a session, decide or fold', async () => {
    const old = await stand.attach(1);
    await stand.attach(2);
    await expect(stand.attach(1)).rejects.toSatisfy((error) => isOdtmError(error, 'STREAM_FENCED'));
    const fenced = (error: unknown) => error instanceof TargetError && error.kind === 'fenced';
    await expect(old.session()).rejects.toSatisfy(fenced);
    const skip = { outcome: 'skipped', reason: 'late' } as const;
    await expect(old.decide(callOf('write_row').unit, skip)).rejects.toSatisfy(fenced);
    await expect(old.fold('', 9)).rejects.toSatisfy(fenced);
  });

  test('a unit that names an older attempt is fenced by its own round trip', async () => {
    const session = await (await stand.attach(5)).session();
    const ran = await run(session, callOf('write_row', { streamAttempt: 4 }));
    expect(ran.error?.kind).toBe('fenced');
    expect(await written()).toEqual([]);
  });

  test('the same attempt may attach again, and its earlier sessions are ended', async () => {
    const lost = await (await stand.attach(3)).session();
    const again = await stand.attach(3);
    const call = callOf('write_row', { streamAttempt: 3 });
    expect((await run(lost, call)).error?.kind).toBe('lost');
    expect((await run(await again.session(), call)).result?.outcome).toBe('done');
  });

  test('streams do not touch each other’s sessions', async () => {
    const session = await (await stand.attach(1)).session();
    const other = new Stand(fixture);
    await other.attach(9);
    expect((await run(session, callOf('write_row'))).result?.outcome).toBe('done');
    await other.close();
  });

  test('cancel ends the running statement: cancelled, and nothing has happened', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    await session.cancel();
    const ran = await running;
    expect(ran.error?.kind).toBe('cancelled');
    expect(ran.statements.map(({ status }) => status)).toEqual(['rolled_back', 'failed']);
    await open();
    expect(await written()).toEqual([]);
    const again = await run(session, callOf('hold', { try: 2 }));
    expect(again.error).toBeNull();
    expect(again.result?.outcome).toBe('done');
  });

  test('a cancel that comes before the server has begun still cancels', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await session.cancel();
    expect((await running).error?.kind).toBe('cancelled');
    await open();
    await session.cancel();
    expect((await run(session, callOf('write_row'))).result?.outcome).toBe('done');
  });
});
