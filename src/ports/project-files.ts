import type { Definitions } from '../core/definitions/model.ts';

/** Reads what the files of a project folder define. */
export interface ProjectReader {
  /**
   * Everything that the folder's files define, checked as a whole.
   * @throws OdtmError DEFINITIONS_INVALID (as DefinitionsInvalid, with every problem and its place),
   *   PROJECT_UNREADABLE
   */
  read(folder: string): Promise<Definitions>;
}
