import { odtmError } from '../core/errors/catalogue.ts';
import type { RunDetail } from '../ports/run-queries.ts';
import type { ControlPorts } from './ports.ts';
import { findRunId } from './resolve-names.ts';

/** A run with its streams and events; `last` stands for the newest. @throws OdtmError RUN_UNKNOWN */
export async function showRun(
  ports: Pick<ControlPorts, 'queries'>,
  run: string,
): Promise<RunDetail> {
  const runId = await findRunId(ports.queries, run);
  const detail = await ports.queries.run(runId);
  if (detail === null) throw odtmError('RUN_UNKNOWN', { run: runId });
  return detail;
}
