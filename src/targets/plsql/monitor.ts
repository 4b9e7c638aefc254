import type { EngineParts } from './engine-parts.ts';
import type { LogEvent, PlsqlConnection, Querier } from './querier.ts';

const LOOK_EVERY_MS = 200;
/** A unit that has run this long is asked now and then whether its session is still there. */
const PROOF_OF_LIFE_MS = 5_000;
const ANSWER_WITHIN_MS = 15_000;
const EVENTS_AT_ONCE = 2_000;

/** A session while it runs a unit, as the monitor sees it. */
export interface Watched {
  readonly connection: PlsqlConnection;
  readonly sessionNo: number;
  /** The last event of the session's log that is known. */
  readonly lastEvent: () => number;
  readonly take: (events: readonly LogEvent[]) => void;
}

interface Entry extends Watched {
  readonly sinceMs: number;
}

type EventRow = LogEvent & { readonly session_no: number };

/**
 * Reads the live log of running sessions from the monitor session, and notices connections that died without
 * a word (a cut network), which a driver alone would wait for until TCP gives up.
 */
export class Monitor {
  private readonly connection: PlsqlConnection;
  private readonly parts: Pick<EngineParts, 'alive'>;
  private readonly entries = new Set<Entry>();
  private timer: NodeJS.Timeout | null = null;
  private looking = false;
  private lastProofMs = 0;

  constructor(connection: PlsqlConnection, parts: Pick<EngineParts, 'alive'>) {
    this.connection = connection;
    this.parts = parts;
  }

  watch(watched: Watched): () => void {
    const entry: Entry = { ...watched, sinceMs: performance.now() };
    this.entries.add(entry);
    if (this.timer === null) {
      this.timer = setInterval(() => void this.tick(), LOOK_EVERY_MS);
      this.timer.unref();
    }
    return () => {
      this.entries.delete(entry);
      if (this.entries.size === 0) this.stop();
    };
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private async tick(): Promise<void> {
    if (this.looking || this.entries.size === 0) return;
    this.looking = true;
    const late = setTimeout(() => this.giveUp(), ANSWER_WITHIN_MS);
    try {
      // A unit that ends within one look brings its events along with its answer.
      const nowMs = performance.now();
      const due = [...this.entries].filter(({ sinceMs }) => nowMs - sinceMs >= LOOK_EVERY_MS / 2);
      if (due.length > 0) await this.readEvents(due);
      if (nowMs - this.lastProofMs >= PROOF_OF_LIFE_MS) await this.proveLife(nowMs);
    } catch {
      // The monitor session is broken: whoever uses it next learns it from its own query.
    } finally {
      clearTimeout(late);
      this.looking = false;
    }
  }

  private async readEvents(entries: readonly Entry[]): Promise<void> {
    const places = entries.map(
      (_, i) => `(l.session_no = :${2 * i + 1} AND l.event_no > :${2 * i + 2})`,
    );
    const rows = await this.connection.query<EventRow>(
      `SELECT l.session_no, ${EVENT_COLUMNS} FROM dom$log l WHERE ${places.join(' OR ')}
       ORDER BY l.session_no, l.event_no FETCH FIRST ${EVENTS_AT_ONCE} ROWS ONLY`,
      entries.flatMap(({ sessionNo, lastEvent }) => [sessionNo, lastEvent()]),
    );
    for (const entry of entries) {
      if (this.entries.has(entry))
        entry.take(rows.filter(({ session_no }) => session_no === entry.sessionNo));
    }
  }

  private async proveLife(nowMs: number): Promise<void> {
    const due = [...this.entries].filter(({ sinceMs }) => nowMs - sinceMs >= PROOF_OF_LIFE_MS);
    if (due.length === 0) return;
    this.lastProofMs = nowMs;
    const alive = await this.parts.alive(
      this.connection,
      due.map(({ connection }) => connection.serverSession),
      true,
    );
    for (const entry of due) {
      const { connection } = entry;
      if (this.entries.has(entry) && !alive.has(connection.serverSession))
        connection.destroy('the session is gone on the server');
    }
  }

  private giveUp(): void {
    const reason = `the server has not answered for ${ANSWER_WITHIN_MS / 1000} s`;
    for (const { connection } of this.entries) connection.destroy(reason);
    this.connection.destroy(reason);
  }
}

/** The columns of an event, of `dom$log l`. */
const EVENT_COLUMNS =
  'l.event_no, l.event, l.seq, l.depth, l.at_ms, l.elapsed_ms, l.row_count, l.workers, l.redo_bytes, ' +
  'l.undo_bytes, l.code, l.sql_text';

/** The events of a session behind one. */
export function readEvents(
  querier: Querier,
  sessionNo: number,
  after: number,
): Promise<readonly LogEvent[]> {
  return querier.query<LogEvent>(
    `SELECT ${EVENT_COLUMNS} FROM dom$log l WHERE l.session_no = :1 AND l.event_no > :2
     ORDER BY l.event_no`,
    [sessionNo, after],
  );
}
