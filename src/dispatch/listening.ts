import type { Db } from 'pg-boss';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { Loop } from './loop.ts';

const RETRY_EVERY_MS = 2_000;
/** The loop has nothing to do once it listens; the connection renews itself. */
const CHECK_EVERY_MS = 60_000;

export interface ListeningParts {
  readonly database: Db;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Resolves when the database has been opened. */
  readonly ready: () => Promise<void>;
}

/**
 * Listens to notifications of the repository until it is stopped. They only shorten waiting: whoever listens
 * looks by itself as well, and is called with an empty payload after each reconnect.
 */
export class Listening {
  private readonly loop: Loop;
  private handle: { close(): Promise<void> } | null = null;

  constructor(parts: ListeningParts, channel: string, listener: (payload: string) => void) {
    this.loop = new Loop(parts.clock, parts.journal, {
      name: `dispatch: listening to ${channel}`,
      pauseMs: () => (this.handle === null ? RETRY_EVERY_MS : CHECK_EVERY_MS),
      round: async () => {
        await parts.ready();
        this.handle ??=
          (await parts.database.listen?.(channel, listener, () => listener(''))) ?? null;
      },
    });
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.handle?.close();
    this.handle = null;
  }
}
