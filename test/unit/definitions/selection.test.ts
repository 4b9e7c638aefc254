import { describe, expect, test } from 'vitest';
import type { Definitions, Environment, Operation } from '../../../src/core/definitions/model.ts';
import { selectInstances } from '../../../src/core/definitions/selection.ts';
import { definitions, environment, instance, operation, task } from './fixtures.ts';

interface Change {
  readonly definitions?: Partial<Definitions>;
  readonly operation?: Partial<Operation>;
  readonly environment?: Partial<Environment>;
  readonly only?: readonly string[];
}

function select(change: Change = {}): { selected: string[]; reasons: Record<string, string> } {
  const { selected, excluded } = selectInstances(
    definitions(change.definitions),
    operation(change.operation),
    environment(change.environment),
    change.only,
  );
  return {
    selected: selected.map(({ name }) => name),
    reasons: Object.fromEntries(excluded.map((each) => [each.instance, each.reason])),
  };
}

describe('the instances of a run', () => {
  test('are all of the environment where nothing else is said', () => {
    const elsewhere = instance('elsewhere', {
      environments: [{ environment: 'TEST', enabled: true }],
    });
    const all = { instances: [instance('b'), instance('a'), elsewhere] };
    expect(select({ definitions: all })).toEqual({ selected: ['a', 'b'], reasons: {} });
  });

  test.each<[string, Change, string]>([
    ['the environment', { environment: { enabled: false } }, 'Environment PROD is disabled.'],
    ['the operation', { operation: { enabled: false } }, 'Operation purge_orders is disabled.'],
    [
      'the operation in the environment',
      {
        operation: { environments: [{ environment: 'PROD', enabled: false, maxDurationMs: null }] },
      },
      'Operation purge_orders is disabled in PROD.',
    ],
    [
      'the environments of the operation',
      { operation: { environments: [] } },
      'Operation purge_orders does not run in PROD.',
    ],
    [
      'all of its tasks',
      { operation: { tasks: [task('purge_rows', 1, { enabled: false })] } },
      'No task of operation purge_orders is enabled.',
    ],
  ])('%s excludes every instance', (_what, change, reason) => {
    expect(select(change)).toEqual({ selected: [], reasons: { shop_eu: reason, shop_us: reason } });
  });

  const disabledMember = { environments: [{ environment: 'PROD', enabled: false }] };
  const usOnly = { owner: 'app', name: 'orders', order: 1, enabled: true, instances: ['shop_us'] };

  test.each<[string, Change, string]>([
    [
      'the instance',
      {
        definitions: { instances: [instance('shop_eu', { enabled: false }), instance('shop_us')] },
      },
      'Instance shop_eu is disabled.',
    ],
    [
      'the instance in the environment',
      { definitions: { instances: [instance('shop_eu', disabledMember), instance('shop_us')] } },
      'Instance shop_eu is disabled in PROD.',
    ],
    [
      'the operation on the instance',
      {
        operation: {
          instances: [
            { instance: 'shop_eu', enabled: false },
            { instance: 'shop_us', enabled: true },
          ],
        },
      },
      'Operation purge_orders is disabled on instance shop_eu.',
    ],
    [
      'a list without it',
      { operation: { instances: [{ instance: 'shop_us', enabled: true }] } },
      'Operation purge_orders does not list instance shop_eu.',
    ],
    [
      'a label',
      {
        operation: { labels: { region: 'us' } },
        definitions: {
          instances: [instance('shop_eu'), instance('shop_us', { labels: { region: 'us' } })],
        },
      },
      'Instance shop_eu lacks a label of the operation (region: us).',
    ],
    [
      'having none of the objects',
      { operation: { objects: [usOnly] } },
      'No object of operation purge_orders is enabled on instance shop_eu.',
    ],
    [
      'the person who starts the run',
      { only: ['shop_us'] },
      'Instance shop_eu is not among those asked for.',
    ],
  ])('%s excludes one instance', (_what, change, reason) => {
    expect(select(change)).toEqual({ selected: ['shop_us'], reasons: { shop_eu: reason } });
  });

  test('asking for an instance does not enable it, and an unknown one is named', () => {
    const change = {
      definitions: { instances: [instance('shop_eu', { enabled: false })] },
      only: ['shop_eu', 'nowhere'],
    };
    expect(select(change)).toEqual({
      selected: [],
      reasons: {
        nowhere: 'There is no instance nowhere.',
        shop_eu: 'Instance shop_eu is disabled.',
      },
    });
  });

  test('a listed instance of another environment is named with its reason', () => {
    const elsewhere = instance('far', { environments: [{ environment: 'TEST', enabled: true }] });
    const change = {
      definitions: { instances: [elsewhere] },
      operation: { instances: [{ instance: 'far', enabled: true }] },
    };
    expect(select(change).reasons).toEqual({ far: 'Instance far does not belong to PROD.' });
  });
});
