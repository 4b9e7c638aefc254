import { connectInstance } from './connect-instance.ts';
import type { ControlPorts } from './ports.ts';
import { findInstance } from './resolve-names.ts';

const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Removes a package, or everything that ODTM installed, from an instance. Returns what was removed. The
 * record of a run that was cancelled while nobody drove it is still there, and goes first.
 * @throws OdtmError INSTANCE_UNKNOWN, UNINSTALL_REFUSED, and those of connecting
 */
export async function uninstall(
  ports: Pick<ControlPorts, 'definitions' | 'engine' | 'credentials' | 'streams'>,
  wanted: { readonly instance: string; readonly package: string | null; readonly force: boolean },
): Promise<readonly string[]> {
  const { definitions } = await ports.definitions.load();
  const instance = findInstance(definitions, wanted.instance);
  const target = await connectInstance(ports, instance, CONNECT_TIMEOUT_MS);
  try {
    const over = await ports.streams.over(await target.handles());
    if (over.length > 0) await target.sweep(over);
    return await target.uninstall({ package: wanted.package, force: wanted.force });
  } finally {
    await target.close();
  }
}
