import type { TargetEngine } from '../../ports/target.ts';
import { clientScript } from './client-script.ts';
import { connectTarget } from './target.ts';

/** The adapter for MariaDB from 10.6 on, in its Oracle mode. */
export const mariadbEngine: TargetEngine = {
  engine: 'mariadb',
  capabilities: { preview: true },
  connect: connectTarget,
  clientScript,
};
