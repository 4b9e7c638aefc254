import type { AttachedDrive } from './drive.ts';
import { SiblingFailed, STOPS_NOW, Stopped, UnitFailed } from './stops.ts';

/** How often what runs is cancelled again until it has ended: a cancel can come between two statements. */
const CANCEL_AGAIN_MS = 300;

/**
 * Runs pieces of work together and waits for all of them. The first failure cancels the others and is the
 * one that is thrown; so does a stop that does not wait for what runs.
 */
export async function runTogether(
  drive: AttachedDrive,
  pieces: readonly (() => Promise<void>)[],
): Promise<void> {
  const errors: unknown[] = [];
  const cancelling = new Cancelling(drive);
  const stopListening = drive.control.onChange(() => {
    if (mustCancel(drive)) cancelling.start();
  });
  if (mustCancel(drive)) cancelling.start();
  try {
    const settled = pieces.map((piece) =>
      piece().catch((error: unknown) => {
        errors.push(error);
        if (isGraceful(error)) return;
        drive.failing.since ??= drive.ports.clock.now();
        cancelling.start();
      }),
    );
    await Promise.all(settled);
  } finally {
    stopListening();
    cancelling.stop();
  }
  if (errors.length > 0) throw mostTelling(errors);
}

function mustCancel({ control, gate }: AttachedDrive): boolean {
  const stop = gate.stop();
  return control.lease() === 'lost' || (stop !== null && STOPS_NOW.includes(stop));
}

function isGraceful(error: unknown): boolean {
  return error instanceof Stopped && !STOPS_NOW.includes(error.reason);
}

/** The first failure of a unit explains more than what it caused in its siblings. */
function mostTelling(errors: readonly unknown[]): unknown {
  const own = errors.filter((error) => !(error instanceof SiblingFailed));
  return own.find((error) => error instanceof UnitFailed) ?? own[0] ?? errors[0];
}

/** Cancels what runs in the sessions of the stream, again and again until it is told to stop. */
class Cancelling {
  private readonly drive: AttachedDrive;
  /** Made with the first cancel only: aborting costs more than all else of a small unit. */
  private over: AbortController | null = null;

  constructor(drive: AttachedDrive) {
    this.drive = drive;
  }

  start(): void {
    if (this.over !== null) return;
    this.over = new AbortController();
    void this.cancelUntil(this.over.signal);
  }

  stop(): void {
    this.over?.abort();
  }

  private async cancelUntil(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.drive.sessions.cancelAll();
      await this.drive.ports.clock.sleep(CANCEL_AGAIN_MS, over);
    }
  }
}
