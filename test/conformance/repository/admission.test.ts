import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { admitStreams } from '../../../src/repository/admission.ts';
import { openRepository } from '../../../src/repository/repository.ts';
import {
  admit,
  apply,
  emptyRepository,
  ending,
  type Fixture,
  failureOf,
  fleet,
  instanceNames,
  LEASE_MS,
  leaseOf,
  openFixture,
  startOf,
} from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('repo_admission');
});
afterAll(() => fixture.close());
beforeEach(() => emptyRepository(fixture));

const start = (number: number, instances: number, rest = {}) =>
  fixture.repository.runs.start(startOf({ number, on: instanceNames(instances), ...rest }));

async function admittedBy(column: string): Promise<Record<string, number>> {
  const { rows } = await fixture.client.query<{ key: string; n: number }>(`
    select ${column}::text as key, count(*)::int as n
      from odtm.stream s join odtm.run r on r.id = s.run_id
     where s.status in ('admitted', 'running') group by 1`);
  return Object.fromEntries(rows.map(({ key, n }) => [key, n]));
}

describe('limits', () => {
  test('of an instance: one stream at a time by default, the oldest first', async () => {
    await apply(fixture, fleet({ instances: 2, operations: [12, 13] }));
    const first = await start(12, 2);
    const second = await start(13, 2);
    expect(await admit(fixture)).toHaveLength(2);
    expect(await admittedBy('s.run_id')).toEqual({ [first.runId]: 2 });
    expect(await admit(fixture)).toEqual([]);
    await fixture.repository.runs.wish(first.runId, 'cancel', 'ann');
    expect(await admit(fixture)).toHaveLength(2);
    expect(await admittedBy('s.run_id')).toEqual({ [second.runId]: 2 });
  });

  test('a stream whose target is away leaves its place to others, and comes back', async () => {
    await apply(fixture, fleet({ instances: 2, operations: [12] }));
    await start(12, 2, { maxStreams: 1 });
    const { streams } = fixture.repository;
    const [away = ''] = await admit(fixture);
    const stream = await streams.acquire(away, 'c', LEASE_MS);
    if (stream === null) throw new Error('the stream was expected');
    expect(stream.awayMs).toBe(0);
    await streams.end(leaseOf(stream), ending('waiting', { awayRetryMs: 60_000 }));
    const [other = ''] = await admit(fixture);
    expect(other).not.toBe(away);
    const taken = await streams.acquire(other, 'c', LEASE_MS);
    if (taken === null) throw new Error('the other stream was expected');
    await streams.end(leaseOf(taken), ending('completed'));
    expect(await admit(fixture), 'its time has not come').toEqual([]);
    await fixture.client.query(`update odtm.stream set waiting_since = now() - interval '1 ms',
      away_since = now() - interval '30 s' where id = ${away}`);
    expect(await admit(fixture)).toEqual([away]);
    const again = await streams.acquire(away, 'c', LEASE_MS);
    expect(again?.awayMs).toBeGreaterThanOrEqual(30_000);
    expect(again?.awayMs).toBeLessThan(40_000);
    if (again !== null) await streams.end(leaseOf(again), ending('waiting'));
    await admit(fixture);
    expect((await streams.acquire(away, 'c', LEASE_MS))?.awayMs, 'it was reached').toBe(0);
  });

  test('of a run', async () => {
    await apply(fixture, fleet({ instances: 5, operations: [12] }));
    await start(12, 5, { maxStreams: 3 });
    const sent = await admit(fixture);
    expect(sent).toHaveLength(3);
    const stream = await fixture.repository.streams.acquire(sent[0] ?? '', 'c', LEASE_MS);
    expect(await admit(fixture)).toEqual([]);
    if (stream === null) throw new Error('the stream was expected');
    await fixture.repository.streams.end(leaseOf(stream), ending('failed'));
    expect(await admit(fixture)).toHaveLength(1);
  });

  test('of an environment, over all of its runs', async () => {
    const options = { instances: 4, operations: [12, 13], environmentLimit: 3, instanceLimit: 4 };
    await apply(fixture, fleet(options));
    await start(12, 4);
    await start(13, 4);
    await start(12, 4, { inEnvironment: 2 });
    expect(await admit(fixture)).toHaveLength(6);
    expect(await admittedBy('r.environment_code')).toEqual({ PROD: 3, TEST: 3 });
  });

  test('a stream that does not fit does not hold up those behind it', async () => {
    await apply(fixture, fleet({ instances: 3, operations: [12, 13] }));
    const first = await start(12, 1);
    const second = await start(13, 3);
    await admit(fixture);
    expect(await admittedBy('s.run_id')).toEqual({ [first.runId]: 1, [second.runId]: 2 });
  });

  test('are exact with eight admitters at once while streams end', async () => {
    const limits = { environmentLimit: 7, instanceLimit: 2 };
    await apply(fixture, fleet({ instances: 6, operations: [12, 13, 14], ...limits }));
    for (const number of [12, 13, 14]) await start(number, 6, { maxStreams: 3 });
    const others = await Promise.all(
      Array.from({ length: 3 }, () => openRepository({ url: fixture.database.url })),
    );
    const repositories = [fixture.repository, ...others];
    const ended: string[] = [];
    const sent: string[] = [];
    const admitters = Array.from({ length: 8 }, async (_, n) => {
      const repository = repositories[n % repositories.length] ?? fixture.repository;
      for (let idle = 0; idle < 5; ) {
        const jobs: string[] = [];
        await admitStreams(repository, async (executeSql, admitted) => {
          const { rows } = await executeSql(EXCESS, [7, 2, 3]);
          expect(rows).toEqual([]);
          jobs.push(...admitted.map(({ streamId }) => streamId));
        });
        idle = jobs.length === 0 ? idle + 1 : 0;
        sent.push(...jobs);
        for (const streamId of jobs) {
          const stream = await repository.streams.acquire(streamId, `c${n}`, LEASE_MS);
          if (stream === null) throw new Error(`stream ${streamId} was sent twice`);
          await repository.streams.end(leaseOf(stream), ending('completed'));
          ended.push(streamId);
        }
      }
    });
    await Promise.all(admitters);
    while (ended.length < 18) {
      const more = await admit(fixture);
      expect(more.length).toBeGreaterThan(0);
      ended.push(...more);
      sent.push(...more);
    }
    await Promise.all(others.map((repository) => repository.close()));
    expect(new Set(sent).size).toBe(18);
    expect(sent).toHaveLength(18);
  });

  const EXCESS = `
    with active as (
      select s.run_id, s.instance, r.environment_id from odtm.stream s join odtm.run r on r.id = s.run_id
       where s.status in ('admitted', 'running'))
    select 'environment' as limit, count(*) from active group by environment_id having count(*) > $1
    union all select 'instance', count(*) from active group by instance having count(*) > $2
    union all select 'run', count(*) from active group by run_id having count(*) > $3`;
});

