import { describe, expect, test } from 'vitest';
import type { Environment, Operation } from '../../../src/core/definitions/model.ts';
import { streamPlan } from '../../../src/core/definitions/streamplan.ts';
import type { StreamPlan } from '../../../src/core/run/stream-plan.ts';
import { definitions, environment, instance, operation, parameter, task } from './fixtures.ts';

const all = definitions();

function plan(change: Partial<Operation>, place: Partial<Environment> = {}): StreamPlan {
  return streamPlan(all, operation(change), environment(place), instance('shop_eu'), 'light');
}

function object(name: string, order: number, change = {}) {
  return { owner: 'app', name, order, enabled: true, instances: null, ...change };
}

describe('the plan of a stream', () => {
  test('says what, where and with which version of the package', () => {
    expect(plan({})).toMatchObject({
      operation: { id: 12, name: 'purge_orders' },
      environment: { id: 1, code: 'PROD' },
      variant: 'light',
      instance: 'shop_eu',
      engine: 'postgres',
      package: { name: 'purge_orders', sha256: all.packages[0]?.sha256 },
    });
  });

  test('has the error codes of the operation, and of each task its own', () => {
    const tasks = [task('a', 10), task('b', 20, { retryOn: ['40P01'] })];
    const planned = plan({ tasks, retryOn: ['55P03'] });
    expect(planned.retryOn).toEqual(['55P03']);
    expect(planned.tasks.map(({ retryOn }) => retryOn)).toEqual([null, ['40P01']]);
  });

  test('has the enabled tasks in their order, those of the same order as they were written', () => {
    const tasks = [task('c', 20), task('off', 1, { enabled: false }), task('b', 20), task('a', 10)];
    expect(plan({ tasks }).tasks.map(({ name }) => name)).toEqual(['a', 'c', 'b']);
  });

  test('has the enabled objects of the instance in their order, each with its own parameters', () => {
    const objects = [
      object('lines', 20),
      object('orders', 10, { instances: ['shop_eu'] }),
      object('other', 5, { instances: ['shop_us'] }),
      object('off', 1, { enabled: false }),
    ];
    const parameters = [parameter('24'), parameter('6', { object: 'app.lines', variant: 'light' })];
    const planned = plan({ objects, parameters }).objects;
    expect(planned.map(({ id, parameters: [value] }) => [id, value?.value])).toEqual([
      ['app.orders', '24'],
      ['app.lines', '6'],
    ]);
  });

  test('has one nameless object where the operation has none', () => {
    const [only, ...rest] = plan({ parameters: [parameter('24')] }).objects;
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ id: '', owner: null, name: null, parameters: [{ value: '24' }] });
  });

  test('takes the shortest of the maximum durations', () => {
    const inEnvironment = (maxDurationMs: number | null) => ({
      environments: [{ environment: 'PROD', enabled: true, maxDurationMs }],
    });
    expect(plan({}).maxDurationMs).toBeNull();
    expect(plan({ maxDurationMs: 5 }, { maxDurationMs: 7 }).maxDurationMs).toBe(5);
    expect(
      plan({ ...inEnvironment(3), maxDurationMs: 5 }, { maxDurationMs: 7 }).maxDurationMs,
    ).toBe(3);
    expect(plan(inEnvironment(null), { maxDurationMs: 7 }).maxDurationMs).toBe(7);
  });

  test('is refused where there is no package for the engine, or nothing to do', () => {
    const oracle = instance('ora', { engine: 'oracle' });
    expect(() => streamPlan(all, operation(), environment(), oracle, null)).toThrow(
      expect.objectContaining({ errorName: 'PACKAGE_MISSING' }),
    );
    const nothingToDo = expect.objectContaining({ errorName: 'NOTHING_TO_DO' });
    expect(() => plan({ tasks: [task('a', 1, { enabled: false })] })).toThrow(nothingToDo);
    expect(() => plan({ objects: [object('a', 1, { instances: ['shop_us'] })] })).toThrow(
      nothingToDo,
    );
  });
});
