import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AcquiredStream } from '../../../src/ports/repository.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  admit,
  apply,
  batch,
  emptyRepository,
  ending,
  expireLeases,
  type Fixture,
  failureOf,
  fleet,
  LEASE_MS,
  leaseOf,
  openFixture,
  startOf,
  statementRecord,
  takeAll,
  takeOne,
  UNIT,
  unitRecord,
} from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('repo_lease');
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await emptyRepository(fixture);
  await apply(fixture, fleet({ instances: 2, operations: [12] }));
});

const ONE = startOf({ number: 12, on: ['db01'] });
const acquire = (streamId: string, controller: string) =>
  fixture.repository.streams.acquire(streamId, controller, LEASE_MS);

async function logged(table: 'unit_log' | 'statement_log'): Promise<number> {
  const { rows } = await fixture.client.query<{ n: number }>(
    `select count(*)::int as n from odtm.${table}`,
  );
  return rows[0]?.n ?? -1;
}

describe('acquire', () => {
  test('of two controllers at once one gets the stream', async () => {
    await fixture.repository.runs.start(ONE);
    const [streamId = ''] = await admit(fixture);
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, n) => acquire(streamId, `controller-${n}`)),
    );
    expect(taken.filter((stream) => stream !== null)).toHaveLength(1);
    expect(taken.find((stream) => stream !== null)).toMatchObject({
      attempt: 1,
      workedMs: 0,
      finalDue: false,
      wish: 'none',
      preview: null,
      decisions: [],
      plan: ONE.plans[0],
    });
  });

  test('of an expired lease again one of many gets the stream, with a greater attempt', async () => {
    const first = await takeOne(fixture, ONE);
    expect(await acquire(first.streamId, 'controller-2')).toBeNull();
    await expireLeases(fixture);
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, n) => acquire(first.streamId, `controller-${n}`)),
    );
    const [second, ...others] = taken.filter((stream) => stream !== null);
    expect(others).toEqual([]);
    expect(second).toMatchObject({ attempt: 2, finalDue: true, handle: first.handle });
    expect(second?.token).not.toBe(first.token);
    const detail = await fixture.repository.queries.run(first.runId);
    expect(detail?.events.map(({ kind }) => kind)).toEqual(['started', 'taken_over']);
  });

  test('a stream that waits, or has stopped, is not to be driven', async () => {
    await fixture.repository.runs.start(ONE);
    const { rows } = await fixture.client.query<{ id: string }>('select id from odtm.stream');
    const streamId = rows[0]?.id ?? '';
    expect(await acquire(streamId, 'controller-1')).toBeNull();
    const [stream] = await takeAll(fixture);
    if (!stream) throw new Error('a stream was expected');
    await fixture.repository.streams.end(leaseOf(stream), ending('failed'));
    expect(await acquire(streamId, 'controller-1')).toBeNull();
  });

  test('tells how long earlier attempts have worked, up to their last sign of life', async () => {
    const first = await takeOne(fixture, ONE);
    await fixture.client.query(`
      update odtm.stream set attempt_started_at = now() - interval '100 s',
                             renewed_at = now() - interval '40 s', lease_until = now() - interval '30 s'`);
    const second = await acquire(first.streamId, 'controller-2');
    expect(second?.workedMs).toBeCloseTo(60_000, -2);
    await fixture.client.query(`
      update odtm.stream set attempt_started_at = now() - interval '20 s',
                             renewed_at = now() - interval '10 s', lease_until = now() - interval '1 s'`);
    const third = await acquire(first.streamId, 'controller-3');
    expect(third?.workedMs).toBeCloseTo(70_000, -2);
  });

  test('counts what was worked anew when a person makes the run go on', async () => {
    const first = await takeOne(fixture, ONE);
    await fixture.client.query(
      `update odtm.stream set attempt_started_at = now() - interval '1 hour'`,
    );
    await fixture.repository.streams.end(leaseOf(first), ending('expired'));
    await fixture.repository.runs.start(ONE);
    expect((await takeAll(fixture))[0]).toMatchObject({ attempt: 2, workedMs: 0 });
  });

  test('a clock that is set back keeps nobody from taking over and ending', async () => {
    const first = await takeOne(fixture, ONE);
    await fixture.client.query(`
      update odtm.run set started_at = now() + interval '1 hour';
      update odtm.stream set attempt_started_at = renewed_at + interval '1 hour',
                             lease_until = now() - interval '1 s'`);
    const second = await acquire(first.streamId, 'controller-2');
    expect(second).toMatchObject({ attempt: 2, workedMs: 0 });
    await fixture.client.query(
      `update odtm.stream set attempt_started_at = now() + interval '1 hour'`,
    );
    if (second === null) throw new Error('the stream was expected');
    const { streams, queries } = fixture.repository;
    expect(await streams.end(leaseOf(second), ending('completed'))).toBe(true);
    expect((await queries.run(first.runId))?.run.status).toBe('completed');
    expect(await queries.prune(new Date(Date.now() + 7_200_000))).toMatchObject({ runs: 1 });
  });

  test('whether a final is due is what the last attempt said', async () => {
    const first = await takeOne(fixture, ONE);
    await fixture.repository.streams.end(leaseOf(first), ending('failed', { finalDue: true }));
    await fixture.repository.runs.start(ONE);
    const [second] = await takeAll(fixture);
    expect(second?.finalDue).toBe(true);
    if (!second) throw new Error('a stream was expected');
    await fixture.repository.streams.end(leaseOf(second), ending('failed'));
    await fixture.repository.runs.start(ONE);
    expect((await takeAll(fixture))[0]?.finalDue).toBe(false);
  });
});

