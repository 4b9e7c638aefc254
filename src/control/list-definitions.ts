import type { Definitions } from '../core/definitions/model.ts';
import type { ControlPorts } from './ports.ts';

/** The definitions as they were last applied. */
export async function listDefinitions(
  ports: Pick<ControlPorts, 'definitions'>,
): Promise<Definitions> {
  return (await ports.definitions.load()).definitions;
}
