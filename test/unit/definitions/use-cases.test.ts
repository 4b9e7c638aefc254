import { describe, expect, test } from 'vitest';
import { applyDefinitions } from '../../../src/control/definitions/apply-definitions.ts';
import { planDefinitions } from '../../../src/control/definitions/plan-definitions.ts';
import { showParams } from '../../../src/control/definitions/show-params.ts';
import type { Definitions } from '../../../src/core/definitions/model.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { DefinitionStore } from '../../../src/ports/repository.ts';
import { definitions, instance, nothing, operation, parameter } from './fixtures.ts';

/** The store of the definitions in memory, with the same rule about revisions. */
class MemoryStore implements DefinitionStore {
  revision = 0;
  definitions: Definitions = nothing;

  async load() {
    return { revision: this.revision, definitions: this.definitions };
  }

  async replace(next: Definitions, expectedRevision: number) {
    if (expectedRevision !== this.revision)
      throw odtmError('DEFINITIONS_CHANGED_MEANWHILE', { revision: expectedRevision });
    this.definitions = next;
    this.revision += 1;
    return this.revision;
  }
}

function ports(project: Definitions, store = new MemoryStore()) {
  return { projects: { read: async () => project }, definitions: store };
}

describe('plan and apply', () => {
  test('plan says what apply would do, and changes nothing', async () => {
    const given = ports(definitions());
    const plan = await planDefinitions(given, '.');
    expect(plan.revision).toBe(0);
    expect(plan.difference.map(({ what }) => what)).toContain('operation');
    expect(given.definitions.definitions).toEqual(nothing);
  });

  test('apply makes the repository hold the project; a second time there is nothing to do', async () => {
    const given = ports(definitions());
    const first = await applyDefinitions(given, '.', 'dba');
    expect(first.revision).toBe(1);
    expect(given.definitions.definitions).toEqual(definitions());
    expect(await applyDefinitions(given, '.', 'dba')).toEqual({ revision: 1, difference: [] });
  });

  test('apply is refused when somebody else has applied meanwhile', async () => {
    const store = new MemoryStore();
    const given = ports(definitions(), store);
    const load = store.load.bind(store);
    store.load = async () => {
      const seen = await load();
      store.revision += 1;
      return seen;
    };
    await expect(applyDefinitions(given, '.', 'dba')).rejects.toMatchObject({
      errorName: 'DEFINITIONS_CHANGED_MEANWHILE',
    });
    expect(store.definitions).toEqual(nothing);
  });
});

describe('show parameters', () => {
  const orders = { owner: 'app', name: 'orders', order: 1, enabled: true, instances: null };
  const lines = { owner: 'app', name: 'lines', order: 2, enabled: true, instances: ['shop_us'] };
  const store = new MemoryStore();
  store.definitions = definitions({
    operations: [
      operation({
        objects: [orders, lines],
        variants: [{ name: 'light', description: null, enabled: true }],
        parameters: [
          parameter('24'),
          parameter('12', { instance: 'shop_us' }),
          parameter('6', { object: 'app.lines', variant: 'light' }),
        ],
      }),
    ],
    instances: [instance('shop_eu'), instance('shop_us'), instance('off', { enabled: false })],
  });
  const request = { operation: '12', environment: '1', instance: null, variant: null };
  const show = (change: Partial<Parameters<typeof showParams>[1]>) =>
    showParams({ definitions: store }, { ...request, ...change });

  test('for each instance and object, with the source of each value', async () => {
    const shown = await show({ operation: 'purge_orders', environment: 'prod' });
    const values = shown.scopes.map((scope) => [
      scope.instance,
      scope.object,
      scope.parameters[0]?.value,
      scope.parameters[0]?.source.level,
    ]);
    expect(values).toEqual([
      ['shop_eu', 'app.orders', '24', 'operation'],
      ['shop_us', 'app.orders', '12', 'instance'],
      ['shop_us', 'app.lines', '12', 'instance'],
    ]);
  });

  test('of one instance and a variant', async () => {
    const { scopes } = await show({ instance: 'shop_us', variant: 'light' });
    expect(scopes.map(({ parameters }) => parameters[0]?.value)).toEqual(['12', '6']);
  });

  test.each([
    [{ operation: '99' }, 'OPERATION_UNKNOWN', 'There is no operation 99'],
    [{ environment: 'QA' }, 'ENVIRONMENT_UNKNOWN', 'There is no environment QA'],
    [{ variant: 'heavy' }, 'VARIANT_UNKNOWN', 'no enabled variant heavy'],
    [{ instance: 'off' }, 'INSTANCE_NOT_IN_RUN', 'Instance off is disabled.'],
    [{ instance: 'nowhere' }, 'INSTANCE_NOT_IN_RUN', 'nowhere'],
  ])('%o is refused', async (change, errorName, text) => {
    await expect(show(change)).rejects.toMatchObject({
      errorName,
      message: expect.stringContaining(text),
    });
  });
});
