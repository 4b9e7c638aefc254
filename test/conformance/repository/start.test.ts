import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StartRequest } from '../../../src/ports/repository.ts';
import {
  admit,
  apply,
  emptyRepository,
  ending,
  expireLeases,
  type Fixture,
  failureOf,
  fleet,
  leaseOf,
  openFixture,
  PACKAGE,
  packageVersion,
  startAndTake,
  startOf,
  takeAll,
} from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('repo_start');
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await emptyRepository(fixture);
  await apply(fixture, fleet({ instances: 3, operations: [12, 13] }));
});

const ALL = startOf({ number: 12, on: ['db01', 'db02', 'db03'] });

const start = (request: StartRequest) => fixture.repository.runs.start(request);
const statuses = async (runId: string) => {
  const detail = await fixture.repository.queries.run(runId);
  return Object.fromEntries(detail?.streams.map((s) => [s.instance, s.status]) ?? []);
};
const events = async (runId: string) =>
  (await fixture.repository.queries.run(runId))?.events.map(({ kind }) => kind);
const registerController = () =>
  fixture.repository.controllers.register({ id: 'controller-1', host: 'h', pid: 1, slots: 4 });

/** A run whose stream on db01 completed, on db02 failed and on db03 was halted. */
async function stoppedRun(): Promise<string> {
  const [first, second, third] = await startAndTake(fixture, ALL);
  if (!first || !second || !third) throw new Error('three streams were expected');
  const { streams } = fixture.repository;
  await streams.end(leaseOf(first), ending('completed'));
  await streams.end(leaseOf(second), ending('failed'));
  await streams.end(leaseOf(third), ending('halted'));
  return first.runId;
}

describe('a new run', () => {
  test('has one waiting stream an instance', async () => {
    const started = await start(ALL);
    expect(started).toMatchObject({
      kind: 'started',
      instances: ['db01', 'db02', 'db03'],
      packageChanged: [],
    });
    expect(await statuses(started.runId)).toEqual({
      db01: 'waiting',
      db02: 'waiting',
      db03: 'waiting',
    });
    expect(await events(started.runId)).toEqual(['started']);
  });

  test('only on the instances asked for', async () => {
    const started = await start({ ...ALL, onlyInstances: ['db02'] });
    expect(started.instances).toEqual(['db02']);
  });

  test('an instance without a plan is refused by name', async () => {
    expect(await failureOf(start({ ...ALL, onlyInstances: ['db09'] }))).toMatchObject({
      code: 'ODTM-2007',
      details: { instance: 'db09', known: 'db01, db02, db03' },
    });
  });

  test('follows a run that has completed, and gets its own handles', async () => {
    const taken = await startAndTake(fixture, ALL);
    for (const stream of taken) {
      await fixture.repository.streams.end(leaseOf(stream), ending('completed'));
    }
    const again = await startAndTake(fixture, ALL);
    expect(again[0]?.runId).not.toBe(taken[0]?.runId);
    expect(new Set([...taken, ...again].map(({ handle }) => handle)).size).toBe(6);
  });

  test('the same operation runs in two environments at once, and two operations in one', async () => {
    const runs = await Promise.all([
      start(ALL),
      start(startOf({ number: 12, inEnvironment: 2, on: ['db01'] })),
      start(startOf({ number: 13, on: ['db01'] })),
    ]);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(3);
  });

  test('what has been removed from the definitions is not started', async () => {
    expect(await failureOf(start(startOf({ number: 99, on: ['db01'] })))).toMatchObject({
      code: 'ODTM-2002',
    });
    expect(await failureOf(start(startOf({ number: 12, on: ['gone'] })))).toMatchObject({
      code: 'ODTM-2007',
    });
  });
});

describe('a running run', () => {
  test('is refused with its id while a lease lives', async () => {
    const [stream] = await startAndTake(fixture, ALL);
    expect(await failureOf(start(ALL))).toMatchObject({
      code: 'ODTM-2001',
      details: { run: stream?.runId },
      entry: { exitCode: 4 },
    });
  });

  test('also when only one of its streams is driven and another has failed', async () => {
    const [first] = await startAndTake(fixture, ALL);
    if (!first) throw new Error('a stream was expected');
    await fixture.repository.streams.end(leaseOf(first), ending('failed'));
    expect(await failureOf(start(ALL))).toMatchObject({ code: 'ODTM-2001' });
  });

  test('waiting streams count as running while a controller is alive', async () => {
    const { runId } = await start(ALL);
    await registerController();
    expect(await failureOf(start(ALL))).toMatchObject({
      code: 'ODTM-2001',
      details: { run: runId },
    });
    await fixture.repository.controllers.unregister('controller-1');
    expect(await start(ALL)).toMatchObject({ runId, kind: 'restarted' });
  });

  test('of eight starts at once one makes the run and the others see it', async () => {
    await registerController();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => start(ALL)));
    const refused = results.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []));
    expect(refused).toEqual(Array(7).fill('ODTM-2001'));
    const { rows } = await fixture.client.query('select 1 from odtm.run');
    expect(rows).toHaveLength(1);
  });

  test('without a controller eight starts at once still make one run', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => start(ALL)));
    expect(new Set(results.map(({ runId }) => runId)).size).toBe(1);
    expect(results.filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });
});

