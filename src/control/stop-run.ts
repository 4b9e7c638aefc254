import { odtmError } from '../core/errors/catalogue.ts';
import { CONTROLLER_ALIVE_MS } from '../core/run/controller-life.ts';
import { ACTIVE } from '../core/run/stream-status.ts';
import type { RunDetail } from '../ports/run-queries.ts';
import type { ControlPorts } from './ports.ts';

const POLL_EVERY_MS = 300;
/** With no controller alive for longer, the leases of those that died have expired too. */
const UNATTENDED_AFTER_MS = 3_000;
/** With no controller alive for longer, nobody is left to acknowledge. */
const GIVE_UP_AFTER_MS = 15_000;

/** What is needed to see that a run stops. */
export interface StopPorts extends Pick<ControlPorts, 'clock'> {
  readonly queries: Pick<ControlPorts['queries'], 'run'>;
  readonly controllers: Pick<ControlPorts['controllers'], 'alive'>;
}

export interface AwaitStopOptions {
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Called once when whoever drove the run turns out to be dead, so that somebody else sees to the wish. */
  readonly whenUnattended: () => Promise<unknown>;
}

export interface StopOutcome {
  readonly detail: RunDetail;
  /** No stream is active: nothing is started any more. */
  readonly acknowledged: boolean;
}

/**
 * Waits until no stream of a run is active any more: the acknowledgement of a halt or cancel. Gives up when
 * no controller is alive that could acknowledge, or when the signal aborts.
 * @throws OdtmError RUN_UNKNOWN
 */
export async function awaitStop(
  ports: StopPorts,
  runId: string,
  { signal, whenUnattended }: AwaitStopOptions,
): Promise<StopOutcome> {
  let attendedMs = ports.clock.monotonicMs();
  let isSeenTo = false;
  for (;;) {
    const detail = await ports.queries.run(runId);
    if (detail === null) throw odtmError('RUN_UNKNOWN', { run: runId });
    if (!hasActiveStream(detail)) return { detail, acknowledged: true };
    const alive = await ports.controllers.alive(CONTROLLER_ALIVE_MS);
    const nowMs = ports.clock.monotonicMs();
    if (alive.length > 0) attendedMs = nowMs;
    if (signal?.aborted || nowMs - attendedMs > GIVE_UP_AFTER_MS) {
      return { detail, acknowledged: false };
    }
    if (!isSeenTo && nowMs - attendedMs > UNATTENDED_AFTER_MS) {
      isSeenTo = true;
      await whenUnattended();
    }
    await ports.clock.sleep(POLL_EVERY_MS, signal);
  }
}

/** Whether something of the run is under way, or will be without anybody asking again. */
export function hasActiveStream(detail: RunDetail): boolean {
  return detail.streams.some(({ status }) => ACTIVE.includes(status));
}
