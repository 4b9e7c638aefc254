import { connectInstance } from './connect-instance.ts';
import type { ControlPorts } from './ports.ts';
import { findInstance } from './resolve-names.ts';

const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Removes a package, or everything that ODTM installed, from an instance. Returns what was removed.
 * @throws OdtmError INSTANCE_UNKNOWN, UNINSTALL_REFUSED, and those of connecting
 */
export async function uninstall(
  ports: Pick<ControlPorts, 'definitions' | 'engine' | 'credentials'>,
  wanted: { readonly instance: string; readonly package: string | null; readonly force: boolean },
): Promise<readonly string[]> {
  const { definitions } = await ports.definitions.load();
  const instance = findInstance(definitions, wanted.instance);
  const target = await connectInstance(ports, instance, CONNECT_TIMEOUT_MS);
  try {
    return await target.uninstall({ package: wanted.package, force: wanted.force });
  } finally {
    await target.close();
  }
}