describe('a restart', () => {
  test('goes on with the unfinished streams and leaves completed ones alone', async () => {
    const runId = await stoppedRun();
    expect(await start(ALL)).toMatchObject({
      runId,
      kind: 'restarted',
      instances: ['db02', 'db03'],
    });
    expect(await statuses(runId)).toEqual({ db01: 'completed', db02: 'waiting', db03: 'waiting' });
    expect(await events(runId)).toEqual(['started', 'restarted']);
    const again = await takeAll(fixture);
    expect(again.map(({ attempt }) => attempt)).toEqual([2, 2]);
  });

  test('forgets the wish of the halt', async () => {
    const runId = await stoppedRun();
    await fixture.repository.runs.wish(runId, 'halt', 'ann');
    await start(ALL);
    expect((await takeAll(fixture)).map(({ wish }) => wish)).toEqual(['none', 'none']);
  });

  test('of some instances leaves the others as they are', async () => {
    const runId = await stoppedRun();
    const started = await start({ ...ALL, onlyInstances: ['db03'] });
    expect(started.instances).toEqual(['db03']);
    expect(await statuses(runId)).toMatchObject({ db02: 'failed', db03: 'waiting' });
  });

  test('an instance that has completed, or never took part, is refused', async () => {
    await stoppedRun();
    const completed = await failureOf(start({ ...ALL, onlyInstances: ['db01'] }));
    expect(completed).toMatchObject({ code: 'ODTM-2007', details: { known: 'db02, db03' } });
    expect(completed.message).toContain('its stream is completed');
    expect(await failureOf(start({ ...ALL, onlyInstances: ['db09'] }))).toMatchObject({
      code: 'ODTM-2007',
    });
  });

  test('an instance that is disabled by now stays as it is', async () => {
    const runId = await stoppedRun();
    const started = await start(startOf({ number: 12, on: ['db03'] }));
    expect(started.instances).toEqual(['db03']);
    expect(await statuses(runId)).toMatchObject({ db02: 'failed', db03: 'waiting' });
  });

  test('is refused where all unfinished streams are disabled by now', async () => {
    await stoppedRun();
    expect(await failureOf(start(startOf({ number: 12, on: ['db01'] })))).toMatchObject({
      code: 'ODTM-2007',
      details: { instance: 'db02', reason: 'the operation is disabled there now' },
    });
  });

  test('takes the newest package and records the change', async () => {
    const runId = await stoppedRun();
    const repaired = packageVersion('select 2');
    await apply(fixture, fleet({ instances: 3, operations: [12, 13], package: repaired }));
    const started = await start(startOf({ number: 12, on: ['db02', 'db03'], package: repaired }));
    expect(started.packageChanged).toEqual(['db02', 'db03']);
    expect(await events(runId)).toEqual([
      'started',
      'restarted',
      'package_changed',
      'package_changed',
    ]);
    const taken = await takeAll(fixture);
    expect(taken.map((stream) => stream.plan.package.sha256)).toEqual([
      repaired.sha256,
      repaired.sha256,
    ]);
  });

  test('keeps the package where that is asked for, and the old version is still there', async () => {
    await stoppedRun();
    const repaired = packageVersion('select 2');
    await apply(fixture, fleet({ instances: 3, operations: [12, 13], package: repaired }));
    const request = startOf({ number: 12, on: ['db02', 'db03'], package: repaired });
    const started = await start({ ...request, keepPackage: true });
    expect(started.packageChanged).toEqual([]);
    const [stream] = await takeAll(fixture);
    expect(stream?.plan.package.sha256).toBe(PACKAGE.sha256);
    const { packages } = fixture.repository;
    expect(await packages.version('purge', 'postgres', PACKAGE.sha256)).toEqual(PACKAGE);
    expect(await packages.version('purge', 'oracle', PACKAGE.sha256)).toBeNull();
  });

  test('another variant than that of the unfinished run is refused', async () => {
    const runId = await stoppedRun();
    const request = startOf({ number: 12, on: ['db02'], variant: 'gentle' });
    expect(await failureOf(start(request))).toMatchObject({
      code: 'ODTM-2010',
      details: { run: runId, variant: 'none' },
    });
  });

  test('streams of a controller that died go on once their leases have expired', async () => {
    const [stream] = await startAndTake(fixture, ALL);
    expect(await failureOf(start(ALL))).toMatchObject({ code: 'ODTM-2001' });
    await expireLeases(fixture);
    expect(await start(ALL)).toMatchObject({
      runId: stream?.runId,
      kind: 'restarted',
      instances: ['db01', 'db02', 'db03'],
    });
    if (!stream) throw new Error('a stream was expected');
    expect(await fixture.repository.streams.renew([leaseOf(stream)], 10_000)).toEqual([]);
  });

  test('admitted streams that nobody took wait again', async () => {
    const { runId } = await start(ALL);
    await admit(fixture);
    expect(await start(ALL)).toMatchObject({ runId, kind: 'restarted' });
    expect(await statuses(runId)).toMatchObject({ db01: 'waiting', db02: 'waiting' });
    expect(await admit(fixture)).toHaveLength(3);
  });
});

describe('a preview', () => {
  const PREVIEW = { ...ALL, preview: 'rollback' as const };

  test('neither blocks a run nor is blocked by one', async () => {
    const [real] = await startAndTake(fixture, ALL);
    const preview = await start(PREVIEW);
    expect(preview).toMatchObject({ kind: 'started' });
    expect(preview.runId).not.toBe(real?.runId);
    expect((await start(PREVIEW)).runId).not.toBe(preview.runId);
  });

  test('ends when none of its streams is active, also with a failure', async () => {
    const [first, ...others] = await startAndTake(fixture, PREVIEW);
    if (!first) throw new Error('a stream was expected');
    const { streams, queries } = fixture.repository;
    for (const other of others) await streams.end(leaseOf(other), ending('completed'));
    expect((await queries.run(first.runId))?.run.endedAt).toBeNull();
    await streams.end(leaseOf(first), ending('failed'));
    const detail = await queries.run(first.runId);
    expect(detail?.run).toMatchObject({ status: 'failed', preview: true });
    expect(detail?.run.endedAt).toBeInstanceOf(Date);
  });
});
