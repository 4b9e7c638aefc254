import type { Engine } from '../core/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { Dispatcher } from '../ports/dispatcher.ts';
import type {
  ControllerStore,
  DefinitionStore,
  RunStore,
  StreamStore,
} from '../ports/repository.ts';
import type { RunQueries } from '../ports/run-queries.ts';
import type { TargetEngine } from '../ports/target.ts';

/** All that the use cases ask of the world; each takes the part that it needs. */
export interface ControlPorts {
  readonly definitions: DefinitionStore;
  readonly runs: RunStore;
  readonly streams: Pick<StreamStore, 'over'>;
  readonly queries: RunQueries;
  readonly controllers: ControllerStore;
  readonly dispatcher: Pick<Dispatcher, 'admit'>;
  readonly credentials: Credentials;
  readonly engine: (engine: Engine) => Promise<TargetEngine>;
  readonly clock: Clock;
}
