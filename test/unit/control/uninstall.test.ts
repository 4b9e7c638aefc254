import { expect, it } from 'vitest';
import { uninstall } from '../../../src/control/uninstall.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { Target } from '../../../src/ports/target.ts';
import { postgresEngine } from '../../../src/targets/postgres/engine.ts';
import { sampleDefinitions } from '../cli/samples.ts';

/** A target that refuses to be uninstalled while it has the record of a stream. */
function aTarget(handles: readonly string[]): Target {
  let there = [...handles];
  const refuse = () => Promise.reject(new Error('nobody asks for this here'));
  return {
    serverVersion: '18.4',
    check: refuse,
    install: refuse,
    attach: refuse,
    handles: async () => there,
    sweep: async (over) => {
      there = there.filter((handle) => !over.includes(handle));
    },
    uninstall: async () => {
      if (there.length === 0) return ['dom'];
      const details = { instance: 'shop_eu', streams: there.join(', ') };
      throw odtmError('UNINSTALL_REFUSED', details);
    },
    close: async () => {},
  };
}

function uninstalled(handles: readonly string[]): Promise<readonly string[]> {
  const target = aTarget(handles);
  const ports: Parameters<typeof uninstall>[0] = {
    definitions: {
      load: async () => ({ revision: 1, definitions: sampleDefinitions }),
      replace: () => Promise.reject(new Error('nothing is applied here')),
    },
    credentials: { resolve: async () => 'secret' },
    engine: async () => ({ ...postgresEngine, connect: async () => target }),
    streams: { over: async (all) => all.filter((handle) => handle.startsWith('cancelled')) },
  };
  return uninstall(ports, { instance: 'shop_eu', package: null, force: false });
}

it('the record of a run that was cancelled while nobody drove it keeps nothing installed', async () => {
  expect(await uninstalled(['cancelled-1', 'cancelled-2'])).toEqual(['dom']);
});

it('the record of an unfinished run does', async () => {
  await expect(uninstalled(['cancelled-1', 'failed-1'])).rejects.toThrow(
    /unfinished work: failed-1\./,
  );
});
