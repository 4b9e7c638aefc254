import type { Failure } from '../../core/run/failure.ts';
import type { ConnectOptions, TargetError } from '../../ports/target.ts';
import type { ErrorScene } from './error-scene.ts';
import type { PlsqlConnection, Querier } from './querier.ts';
import type { BlockNames } from './unit-block.ts';

/** How a session is opened. */
export interface OpenOptions {
  /** What the server shows of the session, where it can show anything. */
  readonly label: string;
  /** Each statement commits by itself: for the monitor session, which many use at once. */
  readonly autocommit: boolean;
}

/** What a session of an earlier attempt is called on the server, as far as it is still there. */
export interface LiveSession {
  readonly sessionNo: number;
  readonly serverSession: string;
}

/** The package's routines and where their source begins, as the install has kept it. */
export type LineMap = Readonly<Record<string, { readonly file: string; readonly line: number }>>;

/** Where in the package's files something failed, and the call stack in words. */
export interface FailurePlace {
  readonly file: string;
  readonly line: number;
  readonly context: string;
}

/** What the engines that speak PL/SQL do differently; everything else of a stream's foothold is shared. */
export interface EngineParts {
  open(options: ConnectOptions, how: OpenOptions): Promise<PlsqlConnection>;
  /** What a rejected statement means. */
  targetError(error: unknown, scene: ErrorScene, lines: LineMap): TargetError;
  /** The failure that an event of the live log tells of. */
  eventFailure(code: number, message: string): Failure;
  /** The number of an error that the server reported, without its sign; null: it reported none. */
  errorNumber(error: unknown): number | null;
  quote(name: string): string;
  /** Where in the package's files the session was when its unit failed; null: the error itself says so. */
  placeOf(connection: Querier): Promise<FailurePlace | null>;
  /** Makes a session one of the stream's; resolves with its number. @throws TargetError of kind fenced */
  enter(connection: PlsqlConnection, handle: string, attempt: number): Promise<number>;
  /** Sessions of the stream's earlier attempts, and of this one, that still live. */
  liveSessions(monitor: Querier, handle: string): Promise<readonly LiveSession[]>;
  /** Of these sessions, those that the server still has; `working`: and that are not idle. */
  alive(
    monitor: Querier,
    serverSessions: readonly string[],
    working?: boolean,
  ): Promise<ReadonlySet<string>>;
  /** Cancels the statement that runs in a session. */
  cancel(monitor: Querier, connection: PlsqlConnection): Promise<void>;
  /** Ends a session on the server; it may take until a rollback is through. */
  kill(monitor: Querier, serverSession: string): Promise<void>;
}

/** How the names of a package are written into a unit's block. */
export function blockNames(parts: Pick<EngineParts, 'quote'>, packageName: string): BlockNames {
  return { packageName, quote: (name) => parts.quote(name) };
}
