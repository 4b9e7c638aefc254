import type { Engine } from '../core/engine.ts';
import { odtmError } from '../core/errors/catalogue.ts';
import type { TargetEngine } from '../ports/target.ts';

/** Adapters by engine; each brings its driver with it, so it is loaded when an instance needs it. */
const LOADERS: Partial<Record<Engine, () => Promise<TargetEngine>>> = {
  postgres: async () => (await import('../targets/postgres/engine.ts')).postgresEngine,
  oracle: async () => (await import('../targets/oracle/engine.ts')).oracleEngine,
  mariadb: async () => (await import('../targets/mariadb/engine.ts')).mariadbEngine,
};

/** The adapter of an engine. @throws OdtmError ENGINE_UNSUPPORTED */
export async function engineFor(engine: Engine, instance: string): Promise<TargetEngine> {
  const load = LOADERS[engine];
  if (load !== undefined) return load();
  const known = Object.keys(LOADERS).join(', ');
  throw odtmError('ENGINE_UNSUPPORTED', { engine, instance, known });
}
