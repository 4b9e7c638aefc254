import { TargetError } from '../ports/target.ts';
import { LeaseLost, TargetAway } from './stops.ts';

/** Asks something of the target outside of a unit. */
export async function onTarget<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asAway(error);
  }
}

/** What a broken connection outside of a unit means: the target is away, or somebody has taken over. */
export function asAway(error: unknown): unknown {
  if (!(error instanceof TargetError)) return error;
  if (error.kind === 'fenced') return new LeaseLost();
  return error.kind === 'lost' ? new TargetAway(error.message, { cause: error }) : error;
}
