import { BACKEND_START, type Connection } from './connection.ts';

const LOOK_EVERY_MS = 500;
/** Statements that are younger are not looked at. */
const WORTH_A_LOOK_MS = 300;
/** A unit that has run this long is asked now and then whether its session is still there. */
const PROOF_OF_LIFE_MS = 5_000;
const ANSWER_WITHIN_MS = 15_000;

/** A session while it runs a unit, as the monitor sees it. */
export interface Watched {
  readonly connection: Connection;
  /** When the running statement began, on the monotonic clock; null: none. */
  readonly statementSinceMs: () => number | null;
  readonly sawWorkers: (count: number) => void;
}

interface Entry extends Watched {
  readonly sinceMs: number;
  idleLooks: number;
}

interface SeenSession {
  readonly pid: number;
  readonly backend_start: string;
  readonly idle: boolean;
  readonly workers: number;
}

/**
 * Looks at running sessions from the monitor session: samples parallel workers, and notices connections
 * that died without a word (a cut network), which a driver alone would wait for until TCP gives up.
 */
export class Monitor {
  private readonly connection: Connection;
  private readonly entries = new Set<Entry>();
  private timer: NodeJS.Timeout | null = null;
  private looking = false;
  private lastProofMs = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  watch(watched: Watched): () => void {
    const entry: Entry = { ...watched, sinceMs: performance.now(), idleLooks: 0 };
    this.entries.add(entry);
    if (this.timer === null) {
      this.timer = setInterval(() => void this.tick(), LOOK_EVERY_MS);
      this.timer.unref();
    }
    return () => {
      this.entries.delete(entry);
    };
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private async tick(): Promise<void> {
    const due = this.looking ? [] : this.due(performance.now());
    if (due.length === 0) return;
    this.looking = true;
    const late = setTimeout(() => this.giveUp(), ANSWER_WITHIN_MS);
    try {
      const seen = await seenSessions(
        this.connection,
        due.map(({ connection }) => connection.pid),
      );
      for (const entry of due) this.judge(entry, seen);
    } catch {
      // The monitor session is broken: whoever uses it next learns it from its own query.
    } finally {
      clearTimeout(late);
      this.looking = false;
    }
  }

  private due(nowMs: number): Entry[] {
    const proof = nowMs - this.lastProofMs >= PROOF_OF_LIFE_MS;
    const due = [...this.entries].filter(({ sinceMs, statementSinceMs }) => {
      const statementMs = statementSinceMs();
      const long = statementMs !== null && nowMs - statementMs >= WORTH_A_LOOK_MS;
      return long || (proof && nowMs - sinceMs >= PROOF_OF_LIFE_MS);
    });
    if (proof && due.length > 0) this.lastProofMs = nowMs;
    return due;
  }

  private judge(entry: Entry, seen: readonly SeenSession[]): void {
    if (!this.entries.has(entry)) return;
    const { connection } = entry;
    const session = seen.find(
      ({ pid, backend_start }) =>
        pid === connection.pid && backend_start === connection.backendStart,
    );
    if (session !== undefined && entry.statementSinceMs() !== null)
      entry.sawWorkers(session.workers);
    // Idle twice while we wait for an answer: the answer got lost on its way.
    entry.idleLooks = session?.idle === true ? entry.idleLooks + 1 : 0;
    if (session === undefined || (entry.idleLooks > 3 && performance.now() - entry.sinceMs > 2_000))
      connection.destroy('the session is gone on the server');
  }

  private giveUp(): void {
    const reason = `the server has not answered for ${ANSWER_WITHIN_MS / 1000} s`;
    for (const { connection } of this.entries) connection.destroy(reason);
    this.connection.destroy(reason);
  }
}

function seenSessions(
  connection: Connection,
  pids: readonly number[],
): Promise<readonly SeenSession[]> {
  return connection.query<SeenSession>(
    `SELECT a.pid, ${BACKEND_START} AS backend_start, a.state = 'idle' AS idle,
       (SELECT count(*)::integer FROM pg_catalog.pg_stat_activity w WHERE w.leader_pid = a.pid
          AND w.pid <> a.pid) AS workers
     FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY ($1)`,
    [pids],
  );
}
