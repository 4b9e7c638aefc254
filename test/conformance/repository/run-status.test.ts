import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunStatus, StreamStatus } from '../../../src/core/run/stream-status.ts';
import type { AcquiredStream, StreamEnd } from '../../../src/ports/repository.ts';
import {
  admit,
  apply,
  emptyRepository,
  ending,
  expireLeases,
  type Fixture,
  failureOf,
  fleet,
  LEASE_MS,
  leaseOf,
  openFixture,
  startAndTake,
  startOf,
  takeAll,
} from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('repo_status');
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await emptyRepository(fixture);
  await apply(fixture, fleet({ instances: 2, operations: [12] }));
});

const BOTH = startOf({ number: 12, on: ['db01', 'db02'] });
const PREVIEW = { ...BOTH, preview: 'rollback' } as const;

const run = async (runId: string) => {
  const detail = await fixture.repository.queries.run(runId);
  if (detail === null) throw new Error('the run was expected');
  return detail;
};
const statusOf = async (runId: string) => (await run(runId)).run.status;
const streamsOf = async (runId: string) =>
  (await run(runId)).streams.map(({ status }) => status as StreamStatus);
const wish = (runId: string, what: 'halt' | 'halt_now' | 'cancel') =>
  fixture.repository.runs.wish(runId, what, 'ann');
const alive = (ageSeconds = 0) =>
  fixture.client.query(
    `insert into odtm.controller (id, host, pid, slots, last_beat_at)
     values ('controller-1', 'h', 1, 1, now() - make_interval(secs => $1))`,
    [ageSeconds],
  );
const end = (stream: AcquiredStream, how: StreamEnd['status'], rest: Partial<StreamEnd> = {}) =>
  fixture.repository.streams.end(leaseOf(stream), ending(how, rest));

async function taken(request = BOTH as typeof BOTH | typeof PREVIEW) {
  return (await startAndTake(fixture, request)) as [AcquiredStream, AcquiredStream];
}

describe('the status of a run', () => {
  const ENDINGS: readonly [StreamEnd['status'], StreamEnd['status'], RunStatus, boolean][] = [
    ['completed', 'completed', 'completed', true],
    ['completed', 'cancelled', 'cancelled', true],
    ['cancelled', 'cancelled', 'cancelled', true],
    ['completed', 'failed', 'failed', false],
    ['completed', 'in_doubt', 'in_doubt', false],
    ['completed', 'halted', 'halted', false],
    ['completed', 'expired', 'expired', false],
    ['failed', 'in_doubt', 'in_doubt', false],
    ['halted', 'failed', 'failed', false],
    ['expired', 'halted', 'halted', false],
    ['cancelled', 'failed', 'failed', false],
  ];
  test.each(ENDINGS)('of %s and %s streams is %s', async (first, second, expected, ended) => {
    const [one, two] = await taken();
    await end(one, first);
    await end(two, second);
    const { run: found } = await run(one.runId);
    expect(found.status).toBe(expected);
    expect(found.endedAt !== null).toBe(ended);
    const [listed] = await fixture.repository.queries.runs({ limit: 1 });
    expect(listed).toEqual(found);
  });

  test('is running under a lease, also with no controller on the list', async () => {
    const [one, two] = await taken();
    await end(two, 'failed');
    expect((await run(one.runId)).run).toMatchObject({
      status: 'running',
      streams: { running: 1, failed: 1 },
    });
  });

  test('is interrupted when no lease and no controller lives', async () => {
    const { runId } = await fixture.repository.runs.start(BOTH);
    expect(await statusOf(runId)).toBe('interrupted');
    await alive(11);
    expect(await statusOf(runId)).toBe('interrupted');
    await fixture.repository.controllers.beat('controller-1');
    expect(await statusOf(runId)).toBe('running');
    await takeAll(fixture);
    await fixture.repository.controllers.unregister('controller-1');
    await expireLeases(fixture);
    expect(await statusOf(runId)).toBe('interrupted');
  });

  test('of a preview that failed beside a cancelled stream is cancelled', async () => {
    const [one, two] = await taken(PREVIEW);
    await end(one, 'failed');
    await end(two, 'cancelled');
    expect(await statusOf(one.runId)).toBe('cancelled');
  });

  test('lists are filtered, the newest first', async () => {
    const [one, two] = await taken();
    await end(one, 'completed');
    await end(two, 'completed');
    const second = await fixture.repository.runs.start(
      startOf({ number: 12, inEnvironment: 2, on: ['db01'] }),
    );
    const ids = async (filter: Record<string, unknown>) =>
      (await fixture.repository.queries.runs({ limit: 10, ...filter })).map(({ runId }) => runId);
    expect(await ids({})).toEqual([second.runId, one.runId]);
    expect(await ids({ environment: 1 })).toEqual([one.runId]);
    expect(await ids({ operation: 13 })).toEqual([]);
    expect(await ids({ unfinishedOnly: true })).toEqual([second.runId]);
    expect(await ids({ limit: 1 })).toEqual([second.runId]);
  });
});

