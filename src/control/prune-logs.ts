import type { ControlPorts } from './ports.ts';

/** Deletes the logs of runs that ended longer ago than that. Returns how many rows of each kind. */
export async function pruneLogs(
  ports: Pick<ControlPorts, 'queries' | 'clock'>,
  olderThanMs: number,
): Promise<{
  readonly endedBefore: Date;
  readonly runs: number;
  readonly units: number;
  readonly statements: number;
}> {
  const endedBefore = new Date(ports.clock.now().getTime() - olderThanMs);
  return { endedBefore, ...(await ports.queries.prune(endedBefore)) };
}
