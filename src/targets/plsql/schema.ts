import type { Fingerprint } from '../protocol/drift.ts';
import type { Framework } from '../protocol/framework-files.ts';
import type { CreatedObject } from './installed.ts';
import type { Querier } from './querier.ts';

/** The schema that ODTM works in, as an engine looks at it and changes it. */
export interface Schema {
  /** The files of the framework. */
  framework(): Promise<Framework>;
  /** Whether the framework's tables are there. */
  hasFramework(querier: Querier): Promise<boolean>;
  /** Hashes of the sources of objects, under names as people say them; of those that are there. */
  readFingerprint(querier: Querier, objects: readonly CreatedObject[]): Promise<Fingerprint>;
  /** What a session needs to be told before it changes the schema. */
  beforeChanges(querier: Querier): Promise<void>;
  /** Drops an object if it is there. */
  dropObject(querier: Querier, object: CreatedObject): Promise<void>;
  /** Whether an object is code, which a new version replaces; else it has data. */
  isCode(object: CreatedObject): boolean;
}
