import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { callOf, parameter, run, Stand } from './stand.ts';

describe.each(FIXTURES)('parameters on %s', (_engine, makeFixture) => {
  let fixture: TargetFixture;
  let stand: Stand;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.drop());
  afterEach(() => stand.close());

  function objects(place: string) {
    const common = [
      parameter('rounds', 'number', '3'),
      parameter('since', 'date', '2026-02-28 12:00:00'),
    ];
    const object = (owner: string, name: string, value: string) => {
      const id = `${owner}.${name}`;
      return { id, owner, name, parameters: [...common, parameter('place', 'string', value, id)] };
    };
    return [
      object('app', 'orders', place),
      object('app', 'other', 'the other'),
      object('archive', 'orders', 'kept'),
      object('a', 'twin', 'one'),
      object('b', 'twin', 'two'),
    ];
  }

  async function read(task: string, attempt: number, place: string) {
    const planned = objects(place);
    const attachment = await stand.attach(attempt, { objects: planned });
    const key = { object: 'app.orders', iteration: attempt };
    const object = planned[0] as (typeof planned)[0];
    return run(await attachment.session(), callOf(task, { key, object, streamAttempt: attempt }));
  }

  async function readFor(id: string, task: string) {
    const planned = objects('here');
    const object = planned.find((one) => one.id === id);
    if (object === undefined) throw new Error(`no object ${id}`);
    const attachment = await stand.attach(1, { objects: planned });
    return run(await attachment.session(), callOf(task, { key: { object: id }, object }));
  }

  test('text, number and date; the object’s own value first, another object’s by its name', async () => {
    stand = new Stand(fixture);
    const before = (await fixture.written()).length;
    expect((await read('read_params', 1, 'here')).error).toBeNull();
    expect(
      (await read('read_params', 2, 'there')).error,
      'a restart writes the newer values',
    ).toBeNull();
    expect((await fixture.written()).slice(before)).toEqual([
      'here 3.5 2026-03-01 12:00:00 the other',
      'there 3.5 2026-03-01 12:00:00 the other',
    ]);
  });

  test('a name without its owner means the unit’s own object, and else the only one so named', async () => {
    stand = new Stand(fixture);
    const before = (await fixture.written()).length;
    const reads = (object: string) => readFor(object, 'read_named');
    expect((await reads('app.orders')).error).toBeNull();
    expect((await reads('archive.orders')).error).toBeNull();
    expect((await fixture.written()).slice(before)).toEqual([
      'here, kept, the other, 3',
      'kept, kept, the other, 3',
    ]);
  });

  test('a name that several objects have is an error that names them', async () => {
    stand = new Stand(fixture);
    const { error } = await readFor('app.orders', 'read_either');
    expect(error?.failure.code).toMatch(/115/);
    expect(error?.message).toMatch(/twin.*a\.twin and b\.twin/);
  });

  test('a missing one is an error that names it', async () => {
    stand = new Stand(fixture);
    const { error } = await read('read_missing', 1, 'here');
    expect(error?.failure.code).toMatch(/115/);
    expect(error?.message).toMatch(/nowhere.*app\.orders/);
  });

  test('the iterator gets owner and name of its object', async () => {
    stand = new Stand(fixture);
    await read('iterator', 1, 'here');
    expect(await fixture.written()).toContain('iterator app.orders');
  });
});
