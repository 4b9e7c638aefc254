import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';
import { urlOf } from '../../support/database.ts';

describe('ranges of dates on postgres', () => {
  let fixture: TargetFixture;
  let stand: Stand;

  beforeAll(async () => {
    fixture = await postgresFixture();
    stand = new Stand(fixture);
    const dba = new Client({ connectionString: urlOf(fixture.instance.database) });
    await dba.connect();
    await dba.query(`CREATE TABLE public.days (day date);
      INSERT INTO public.days VALUES ('2024-01-01'), ('2024-01-02'), ('2024-01-09');
      GRANT SELECT ON public.days TO PUBLIC`);
    await dba.end();
  });
  afterAll(async () => {
    await stand.close();
    await fixture.drop();
  });

  async function split(size: string, attempt: number) {
    const attachment = await stand.attach(attempt);
    const chunks = { by: 'key', table: 'public.days', column: 'day', size, parallel: 1 } as const;
    const work = { call: 'split', chunks } as const;
    const key = { iteration: attempt };
    const call = callOf('use_chunk', { kind: 'split', work, key, streamAttempt: attempt });
    const { error } = await run(await attachment.session(), call);
    return { error, chunks: await attachment.chunks(call.unit) };
  }

  test('in whole days every date is in one range', async () => {
    const { error, chunks } = await split('1 week', 1);
    expect(error).toBeNull();
    expect(chunks.map(({ low, high }) => [low, high])).toEqual([
      ['2024-01-01', '2024-01-08'],
      ['2024-01-08', '2024-01-15'],
    ]);
  });

  test.each([
    ['12 hours', 2],
    ['36 hours', 3],
  ])('parts of days (%s) would leave dates out, and are refused', async (size, attempt) => {
    const { error, chunks } = await split(size, attempt);
    expect(error).toMatchObject({ kind: 'failed', failure: { code: 'OD120' } });
    expect(error?.message).toContain(`"${size}"`);
    expect(chunks).toEqual([]);
  });
});
