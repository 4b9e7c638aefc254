import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { HeldDrive, QueueFixture, streams } from './queue-fixture.ts';

let database: TestDatabase;
let fixture: QueueFixture;

beforeEach(async () => {
  database = await createDatabase('dispatch');
  fixture = new QueueFixture(database.url);
  await fixture.open();
});

afterEach(async () => {
  await fixture.close();
  await database.drop();
});

describe('slots', () => {
  test('are filled and never exceeded; a freed one is filled at once, not at the next poll', async () => {
    const dispatcher = fixture.dispatcher({ pollEveryMs: 60_000, admitEveryMs: 60_000 });
    const held = new HeldDrive();
    fixture.waiting.push(...streams(1, 2, 3, 4, 5));
    const service = await dispatcher.serve({ slots: 2, drive: held.drive });
    await waitFor(() => held.begun.length === 2);
    expect(service.active).toBe(2);
    held.end(held.streams[0] ?? '');
    await waitFor(() => held.begun.length === 3, { timeoutMs: 2_000 });
    expect(service.active).toBe(2);
    // The other job stays for others while the slots are full.
    expect((await fixture.jobs()).filter((job) => job.state === 'created')).toHaveLength(2);
    await service.stop();
  });

  test('one slow stream delays nobody', async () => {
    const dispatcher = fixture.dispatcher();
    const held = new HeldDrive();
    const slow = '1';
    fixture.waiting.push(...streams(...Array.from({ length: 30 }, (_, index) => index + 1)));
    const service = await dispatcher.serve({
      slots: 2,
      drive: async (job, signal) => (job.streamId === slow ? held.drive(job, signal) : 'over'),
    });
    await waitFor(async () => (await fixture.jobs()).length === 1);
    expect(await fixture.jobs()).toEqual([{ stream: slow, state: 'active', held: null }]);
    await service.stop();
  });

  test('several controllers share the jobs and none is given out twice', async () => {
    const begun: string[] = [];
    const shares: number[] = [];
    const services = await Promise.all(
      [0, 1, 2].map((index) =>
        fixture.dispatcher().serve({
          slots: 3,
          drive: async (job) => {
            begun.push(job.streamId);
            shares[index] = (shares[index] ?? 0) + 1;
            await new Promise((resolve) => setTimeout(resolve, 5));
            return 'over';
          },
        }),
      ),
    );
    const all = streams(...Array.from({ length: 200 }, (_, index) => index));
    fixture.waiting.push(...all);
    await fixture.dispatcher().admit();
    await waitFor(() => begun.length >= 200);
    await Promise.all(services.map((service) => service.stop()));
    expect(begun.toSorted()).toEqual(all.map((job) => job.streamId).toSorted());
    expect(shares.filter((share) => share > 0)).toHaveLength(3);
    expect(await fixture.jobs()).toEqual([]);
  });
});

describe('admission', () => {
  test('a job is sent only if the transaction that marks its stream commits', async () => {
    const dispatcher = fixture.dispatcher();
    await dispatcher.start();
    await fixture.sql('BEGIN');
    fixture.inside = (text, values) => fixture.sql(text, values).then((rows) => ({ rows }));
    fixture.waiting.push(...streams(1));
    expect(await dispatcher.admit()).toBe(1);
    expect(await fixture.jobs()).toHaveLength(1);
    await fixture.sql('ROLLBACK');
    expect(await fixture.jobs()).toEqual([]);
  });

  test('a stream that is sent twice has one queued job', async () => {
    const dispatcher = fixture.dispatcher();
    fixture.waiting.push(...streams(1, 2, 2));
    await dispatcher.admit();
    fixture.waiting.push(...streams(1));
    await dispatcher.admit();
    expect((await fixture.jobs()).map((job) => job.stream)).toEqual(['1', '2']);
  });

  test('wakes the controllers of other processes', async () => {
    const held = new HeldDrive();
    const times = { pollEveryMs: 60_000, admitEveryMs: 60_000 };
    const service = await fixture.dispatcher(times).serve({ slots: 1, drive: held.drive });
    await waitFor(async () => {
      const rows = await fixture.sql(
        `SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN "odtm_wake"' AND datname = $1`,
        [database.name],
      );
      return rows.length === 1;
    });
    const sender = fixture.dispatcher();
    fixture.waiting.push(...streams(1));
    await sender.admit();
    await waitFor(() => held.begun.length === 1, { timeoutMs: 2_000 });
    await service.stop();
  });
});

describe('a stopped service', () => {
  test('aborts what it drives, waits for it and leaves no job', async () => {
    const held = new HeldDrive();
    fixture.waiting.push(...streams(1, 2));
    const service = await fixture.dispatcher().serve({ slots: 2, drive: held.drive });
    await waitFor(() => held.begun.length === 2);
    await service.stop();
    expect(held.aborted.toSorted()).toEqual(['1', '2']);
    expect(await fixture.jobs()).toEqual([]);
    fixture.waiting.push(...streams(3));
    await fixture.dispatcher().admit();
    expect(held.begun).toHaveLength(2);
  });
});