describe('renew', () => {
  test('answers with the wish, and only for leases that are held', async () => {
    const stream = await takeOne(fixture, ONE);
    const stolen = { streamId: stream.streamId, token: '00000000-0000-4000-8000-000000000000' };
    const { streams, runs } = fixture.repository;
    await runs.wish(stream.runId, 'halt_now', 'ann');
    expect(await streams.renew([stolen], LEASE_MS)).toEqual([]);
    expect(await streams.renew([leaseOf(stream), stolen], LEASE_MS)).toEqual([
      { ...leaseOf(stream), wish: 'halt_now' },
    ]);
  });

  test('an expired lease that nobody has taken is renewed', async () => {
    const stream = await takeOne(fixture, ONE);
    await expireLeases(fixture);
    const { streams } = fixture.repository;
    expect(await streams.renew([leaseOf(stream)], LEASE_MS)).toHaveLength(1);
    expect(await acquire(stream.streamId, 'controller-2')).toBeNull();
  });

  test('many leases and log writes of the same streams at once do not deadlock', async () => {
    const both = startOf({ number: 12, on: ['db01', 'db02'] });
    await fixture.repository.runs.start(both);
    const taken = await takeAll(fixture);
    const reversed = [...taken].reverse();
    const { streams } = fixture.repository;
    const rounds = Array.from({ length: 25 }, (_, n) => [
      streams.renew(taken.map(leaseOf), LEASE_MS),
      streams.renew(reversed.map(leaseOf), LEASE_MS),
      streams.write(
        reversed.map((stream) => batch(stream, { units: [unitRecord({ try: n + 1 })] })),
      ),
    ]);
    const answers = await Promise.all(rounds.flat());
    expect(answers.every((answer) => ('size' in answer ? answer.size : answer.length) === 2)).toBe(
      true,
    );
  });
});

describe('a stolen lease', () => {
  let zombie: AcquiredStream;
  let owner: AcquiredStream;
  beforeEach(async () => {
    zombie = await takeOne(fixture, ONE);
    await expireLeases(fixture);
    const taken = await acquire(zombie.streamId, 'controller-2');
    if (taken === null) throw new Error('the stream was expected');
    owner = taken;
  });

  test('writes no unit, no statement, no end of a try and no progress', async () => {
    const { streams, queries } = fixture.repository;
    await streams.write([batch(owner, { statements: [statementRecord({ status: 'executed' })] })]);
    const progress = {
      object: '',
      iteration: 9,
      tasks: [],
      unitsDone: 9,
      rows: 9,
      chunksDone: null,
      chunksTotal: null,
      chunksSince: null,
      chunksDoneThen: null,
      note: null,
    };
    const held = await streams.write([
      batch(zombie, {
        units: [unitRecord()],
        statements: [statementRecord({ seq: 2 })],
        progress,
        closed: [{ unit: UNIT, streamAttempt: 1, try: 1, statements: 'rolled_back' }],
      }),
    ]);
    expect([...held]).toEqual([]);
    expect(await logged('unit_log')).toBe(0);
    expect(await logged('statement_log')).toBe(1);
    const page = await queries.statements({ runId: owner.runId, limit: 10 });
    expect(page.rows.map(({ status }) => status)).toEqual(['executed']);
    expect((await queries.run(owner.runId))?.streams[0]?.progress).toBeNull();
  });

  test('renews nothing, settles nothing and ends nothing', async () => {
    const { streams, queries } = fixture.repository;
    await streams.write([batch(owner, { units: [unitRecord({ status: 'running' })] })]);
    expect(await streams.renew([leaseOf(zombie)], LEASE_MS)).toEqual([]);
    expect(await streams.settle(leaseOf(zombie), 2)).toBe(false);
    expect(await streams.end(leaseOf(zombie), ending('completed'))).toBe(false);
    const detail = await queries.run(owner.runId);
    expect(detail?.streams[0]).toMatchObject({ status: 'running', controller: 'controller-2' });
    const units = await queries.units({ runId: owner.runId, limit: 10 });
    expect(units.rows.map(({ status }) => status)).toEqual(['running']);
  });

  test('does not keep others in the same write from being written', async () => {
    const other = await takeOne(fixture, startOf({ number: 12, inEnvironment: 2, on: ['db02'] }));
    const held = await fixture.repository.streams.write([
      batch(zombie, { units: [unitRecord()] }),
      batch(other, { units: [unitRecord()] }),
    ]);
    expect([...held]).toEqual([other.streamId]);
    expect(await logged('unit_log')).toBe(1);
  });

  test('ends nothing either when it is stolen while the end waits for the run', async () => {
    const { streams } = fixture.repository;
    await fixture.client.query('begin');
    await fixture.client.query('select from odtm.run for no key update');
    const ended = streams.end(leaseOf(owner), ending('completed'));
    await waitFor(async () => {
      const { rows } = await fixture.client.query(`
        select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`);
      return rows.length === 1;
    });
    await fixture.repository.connection.query(
      sql`update odtm.stream set lease_until = now() - interval '1 s'`,
    );
    expect(await acquire(owner.streamId, 'controller-3')).toMatchObject({ attempt: 3 });
    await fixture.client.query('commit');
    expect(await ended).toBe(false);
  });

  test('cannot be stolen in the middle of a write', async () => {
    const { streams } = fixture.repository;
    await fixture.client.query('begin');
    await fixture.client.query('select from odtm.stream for update');
    const writing = streams.write([batch(owner, { units: [unitRecord({ streamAttempt: 2 })] })]);
    await fixture.client.query(`update odtm.stream set lease_until = now() - interval '1 s'`);
    await fixture.client.query('commit');
    const taking = acquire(owner.streamId, 'controller-3');
    const [held, taken] = await Promise.all([writing, taking]);
    // Whoever comes first: a write that counts was committed while its lease stood.
    expect(held.size).toBe(await logged('unit_log'));
    expect(taken).toMatchObject({ attempt: 3 });
  });
});

