import type { UnitKey } from '../core/run/unit.ts';
import type { ControlPorts } from './ports.ts';
import { findRunId } from './resolve-names.ts';

/**
 * Records what a person found out about a doubtful unit: it took effect (`done`), or it is to run again.
 * It counts at the next attempt.
 * @throws OdtmError RUN_UNKNOWN, INSTANCE_NOT_IN_RUN, NOT_SKIPPABLE
 */
export async function resolveUnit(
  ports: Pick<ControlPorts, 'queries' | 'runs'>,
  wanted: {
    readonly run: string;
    readonly instance: string;
    readonly as: 'done' | 'again';
    readonly reason: string;
    readonly by: string;
  },
): Promise<{ readonly runId: string; readonly unit: UnitKey }> {
  const runId = await findRunId(ports.queries, wanted.run);
  const decision = { outcome: wanted.as, reason: wanted.reason };
  return { runId, unit: await ports.runs.decide(runId, wanted.instance, decision, wanted.by) };
}
