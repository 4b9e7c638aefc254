import { type Difference, differenceOf } from '../../core/definitions/difference.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import type { ProjectReader } from '../../ports/project-files.ts';
import type { DefinitionStore } from '../../ports/repository.ts';

export interface DefinitionPorts {
  readonly projects: ProjectReader;
  readonly definitions: DefinitionStore;
}

/** What `apply` would do to the repository as it was when it was looked at. */
export interface DefinitionPlan {
  /** The revision of the repository that the difference starts from. */
  readonly revision: number;
  readonly definitions: Definitions;
  readonly difference: Difference;
}

/**
 * Compares the files of a project with the repository, and changes nothing.
 * @throws OdtmError DEFINITIONS_INVALID, PROJECT_UNREADABLE
 */
export async function planDefinitions(
  ports: DefinitionPorts,
  folder: string,
): Promise<DefinitionPlan> {
  const definitions = await ports.projects.read(folder);
  const stored = await ports.definitions.load();
  const difference = differenceOf(stored.definitions, definitions);
  return { revision: stored.revision, definitions, difference };
}
