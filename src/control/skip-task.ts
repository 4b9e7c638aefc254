import type { UnitKey } from '../core/run/unit.ts';
import type { ControlPorts } from './ports.ts';
import { findRunId } from './resolve-names.ts';

/**
 * Records that the failed task of a stream is skipped, and why; it counts at the next attempt.
 * @throws OdtmError RUN_UNKNOWN, INSTANCE_NOT_IN_RUN, NOT_SKIPPABLE
 */
export async function skipTask(
  ports: Pick<ControlPorts, 'queries' | 'runs'>,
  wanted: {
    readonly run: string;
    readonly instance: string;
    readonly reason: string;
    readonly by: string;
  },
): Promise<{ readonly runId: string; readonly unit: UnitKey }> {
  const runId = await findRunId(ports.queries, wanted.run);
  const decision = { outcome: 'skipped', reason: wanted.reason } as const;
  return { runId, unit: await ports.runs.decide(runId, wanted.instance, decision, wanted.by) };
}