describe('sending', () => {
  beforeEach(() => apply(fixture, fleet({ instances: 2, operations: [12] })));

  test('happens in the same transaction: where it fails nothing is admitted', async () => {
    await start(12, 2);
    const sending = admitStreams(fixture.repository, async (executeSql, jobs) => {
      await executeSql('create table public.job as select $1::text as stream_id', [
        jobs[0]?.streamId,
      ]);
      throw new Error('the queue is away');
    });
    expect((await failureOf(sending)).message).toBe('the queue is away');
    expect(await admittedBy('s.run_id')).toEqual({});
    const { rows } = await fixture.client.query(`select to_regclass('public.job') as job`);
    expect(rows).toEqual([{ job: null }]);
    expect(await admit(fixture)).toHaveLength(2);
  });

  test('is not tried where there is nothing', async () => {
    const sent = await admitStreams(fixture.repository, () => {
      throw new Error('nothing was expected');
    });
    expect(sent).toBe(0);
  });

  test('comes again for an admitted stream that nobody has taken for a minute', async () => {
    await start(12, 2);
    const [first] = await admit(fixture);
    expect(await admit(fixture)).toEqual([]);
    await fixture.client.query(
      `update odtm.stream set sent_at = now() - interval '61 s' where id = $1`,
      [first],
    );
    expect(await admit(fixture)).toEqual([first]);
    expect(await admit(fixture)).toEqual([]);
  });

  test('comes again for a stream that nobody has taken over half a minute after its lease', async () => {
    await start(12, 2);
    const [first = ''] = await admit(fixture);
    await fixture.repository.streams.acquire(first, 'c', LEASE_MS);
    const age = (seconds: number) =>
      fixture.client.query(
        `update odtm.stream set lease_until = now() - make_interval(secs => $2),
                                sent_at = now() - interval '10 min' where id = $1`,
        [first, seconds],
      );
    await age(29);
    expect(await admit(fixture)).toEqual([]);
    await age(31);
    expect(await admit(fixture)).toEqual([first]);
    expect(await admit(fixture)).toEqual([]);
    expect(await fixture.repository.streams.acquire(first, 'd', LEASE_MS)).toMatchObject({
      attempt: 2,
    });
  });
});
