import { type DefinitionPlan, type DefinitionPorts, planDefinitions } from './plan-definitions.ts';

/** What was applied. */
export interface AppliedDefinitions extends Pick<DefinitionPlan, 'difference'> {
  /** The revision that the repository has now. */
  readonly revision: number;
}

/**
 * Makes the repository hold what the files of a project define, in one transaction. Where nothing differs
 * nothing is written and the revision stays.
 * @param by who applies, for the record
 * @throws OdtmError DEFINITIONS_INVALID, PROJECT_UNREADABLE, DEFINITIONS_CHANGED_MEANWHILE
 */
export async function applyDefinitions(
  ports: DefinitionPorts,
  folder: string,
  by: string,
): Promise<AppliedDefinitions> {
  const { revision, definitions, difference } = await planDefinitions(ports, folder);
  if (difference.length === 0) return { revision, difference };
  const next = await ports.definitions.replace(definitions, revision, by);
  return { revision: next, difference };
}
