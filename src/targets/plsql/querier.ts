import type { ErrorScene } from './error-scene.ts';
import type { UsageColumns } from './usage.ts';

/** A value that is bound to `:1`, `:2`, … of a statement. */
export type Bind = string | number | null;

/** Something that executes statements on a session. Columns of rows come under their names in lower case. */
export interface Querier {
  /** @throws TargetError */
  query<R extends object>(text: string, values?: readonly Bind[]): Promise<R[]>;
  /** As query, for a statement that returns no rows: how many it has processed. @throws TargetError */
  execute(text: string, values?: readonly Bind[]): Promise<number>;
}

/** One session on the server, as far as the engines that speak PL/SQL have it in common. */
export interface PlsqlConnection extends Querier {
  /** What names the session on the server for good. */
  readonly serverSession: string;
  /** The version as the server says it. */
  readonly serverVersion: string;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /**
   * Executes a unit's block and gives its answer, in one round trip; events are those of the session's log
   * behind the given number that came with it.
   */
  runUnit(block: UnitBlock, afterEvent: number, scene: () => ErrorScene): Promise<BlockAnswer>;
  /** Breaks the connection: what runs on it is rejected as lost. */
  destroy(reason: string): void;
  /** Says goodbye to the server. Never throws. */
  close(): Promise<void>;
}

/** The text of a unit's block up to its answer, with its binds. */
export interface UnitBlock {
  readonly text: string;
  readonly values: readonly Bind[];
}

/** What the target says of a unit that its block has ended. */
export interface UnitAnswer {
  readonly unit_id: number;
  readonly outcome: string;
  readonly status: string;
  readonly message: string | null;
  readonly elapsed_ms: number | null;
  readonly row_count: number | null;
  readonly statements: number;
}

export interface BlockAnswer {
  readonly answer: UnitAnswer;
  readonly events: readonly LogEvent[];
}

/** A row of dom$log. B: a statement began, E: it ended, F: it failed, M: a message. */
export interface LogEvent extends UsageColumns {
  readonly event_no: number;
  readonly event: 'B' | 'E' | 'F' | 'M';
  readonly seq: number;
  readonly depth: number;
  readonly at_ms: number;
  readonly elapsed_ms: number | null;
  readonly row_count: number | null;
  readonly code: number | null;
  readonly sql_text: string | null;
}
