import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  mayFollow,
  STREAM_STATUSES,
  type StreamStatus,
} from '../../../src/core/run/stream-status.ts';
import { apply, type Fixture, failureOf, fleet, openFixture, PACKAGE } from './fixture.ts';

let fixture: Fixture;
let runId: string;
let streams = 0;

beforeAll(async () => {
  fixture = await openFixture('repo_edges');
  await apply(fixture, fleet({ instances: 1, operations: [12] }));
  const { rows } = await fixture.client.query<{ id: string }>(`
    insert into odtm.run (operation_id, operation_name, environment_id, environment_code, started_by)
    values (12, 'purge', 1, 'PROD', 'ann') returning id`);
  runId = rows[0]?.id ?? '';
});
afterAll(() => fixture.close());

/** What the other columns must be in a status. */
function columnsOf(status: StreamStatus): string {
  const leased = status === 'running';
  const sent = leased || status === 'admitted';
  const active = sent || status === 'waiting';
  return `status = '${status}', attempt = 1, started_at = now(),
    token = ${leased ? 'gen_random_uuid()' : 'null'}, controller_id = ${leased ? "'c'" : 'null'},
    lease_until = ${leased ? 'now()' : 'null'}, renewed_at = ${leased ? 'now()' : 'null'},
    attempt_started_at = ${leased ? 'now()' : 'null'}, sent_at = ${sent ? 'now()' : 'null'},
    ended_at = ${active ? 'null' : 'now()'}, failure = ${status === 'failed' ? "'{}'" : 'null'}`;
}

/** A stream in a status, however it may have come there. */
async function streamIn(status: StreamStatus): Promise<string> {
  streams += 1;
  await fixture.client.query('alter table odtm.stream disable trigger stream_edge');
  const { rows } = await fixture.client.query<{ id: string }>(
    `insert into odtm.stream (run_id, instance, engine, plan, package_name, package_sha256, accept_drift)
     values ($1, $2, 'postgres', '{}', 'purge', $3, false) returning id`,
    [runId, `db${streams}`, PACKAGE.sha256],
  );
  const id = rows[0]?.id ?? '';
  await fixture.client.query(`update odtm.stream set ${columnsOf(status)} where id = $1`, [id]);
  await fixture.client.query('alter table odtm.stream enable trigger stream_edge');
  return id;
}

const PAIRS = STREAM_STATUSES.flatMap((from) =>
  STREAM_STATUSES.map((to) => ({ from, to, may: mayFollow(from, to) ? 'may' : 'may not' })),
);

test.each(PAIRS)('a stream that is $from $may become $to', async ({ from, to, may }) => {
  const id = await streamIn(from);
  const move = fixture.client.query(`update odtm.stream set ${columnsOf(to)} where id = $1`, [id]);
  if (may === 'may') {
    expect((await move).rowCount).toBe(1);
    return;
  }
  const error = await failureOf(move);
  expect(error).toMatchObject({ code: '23514', constraint: 'stream_edge' });
  expect(error.message).toContain(`may not go from ${from} to ${to}`);
});

describe('a stream can not be', () => {
  const IMPOSSIBLE: readonly [string, StreamStatus, string, string][] = [
    ['running without a lease', 'admitted', "status = 'running'", 'stream_is_leased_while_running'],
    [
      'waiting under a lease',
      'running',
      "status = 'waiting', sent_at = null",
      'stream_is_leased_while_running',
    ],
    ['under a lease that never expires', 'running', 'lease_until = null', 'stream_lease_is_whole'],
    ['under a lease of nobody', 'running', 'controller_id = null', 'stream_lease_is_whole'],
    ['failed without a reason', 'failed', 'failure = null', 'stream_failed_with_a_reason'],
    ['halted and not ended', 'halted', 'ended_at = null', 'stream_ended_when_inactive'],
    ['ended while it waits', 'waiting', 'ended_at = now()', 'stream_ended_when_inactive'],
    [
      'completed with a final due',
      'completed',
      'final_due = true',
      'stream_owes_no_final_when_over',
    ],
    [
      'completed without an attempt',
      'completed',
      'attempt = 0, started_at = null',
      'stream_ran_before_its_outcome',
    ],
    ['admitted and not sent', 'admitted', 'sent_at = null', 'stream_is_sent_while_admitted'],
    ['of an unknown status', 'running', "status = 'paused'", 'stream_edge'],
    [
      'of a package that nobody applied',
      'waiting',
      `package_sha256 = '${'0'.repeat(64)}'`,
      'stream_package_name_engine_package_sha256_fkey',
    ],
  ];

  test.each(IMPOSSIBLE)('%s', async (_, from, change, constraint) => {
    const id = await streamIn(from);
    const move = fixture.client.query(`update odtm.stream set ${change} where id = $1`, [id]);
    expect(await failureOf(move)).toMatchObject({ constraint });
  });
});

test('a second unfinished run of the operation in the environment can not be', async () => {
  const insert = (environment: number, preview: string | null) =>
    fixture.client.query(
      `insert into odtm.run (operation_id, operation_name, environment_id, environment_code, started_by,
                             preview)
       values (12, 'purge', $1, 'X', 'ann', $2)`,
      [environment, preview],
    );
  expect(await failureOf(insert(1, null))).toMatchObject({ constraint: 'run_unfinished' });
  expect((await insert(2, null)).rowCount).toBe(1);
  expect((await insert(1, 'rollback')).rowCount).toBe(1);
});
