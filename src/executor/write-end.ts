import { FINAL } from '../core/run/stream-status.ts';
import type { StreamEnd } from '../ports/repository.ts';
import { Backoff } from './backoff.ts';
import type { Drive } from './drive.ts';
import type { Foothold } from './foothold.ts';
import { LeaseLost } from './stops.ts';

/** How long a controller that shuts down waits for an away repository before it gives up on the end. */
const SHUTDOWN_PATIENCE_MS = 3_000;

/**
 * Writes the rest of the log and then the end; waits for a repository that is away, because nothing may be
 * lost. When the stream is over for good its rows on the target are removed afterwards.
 * @throws LeaseLost
 */
export async function writeEnd(
  drive: Drive,
  end: StreamEnd,
  foothold: Foothold | null,
): Promise<void> {
  const { ports, stream } = drive;
  await ports.faults.reached('stream.before_end');
  const backoff = new Backoff(ports.clock, ports.settings);
  while (!(await tryToEnd(drive, end))) {
    if (drive.control.shutdown.aborted && backoff.lastsMs > SHUTDOWN_PATIENCE_MS) return;
    await backoff.wait();
  }
  await ports.faults.reached('stream.after_end');
  if (stream.preview !== null || foothold === null || !FINAL.includes(end.status)) return;
  // A target that is away keeps the rows until the next stream on it sweeps them.
  await foothold.drive.attachment.forget().catch(() => undefined);
  await ports.faults.reached('stream.after_forget');
}

/** False: the repository is away. */
async function tryToEnd({ ports, stream, log }: Drive, end: StreamEnd): Promise<boolean> {
  if (!(await log.flush())) return false;
  const lease = { streamId: stream.streamId, token: stream.token };
  try {
    if (!(await ports.streams.end(lease, end))) throw new LeaseLost();
    return true;
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    ports.journal.warn('the end of a stream could not be recorded; trying again', {
      stream: stream.streamId,
      reason: error instanceof Error ? error.message : String(error),
    });
    return false;
  }
}
