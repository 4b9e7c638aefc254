import type { TargetEngine } from '../../ports/target.ts';
import { clientScript } from './client-script.ts';
import { connectTarget } from './target.ts';

/** The adapter for Oracle 19c to 26ai. Its DDL commits, and so no preview can take everything back. */
export const oracleEngine: TargetEngine = {
  engine: 'oracle',
  capabilities: { preview: false },
  connect: connectTarget,
  clientScript,
};
