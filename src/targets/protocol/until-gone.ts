import { plainFailure } from '../../core/run/failure.ts';
import { TargetError } from '../../ports/target.ts';

const LOOK_EVERY_MS = 20;

/** How long to wait, and the code of the failure when that was not enough. */
export interface GoneLimit {
  readonly withinMs: number;
  readonly code: string;
}

/**
 * Looks again and again until nothing is there any more; `look` says in words what still is.
 * @throws TargetError of kind lost: nothing is known of the unit as long as its session works on
 */
export async function untilGone(
  look: () => Promise<string | null>,
  { withinMs, code }: GoneLimit,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const there = await look();
    if (there === null) return;
    if (performance.now() > untilMs) {
      const message = `The server does not end ${there} within ${withinMs / 1000} s.`;
      throw new TargetError('lost', plainFailure(code, message));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