describe('decisions', () => {
  const decide = (runId: string, outcome: 'skipped' | 'done' | 'again', instance = 'db01') =>
    fixture.repository.runs.decide(runId, instance, { outcome, reason: 'a good one' }, 'ann');

  async function stopped(status: 'failed' | 'in_doubt' | 'halted', task = UNIT.task) {
    const stream = await takeOne(fixture, ONE);
    const failedUnit = status === 'halted' ? null : { ...UNIT, task };
    await fixture.repository.streams.end(leaseOf(stream), ending(status, { failedUnit }));
    return stream;
  }

  test('are given to the next attempts until one has written them down', async () => {
    const { runId } = await stopped('failed');
    expect(await decide(runId, 'skipped')).toEqual(UNIT);
    await fixture.repository.runs.start(ONE);
    const expected = [{ unit: UNIT, outcome: 'skipped', reason: 'a good one' }];
    const [second] = await takeAll(fixture);
    expect(second?.decisions).toEqual(expected);
    await expireLeases(fixture);
    const third = await acquire(second?.streamId ?? '', 'controller-2');
    expect(third?.decisions).toEqual(expected);
    if (third === null) throw new Error('the stream was expected');
    expect(await fixture.repository.streams.settle(leaseOf(third), third.attempt)).toBe(true);
    await expireLeases(fixture);
    expect((await acquire(third.streamId, 'controller-1'))?.decisions).toEqual([]);
  });

  test('a second one before the restart replaces the first', async () => {
    const { runId } = await stopped('in_doubt');
    await decide(runId, 'done');
    await decide(runId, 'again');
    await fixture.repository.runs.start(ONE);
    const [stream] = await takeAll(fixture);
    expect(stream?.decisions.map(({ outcome }) => outcome)).toEqual(['again']);
    const detail = await fixture.repository.queries.run(runId);
    expect(detail?.events.map(({ kind }) => kind)).toContain('done');
  });

  test.each([
    ['failed', 'done', UNIT.task, 'which leaves no doubt'],
    ['failed', 'skipped', 'initial', 'initial is no task'],
    ['halted', 'skipped', UNIT.task, 'its stream is halted'],
  ] as const)('of a stream that %s, %s of %s is refused', async (status, outcome, task, reason) => {
    const { runId } = await stopped(status, task);
    const error = await failureOf(decide(runId, outcome));
    expect(error).toMatchObject({ code: 'ODTM-2009' });
    expect(error.message).toContain(reason);
  });

  test('of what is not there are refused', async () => {
    const { runId } = await stopped('failed');
    expect(await failureOf(decide(runId, 'skipped', 'db02'))).toMatchObject({
      code: 'ODTM-2007',
      details: { known: 'db01' },
    });
    expect(await failureOf(decide('4711', 'skipped'))).toMatchObject({ code: 'ODTM-2004' });
    expect(await failureOf(decide('nonsense', 'skipped'))).toMatchObject({ code: 'ODTM-2004' });
  });
});

test('over are only the handles whose streams are completed or cancelled', async () => {
  const done = await takeOne(fixture, ONE);
  const { streams } = fixture.repository;
  expect(await streams.over([done.handle, 'unknown'])).toEqual([]);
  await streams.end(leaseOf(done), ending('completed'));
  const failed = await takeOne(fixture, ONE);
  await streams.end(leaseOf(failed), ending('failed'));
  expect(await streams.over([done.handle, failed.handle, 'unknown'])).toEqual([done.handle]);
});
