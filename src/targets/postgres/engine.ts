import type { TargetEngine } from '../../ports/target.ts';
import { clientScript } from './client-script.ts';
import { connectTarget } from './target.ts';

/** The adapter for PostgreSQL 13 to 18. */
export const postgresEngine: TargetEngine = {
  engine: 'postgres',
  capabilities: { preview: true },
  connect: connectTarget,
  clientScript,
};
