import type { Instance } from '../core/definitions/model.ts';
import type { Target } from '../ports/target.ts';
import type { ControlPorts } from './ports.ts';

/**
 * Logs in to an instance with its credential.
 * @throws OdtmError CREDENTIAL_UNAVAILABLE, TARGET_UNREACHABLE, VERSION_UNSUPPORTED
 */
export async function connectInstance(
  ports: Pick<ControlPorts, 'engine' | 'credentials'>,
  instance: Instance,
  connectTimeoutMs: number,
): Promise<Target> {
  const engine = await ports.engine(instance.engine);
  const secret =
    instance.credential === null
      ? null
      : await ports.credentials.resolve(instance.credential, `instance ${instance.name}`);
  return engine.connect({ instance, secret, connectTimeoutMs });
}
