import { expect, test } from 'vitest';
import { checkInstances } from '../../../src/control/check-instances.ts';
import { mapBounded } from '../../../src/control/map-bounded.ts';
import type { ControlPorts } from '../../../src/control/ports.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { Target, TargetEngine } from '../../../src/ports/target.ts';
import { aStage } from '../cli/stage.ts';

function portsWith(connect: TargetEngine['connect']): ControlPorts {
  const { session } = aStage();
  const engine = async (): Promise<TargetEngine> => ({
    engine: 'postgres',
    capabilities: { preview: true },
    connect,
    clientScript: () => '',
  });
  return { ...session, engine, credentials: { resolve: async () => 'secret' } };
}

/** A target that only answers a check. */
function aTarget(closed: () => void): Target {
  const no = (): never => {
    throw new Error('A check asks for nothing else.');
  };
  return {
    serverVersion: '18.4',
    check: async (packages, needs) => [
      { what: 'package', ok: true, text: packages.map(({ name }) => name).join() },
      { what: 'privilege', ok: true, text: JSON.stringify(needs) },
    ],
    install: no,
    uninstall: no,
    attach: no,
    handles: no,
    sweep: no,
    close: async () => closed(),
  };
}

test('a dead instance is a finding after its time limit, and delays no other', async () => {
  let closed = 0;
  const ports = portsWith(async ({ instance }) =>
    instance.name === 'shop_eu' ? new Promise<Target>(() => {}) : aTarget(() => closed++),
  );
  const checks = await checkInstances(ports, {
    environment: 'PROD',
    instance: null,
    timeLimitMs: 3000,
  });
  expect(checks.map(({ instance, ok }) => [instance.name, ok])).toEqual([
    ['shop_eu', false],
    ['shop_us', true],
  ]);
  expect(checks[0]?.findings[0]?.text).toBe('No answer within 3 seconds.');
  expect(checks[1]?.findings[0]?.text).toBe('purge_orders');
  expect(checks[1]?.findings[1]?.text).toBe('[]');
  expect(closed).toBe(1);
});

test('what connecting throws is a finding with its code', async () => {
  const ports = portsWith(async ({ instance }) => {
    throw odtmError('TARGET_UNREACHABLE', {
      instance: instance.name,
      address: 'db:5432',
      reason: 'refused',
    });
  });
  const wanted = { environment: null, instance: 'shop_us', timeLimitMs: 3000 };
  const [check] = await checkInstances(ports, wanted);
  expect(check?.ok).toBe(false);
  expect(check?.findings[0]?.text).toBe(
    'ODTM-3001: Instance shop_us at db:5432 cannot be reached: refused.',
  );
});

test('work is mapped in order, with no more at once than allowed', async () => {
  let [now, most] = [0, 0];
  const doubled = await mapBounded([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    return item * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8, 10]);
  expect(most).toBe(2);
});
