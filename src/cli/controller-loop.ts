import { nothingToDo } from '../control/show-status.ts';
import type { CliServices, CliSession, RunningController } from './services.ts';

const LOOK_EVERY_MS = 1000;

/**
 * Lets a controller in this process work until it is told to end by a signal or, with `untilIdle`, until
 * nothing is left to do; then stops it. Resolves to what ended it.
 */
export async function serveUntil(
  services: CliServices,
  session: CliSession,
  controller: RunningController,
  untilIdle: boolean,
): Promise<'signal' | 'idle'> {
  const leaving = new AbortController();
  const stopListening = services.onSignal(() => leaving.abort());
  try {
    while (!leaving.signal.aborted) {
      if (untilIdle && (await isIdle(session, controller))) return 'idle';
      await services.clock.sleep(LOOK_EVERY_MS, leaving.signal);
    }
    return 'signal';
  } finally {
    await controller.stop();
    stopListening();
  }
}

/** A repository that is away for a moment is no reason to end: there may well be something to do. */
async function isIdle(session: CliSession, controller: RunningController): Promise<boolean> {
  if (controller.active() > 0) return false;
  return nothingToDo(session).catch(() => false);
}
