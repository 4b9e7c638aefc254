import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until the condition gives something true, and answers with it. An error of the condition
 * counts as "not yet"; after the time limit it is the cause of the failure.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 45_000, pollMs = 20 }: { timeoutMs?: number; pollMs?: number } = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  let cause: unknown;
  for (const end = Date.now() + timeoutMs; Date.now() < end; await delay(pollMs)) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(`Not within ${timeoutMs} ms: ${condition.toString()}`, { cause });
}
