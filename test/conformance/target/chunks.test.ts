import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChunkSpec } from '../../../src/core/definitions/model.ts';
import type { Attachment } from '../../../src/ports/target.ts';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { callOf, NO_OBJECT, run, Stand } from './stand.ts';

const PARALLEL = 2;

describe.each(FIXTURES)('chunks on %s', (_engine, makeFixture) => {
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

  function byKey(table: string, column: string, size: string): ChunkSpec {
    return { by: 'key', table, column, size, parallel: PARALLEL };
  }

  function splitCall(chunks: ChunkSpec, changes: Parameters<typeof callOf>[1] = {}) {
    return callOf('use_chunk', { kind: 'split', work: { call: 'split', chunks }, ...changes });
  }

  async function split(attachment: Attachment, chunks: ChunkSpec) {
    const ran = await run(await attachment.session(), splitCall(chunks));
    expect(ran.error).toBeNull();
    expect(ran.result).toMatchObject({ outcome: 'done', statements: 1 });
    return attachment.chunks(splitCall(chunks).unit);
  }

  test('ranges of an integer key cover every key once', async () => {
    const { owner, filled } = fixture.keyTables;
    const attachment = await stand.attach();
    const chunks = await split(attachment, byKey(`${owner}.${filled}`, 'id', '4'));
    expect(chunks).toEqual([
      { chunk: 1, low: '1', high: '5', done: false },
      { chunk: 2, low: '5', high: '9', done: false },
      { chunk: 3, low: '9', high: '13', done: false },
    ]);
  });

  test('ranges of a timestamp key', async () => {
    const { owner, filled } = fixture.keyTables;
    const attachment = await stand.attach();
    const chunks = await split(attachment, byKey(`${owner}.${filled}`, 'at', '6 days'));
    expect(chunks).toEqual([
      { chunk: 1, low: '2026-01-01 00:00:00', high: '2026-01-07 00:00:00', done: false },
      { chunk: 2, low: '2026-01-07 00:00:00', high: '2026-01-13 00:00:00', done: false },
    ]);
  });

  test('the object’s own table, and an empty one: no chunks, and the task is done', async () => {
    const { owner, empty } = fixture.keyTables;
    const attachment = await stand.attach();
    const object = { ...NO_OBJECT, id: `${owner}.${empty}`, owner, name: empty };
    const call = splitCall(byKey('@object', 'id', '4'), { object });
    expect((await run(await attachment.session(), call)).result?.outcome).toBe('done');
    expect(await attachment.chunks(call.unit)).toEqual([]);
    expect((await attachment.record())[0]?.tasksDone).toEqual(['use_chunk']);
  });

  test('the author’s own query, in its order', async () => {
    const attachment = await stand.attach();
    const chunks = await split(attachment, {
      by: 'sql',
      sql: fixture.keyTables.ownSql,
      parallel: PARALLEL,
    });
    expect(chunks.map(({ low, high }) => [low, high])).toEqual([
      ['10', '19'],
      ['20', '29'],
    ]);
  });

  test('a key that cannot be cut is an error that names it', async () => {
    const { owner, filled } = fixture.keyTables;
    const attachment = await stand.attach();
    const ran = await run(
      await attachment.session(),
      splitCall(byKey(`${owner}.${filled}`, 'nowhere', '4')),
    );
    expect(ran.error?.kind).toBe('failed');
    expect(ran.error?.message).toMatch(/nowhere/);
  });

  test('split exactly once; each chunk is a unit; the task is done when all are', async () => {
    const { owner, filled } = fixture.keyTables;
    const attachment = await stand.attach();
    const spec = byKey(`${owner}.${filled}`, 'id', '5');
    const chunks = await split(attachment, spec);
    const [one, two] = [await attachment.session(), await attachment.session()];
    const again = await run(one, splitCall(byKey(`${owner}.${filled}`, 'id', '1')));
    expect(again.result?.outcome).toBe('recorded');
    expect(await attachment.chunks(splitCall(spec).unit)).toEqual(chunks);
    const before = (await fixture.written()).length;
    const ran = [
      callOf('use_chunk', { key: { chunk: 1 } }),
      callOf('use_chunk', { key: { chunk: 2 } }),
    ];
    await run(one, ran[0] as (typeof ran)[0]);
    expect((await attachment.chunks(splitCall(spec).unit)).map(({ done }) => done)).toEqual([
      true,
      false,
    ]);
    expect((await attachment.record())[0]?.tasksDone).toEqual([]);
    await run(two, ran[1] as (typeof ran)[0]);
    expect((await attachment.record())[0]?.tasksDone).toEqual(['use_chunk']);
    expect((await fixture.written()).slice(before)).toEqual(['1 to 6', '6 to 11']);
  });

  test('a task without chunks that asks for them is told so', async () => {
    const attachment = await stand.attach();
    const ran = await run(await attachment.session(), callOf('use_chunk'));
    expect(ran.error?.message).toMatch(/not a chunk/);
  });
});
