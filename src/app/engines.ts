import type { Engine } from '../core/engine.ts';
import type { TargetEngine } from '../ports/target.ts';

/** Adapters by engine; each brings its driver with it, so it is loaded when an instance needs it. */
const LOADERS: Record<Engine, () => Promise<TargetEngine>> = {
  postgres: async () => (await import('../targets/postgres/engine.ts')).postgresEngine,
  oracle: async () => (await import('../targets/oracle/engine.ts')).oracleEngine,
  mariadb: async () => (await import('../targets/mariadb/engine.ts')).mariadbEngine,
};

/** The adapter of an engine. */
export function engineFor(engine: Engine): Promise<TargetEngine> {
  return LOADERS[engine]();
}
