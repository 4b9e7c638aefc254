import type { Engine } from '../core/engine.ts';
import type { ClientScriptOptions } from '../ports/target.ts';
import type { ControlPorts } from './ports.ts';

/** The bootstrap script that a DBA runs once on an instance. */
export async function clientScript(
  ports: Pick<ControlPorts, 'engine'>,
  engine: Engine,
  options: ClientScriptOptions,
): Promise<string> {
  const adapter = await ports.engine(engine);
  return adapter.clientScript(options);
}