describe('a halt', () => {
  test('of driven streams is left to their controllers', async () => {
    const [one, two] = await taken();
    await wish(one.runId, 'halt');
    expect(await statusOf(one.runId)).toBe('halting');
    expect(await streamsOf(one.runId)).toEqual(['running', 'running']);
    await end(one, 'halted');
    await end(two, 'completed');
    expect(await statusOf(one.runId)).toBe('halted');
  });

  test('of streams that nobody drives happens at once', async () => {
    const { runId } = await fixture.repository.runs.start({ ...BOTH, maxStreams: 1 });
    await admit(fixture);
    expect(await streamsOf(runId)).toEqual(['admitted', 'waiting']);
    await alive();
    await wish(runId, 'halt_now');
    expect(await streamsOf(runId)).toEqual(['halted', 'halted']);
    expect(await statusOf(runId)).toBe('halted');
    expect((await run(runId)).events.map(({ kind }) => kind)).toEqual(['started', 'halt_now']);
  });

  test('of streams whose controller died needs no controller', async () => {
    const [one] = await taken();
    await expireLeases(fixture);
    await wish(one.runId, 'halt');
    expect(await streamsOf(one.runId)).toEqual(['halted', 'halted']);
    expect(await end(one, 'completed')).toBe(false);
  });

  test('but where one is alive it may take the stream over and run the final', async () => {
    const [one] = await taken();
    await expireLeases(fixture);
    await alive();
    await wish(one.runId, 'halt');
    expect(await streamsOf(one.runId)).toEqual(['running', 'running']);
    const again = await fixture.repository.streams.acquire(one.streamId, 'controller-1', LEASE_MS);
    expect(again).toMatchObject({ wish: 'halt', finalDue: true });
  });

  test('counts for a stream that is handed back meanwhile', async () => {
    const [one, two] = await taken();
    await wish(one.runId, 'halt');
    await end(one, 'waiting');
    await end(two, 'waiting', { finalDue: true });
    expect(await streamsOf(one.runId)).toEqual(['halted', 'waiting']);
  });
});

describe('a cancel', () => {
  test('of stopped streams without a final due ends the run at once', async () => {
    const [one, two] = await taken();
    await end(one, 'failed');
    await end(two, 'completed');
    await wish(one.runId, 'cancel');
    expect(await streamsOf(one.runId)).toEqual(['cancelled', 'completed']);
    expect((await run(one.runId)).run.endedAt).toBeInstanceOf(Date);
    expect(await failureOf(wish(one.runId, 'halt'))).toMatchObject({
      code: 'ODTM-2008',
      details: { status: 'cancelled' },
    });
  });

  test('with a final due sends the stream to a controller once more', async () => {
    const [one, two] = await taken();
    await end(one, 'failed', { finalDue: true });
    await end(two, 'halted');
    await wish(one.runId, 'cancel');
    expect(await streamsOf(one.runId)).toEqual(['waiting', 'cancelled']);
    expect(await statusOf(one.runId)).toBe('cancelling');
    const [again] = await takeAll(fixture);
    expect(again).toMatchObject({ wish: 'cancel', finalDue: true, attempt: 2 });
    if (again) await end(again, 'cancelled');
    expect(await statusOf(one.runId)).toBe('cancelled');
  });

  test('of streams whose controller died sends them to another', async () => {
    const [one] = await taken();
    await expireLeases(fixture);
    await wish(one.runId, 'cancel');
    expect(await streamsOf(one.runId)).toEqual(['waiting', 'waiting']);
    expect((await takeAll(fixture)).map(({ finalDue }) => finalDue)).toEqual([true, true]);
  });

  test('without the final that is due ends the run, and says so', async () => {
    const [one, two] = await taken();
    await end(one, 'failed', { finalDue: true });
    await end(two, 'completed');
    await fixture.repository.runs.cancelWithoutFinal(one.runId, 'ann');
    const { run: ended, streams, events } = await run(one.runId);
    expect(ended).toMatchObject({ status: 'cancelled', endedAt: expect.any(Date) });
    expect(streams.map(({ message }) => message)).toContain(
      'cancelled without its final: what initial switched off may still be off',
    );
    expect(events.map(({ kind }) => kind)).toContain('cancel_without_final');
  });

  test('is neither weakened by a halt nor undone by the next start', async () => {
    const [one] = await taken();
    await wish(one.runId, 'cancel');
    await wish(one.runId, 'halt');
    expect((await run(one.runId)).run.wish).toBe('cancel');
    await expireLeases(fixture);
    expect(await failureOf(fixture.repository.runs.start(BOTH))).toMatchObject({
      code: 'ODTM-2012',
    });
  });

  test('whose final has failed leaves the choice: the run may go on after all', async () => {
    const [one, two] = await taken();
    await wish(one.runId, 'cancel');
    await end(one, 'failed', { finalDue: true });
    await end(two, 'cancelled');
    const again = await fixture.repository.runs.start(BOTH);
    expect(again).toMatchObject({ runId: one.runId, kind: 'restarted' });
  });

  test('of a run that is not there is refused', async () => {
    expect(await failureOf(wish('4711', 'cancel'))).toMatchObject({ code: 'ODTM-2004' });
    expect(await failureOf(wish('last', 'cancel'))).toMatchObject({ code: 'ODTM-2004' });
  });
});

test('streams that end at once end their run once', async () => {
  await apply(fixture, fleet({ instances: 20, operations: [12] }));
  const names = Array.from({ length: 20 }, (_, n) => `db${String(n + 1).padStart(2, '0')}`);
  const all = await startAndTake(fixture, startOf({ number: 12, on: names }));
  expect(all).toHaveLength(20);
  await Promise.all(all.map((stream) => end(stream, 'completed')));
  const detail = await run(all[0]?.runId ?? '');
  expect(detail.run.status).toBe('completed');
  expect(detail.events.map(({ kind }) => kind)).toEqual(['started', 'ended']);
});

test('controllers are alive as long as they beat', async () => {
  const { controllers } = fixture.repository;
  const info = { id: 'controller-9', host: 'here', pid: 42, slots: 3 };
  await alive(3600);
  await controllers.register(info);
  expect(await controllers.alive(10_000)).toEqual([info]);
  await controllers.register({ ...info, slots: 5 });
  expect(await controllers.alive(10_000)).toEqual([{ ...info, slots: 5 }]);
  await controllers.unregister('controller-9');
  expect(await controllers.alive(10_000)).toEqual([]);
});
