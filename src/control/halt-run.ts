import type { ControlPorts } from './ports.ts';
import { findRunId } from './resolve-names.ts';

/**
 * Asks that a run stops: after its running units, or at once with `now` (their statements are cancelled).
 * Returns its id; `awaitStop` waits for the acknowledgement.
 * @throws OdtmError RUN_UNKNOWN, RUN_ENDED
 */
export async function haltRun(
  ports: Pick<ControlPorts, 'queries' | 'runs'>,
  wanted: { readonly run: string; readonly now: boolean; readonly by: string },
): Promise<string> {
  const runId = await findRunId(ports.queries, wanted.run);
  await ports.runs.wish(runId, wanted.now ? 'halt_now' : 'halt', wanted.by);
  return runId;
}