describe('a job comes again', () => {
  test('when its drive is rejected', async () => {
    let calls = 0;
    fixture.waiting.push(...streams(1));
    const service = await fixture.dispatcher({ rejectedDelayMs: 50, pollEveryMs: 50 }).serve({
      slots: 1,
      drive: async (job) => {
        calls += 1;
        if (calls === 1) throw new Error('the repository is away');
        expect(job.redelivered).toBe(true);
        return 'over';
      },
    });
    await waitFor(() => calls === 2);
    await waitFor(async () => (await fixture.jobs()).length === 0);
    expect(fixture.journal.lines.join()).toContain('the repository is away');
    await service.stop();
  });

  test('a limited number of times when another controller holds the stream', async () => {
    const begun: boolean[] = [];
    fixture.waiting.push(...streams(1));
    const times = { heldDelayMs: 20, heldLimit: 3, pollEveryMs: 20 };
    const service = await fixture.dispatcher(times).serve({
      slots: 1,
      drive: async (job) => {
        begun.push(job.redelivered);
        return 'held';
      },
    });
    await waitFor(async () => begun.length > 0 && (await fixture.jobs()).length === 0);
    expect(begun).toEqual([false, true, true, true]);
    await service.stop();
  });

  test('on another controller when the first goes silent, and both know it', async () => {
    const silent = new HeldDrive();
    const other = new HeldDrive();
    fixture.waiting.push(...streams(1));
    const first = await fixture
      .dispatcher({ touchEveryMs: 600_000, superviseEveryMs: 600_000 })
      .serve({ slots: 1, drive: silent.drive });
    await waitFor(() => silent.begun.length === 1);
    const started = performance.now();
    const second = await fixture.dispatcher().serve({ slots: 1, drive: other.drive });
    await waitFor(() => other.begun.length === 1, { timeoutMs: 15_000 });
    expect(performance.now() - started).toBeLessThan(14_000);
    expect(other.begun).toEqual([{ streamId: '1', runId: '1', redelivered: true }]);
    // The first one's settlement is fenced: it does not end the job that the other one has.
    silent.end('1');
    await waitFor(() => first.active === 0);
    await first.stop();
    expect(await fixture.jobs()).toEqual([{ stream: '1', state: 'active', held: null }]);
    await second.stop();
  });
});

describe('a stream that is being driven always has a job', () => {
  test('an old one is replaced in one step, and nobody else ever gets it', async () => {
    const held = new HeldDrive();
    const others: string[] = [];
    fixture.waiting.push(...streams(1));
    const service = await fixture
      .dispatcher({ touchEveryMs: 30, replaceAfterMs: 100 })
      .serve({ slots: 1, drive: held.drive });
    await waitFor(() => held.begun.length === 1);
    const idle = await fixture.dispatcher({ pollEveryMs: 10 }).serve({
      slots: 5,
      drive: async (job) => {
        others.push(job.streamId);
        return 'over';
      },
    });
    await waitFor(async () => {
      const rows = await fixture.sql(`SELECT 1 FROM pgboss.job WHERE state = 'completed'`);
      return rows.length >= 5;
    });
    expect(await fixture.jobs()).toEqual([{ stream: '1', state: 'active', held: null }]);
    held.end('1');
    await waitFor(async () => (await fixture.jobs()).length === 0);
    expect(held.begun).toHaveLength(1);
    expect(others).toEqual([]);
    await Promise.all([service.stop(), idle.stop()]);
  });

  test('one that was taken away is noticed and replaced', async () => {
    const held = new HeldDrive();
    fixture.waiting.push(...streams(1));
    const service = await fixture
      .dispatcher({ touchEveryMs: 30 })
      .serve({ slots: 1, drive: held.drive });
    await waitFor(() => held.begun.length === 1);
    await fixture.sql(`DELETE FROM pgboss.job WHERE name = 'odtm_stream'`);
    const jobs = await waitFor(async () => {
      const found = await fixture.jobs();
      return found.length > 0 && found;
    });
    expect(jobs).toEqual([{ stream: '1', state: 'active', held: null }]);
    await service.stop();
    expect(await fixture.jobs()).toEqual([]);
  });

  test('a second job of the stream attaches to it instead of driving it twice', async () => {
    const held = new HeldDrive();
    fixture.waiting.push(...streams(1));
    const dispatcher = fixture.dispatcher();
    const service = await dispatcher.serve({ slots: 2, drive: held.drive });
    await waitFor(() => held.begun.length === 1);
    fixture.waiting.push(...streams(1));
    await dispatcher.admit();
    await waitFor(async () => {
      const done = await fixture.sql(`SELECT 1 FROM pgboss.job WHERE state = 'completed'`);
      return done.length === 1;
    });
    expect(await fixture.jobs()).toEqual([{ stream: '1', state: 'active', held: null }]);
    expect(held.begun).toHaveLength(1);
    expect(service.active).toBe(1);
    await service.stop();
    expect(await fixture.jobs()).toEqual([]);
  });
});

test('whoever listens to a channel gets its notifications', async () => {
  const heard: string[] = [];
  const dispatcher = fixture.dispatcher();
  const unlisten = dispatcher.onNotification('odtm_wish', (payload) => heard.push(payload));
  await waitFor(() => heard.length === 1);
  await fixture.sql(`SELECT pg_notify('odtm_wish', '17')`);
  await waitFor(() => heard.includes('17'));
  unlisten();
  await waitFor(async () => {
    const left = await fixture.sql(
      `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN "odtm_wish"%' AND datname = $1`,
      [database.name],
    );
    return left.length === 0;
  });
});
