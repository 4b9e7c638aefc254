import type { ControlPorts } from './ports.ts';
import { findRunId } from './resolve-names.ts';

export interface CancelRun {
  readonly run: string;
  /** Gives up the finals that are still due where nobody drives the stream, for instances that are gone. */
  readonly withoutFinal: boolean;
  readonly by: string;
}

/**
 * Asks that a run is over for good. Streams that still owe a final go to a controller once more, which is
 * why they are handed out here. Returns the run's id; `awaitStop` waits for the acknowledgement.
 * @throws OdtmError RUN_UNKNOWN, RUN_ENDED
 */
export async function cancelRun(
  ports: Pick<ControlPorts, 'queries' | 'runs' | 'dispatcher'>,
  wanted: CancelRun,
): Promise<string> {
  const runId = await findRunId(ports.queries, wanted.run);
  if (wanted.withoutFinal) await ports.runs.cancelWithoutFinal(runId, wanted.by);
  else await ports.runs.wish(runId, 'cancel', wanted.by);
  await ports.dispatcher.admit();
  return runId;
}
