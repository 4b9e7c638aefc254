import type { Definitions, Environment, Instance, Operation } from '../core/definitions/model.ts';
import { type Exclusion, selectInstances } from '../core/definitions/selection.ts';
import { streamPlan } from '../core/definitions/streamplan.ts';
import { isOdtmError, odtmError } from '../core/errors/catalogue.ts';
import type { StartedRun, StartRequest } from '../ports/repository.ts';
import type { PreviewMode } from '../ports/target.ts';
import type { ControlPorts } from './ports.ts';
import { checkVariant, findEnvironment, findOperation, listOf } from './resolve-names.ts';

/** What a person asks for with `odtm run`. */
export interface StartRun {
  /** Id or name. */
  readonly operation: string;
  /** Id or code. */
  readonly environment: string;
  readonly variant: string | null;
  /** Null: every enabled instance. */
  readonly onlyInstances: readonly string[] | null;
  readonly preview: PreviewMode | null;
  readonly keepPackage: boolean;
  readonly acceptDrift: boolean;
  /** Null: as the operation says. */
  readonly maxStreams: number | null;
  readonly by: string;
}

/** What has begun, and without whom. */
export interface BegunRun extends StartedRun {
  /** Empty where the instances were named. */
  readonly excluded: readonly Exclusion[];
}

/**
 * Starts a run, or makes the unfinished one go on, with one plan a stream from the newest definitions, and
 * hands out as many streams as the limits leave room for.
 * @throws OdtmError OPERATION_UNKNOWN, ENVIRONMENT_UNKNOWN, VARIANT_UNKNOWN, NOTHING_TO_RUN_ON,
 *   INSTANCE_NOT_IN_RUN, PREVIEW_UNSUPPORTED, and those of RunStore.start
 */
export async function startRun(
  ports: Pick<
    ControlPorts,
    'definitions' | 'runs' | 'dispatcher' | 'controllers' | 'clock' | 'engine'
  >,
  wanted: StartRun,
): Promise<BegunRun> {
  const { definitions } = await ports.definitions.load();
  const operation = findOperation(definitions, wanted.operation);
  const environment = findEnvironment(definitions, wanted.environment);
  const variant = checkVariant(operation, wanted.variant);
  const only = wanted.onlyInstances;
  const { instances, excluded } = selected(definitions, operation, environment, only);
  if (wanted.preview !== null) await checkPreview(ports, instances);
  const started = await startUnlessDriven(ports, {
    operation: { id: operation.id, name: operation.name },
    environment: { id: environment.id, code: environment.code },
    variant,
    preview: wanted.preview,
    keepPackage: wanted.keepPackage,
    acceptDrift: wanted.acceptDrift,
    maxStreams: wanted.maxStreams ?? operation.maxStreams,
    plans: instances.map((instance) =>
      streamPlan(definitions, operation, environment, instance, variant),
    ),
    onlyInstances: only,
    by: wanted.by,
  });
  await ports.dispatcher.admit();
  return { ...started, excluded };
}

/** A preview that one of the engines could not take back is refused before anything is begun. */
async function checkPreview(
  { engine: adapterOf }: Pick<ControlPorts, 'engine'>,
  instances: readonly Instance[],
): Promise<void> {
  for (const { engine } of instances) {
    const { capabilities } = await adapterOf(engine);
    if (capabilities.preview) continue;
    const same = instances.filter((instance) => instance.engine === engine);
    const names = listOf(same.map((instance) => instance.name));
    throw odtmError('PREVIEW_UNSUPPORTED', { instances: names, engine });
  }
}

/** Longer than the leases and beats of a controller that was killed live on. */
const SILENT_AT_LONGEST_MS = 20_000;
const ASK_AGAIN_MS = 500;

/**
 * A controller that has just been killed seems to drive its run until its beats and leases have expired. So
 * "already running" is believed when some controller has given a sign of life since; else it is waited for.
 */
async function startUnlessDriven(
  { runs, controllers, clock }: Pick<ControlPorts, 'runs' | 'controllers' | 'clock'>,
  request: StartRequest,
): Promise<StartedRun> {
  const sinceMs = clock.monotonicMs();
  for (;;) {
    try {
      return await runs.start(request);
    } catch (error) {
      if (!isOdtmError(error, 'RUN_ALREADY_RUNNING')) throw error;
      const waitedMs = clock.monotonicMs() - sinceMs;
      const signs = await controllers.alive(waitedMs);
      if (signs.length > 0 || waitedMs > SILENT_AT_LONGEST_MS) throw error;
      await clock.sleep(ASK_AGAIN_MS);
    }
  }
}

/** Naming an instance on which the operation does not run is an error, never a smaller run. */
function selected(
  definitions: Definitions,
  operation: Operation,
  environment: Environment,
  only: readonly string[] | null,
): { readonly instances: readonly Instance[]; readonly excluded: readonly Exclusion[] } {
  const selection = selectInstances(definitions, operation, environment, only ?? undefined);
  const refused = selection.excluded.find(({ instance }) => only?.includes(instance));
  const known = listOf(
    selectInstances(definitions, operation, environment).selected.map(({ name }) => name),
  );
  if (refused !== undefined) {
    throw odtmError('INSTANCE_NOT_IN_RUN', {
      instance: refused.instance,
      reason: withoutStop(refused.reason),
      known,
    });
  }
  if (selection.selected.length > 0) {
    return {
      instances: selection.selected,
      excluded: only === null ? selection.excluded : [],
    };
  }
  const reasons = [...new Set(selection.excluded.map(({ reason }) => withoutStop(reason)))];
  throw odtmError('NOTHING_TO_RUN_ON', {
    operation: operation.name,
    environment: environment.code,
    reasons: reasons.length === 0 ? 'no instance belongs to it' : reasons.join('; '),
  });
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
