import type { ControlPorts } from './ports.ts';
import { findRunId } from './resolve-names.ts';

/**
 * Asks that a run is over for good. Streams that still owe a final go to a controller once more, which is
 * why they are handed out here. Returns the run's id; `awaitStop` waits for the acknowledgement.
 * @throws OdtmError RUN_UNKNOWN, RUN_ENDED
 */
export async function cancelRun(
  ports: Pick<ControlPorts, 'queries' | 'runs' | 'dispatcher'>,
  wanted: { readonly run: string; readonly by: string },
): Promise<string> {
  const runId = await findRunId(ports.queries, wanted.run);
  await ports.runs.wish(runId, 'cancel', wanted.by);
  await ports.dispatcher.admit();
  return runId;
}
