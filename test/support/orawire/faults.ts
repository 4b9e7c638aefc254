import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './types.ts';

/** Ends when the signal does. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits for a promise, but no longer than the limit. */
export async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const limit = delay(limitMs, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([promise, limit]);
  timer.abort();
}

/** Injects a fault into a call; false means that the call has nothing more to say. */
export async function survives(
  fault: Fault,
  { stop, drop }: { readonly stop: AbortSignal; readonly drop: () => void },
): Promise<boolean> {
  switch (fault.kind) {
    case 'drop':
      drop();
      return false;
    case 'error':
      throw fault.error;
    case 'hang':
      await aborted(stop);
      return false;
    case 'delay':
      await delay(fault.delayMs, undefined, { signal: stop }).catch(() => {});
      return !stop.aborted;
    case 'hold':
      await Promise.race([fault.until, aborted(stop)]);
      return !stop.aborted;
  }
}
