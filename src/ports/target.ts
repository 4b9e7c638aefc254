import type { ChunkSpec, Instance, PackageVersion } from '../core/definitions/model.ts';
import type { TaskNeed } from '../core/definitions/privilege.ts';
import type { Engine } from '../core/engine.ts';
import type { Failure } from '../core/run/failure.ts';
import type { StatementRecord, UnitRecord, UnitTry } from '../core/run/log-records.ts';
import type { ObjectRecord } from '../core/run/position.ts';
import type { PlannedObject, StreamPlan } from '../core/run/stream-plan.ts';
import type { RecordedOutcome, UnitKey, UnitKind } from '../core/run/unit.ts';

/** How a preview executes units: everything is rolled back; `statements` does not even execute them. */
export const PREVIEW_MODES = ['rollback', 'statements'] as const;
export type PreviewMode = (typeof PREVIEW_MODES)[number];

/** What differs between engines, by name. */
export interface TargetCapabilities {
  /** Units (and the install) can run in a transaction that is rolled back. */
  readonly preview: boolean;
}

/** One adapter for an engine. */
export interface TargetEngine {
  readonly engine: Engine;
  readonly capabilities: TargetCapabilities;
  /**
   * Connects to an instance with a monitor session.
   * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
   */
  connect(options: ConnectOptions): Promise<Target>;
  /** The bootstrap script that a DBA runs once on an instance. */
  clientScript(options: ClientScriptOptions): string;
}

export interface ConnectOptions {
  readonly instance: Instance;
  /** The password; never logged. Null: the instance needs none. */
  readonly secret: string | null;
  readonly connectTimeoutMs: number;
}

export interface ClientScriptOptions {
  readonly user: string;
  readonly database: string;
  /** Packages whose schemas the script creates itself; null: the role may create schemas. */
  readonly packages: readonly string[] | null;
  /** Roles that own the application's tables. */
  readonly owners: readonly string[];
}

/** One finding of `check`. */
export interface CheckFinding {
  readonly what:
    | 'connect'
    | 'version'
    | 'privilege'
    | 'framework'
    | 'package'
    | 'drift'
    | 'invalid';
  readonly ok: boolean;
  readonly text: string;
}

export interface InstallRequest {
  readonly package: PackageVersion;
  /** Reinstall although somebody changed the installed code by hand. */
  readonly acceptDrift: boolean;
}

export interface InstallReport {
  /** What was (re)created: `framework`, `package`, `state`; empty where all was in place. */
  readonly installed: readonly string[];
  readonly previousSha256: string | null;
  readonly acceptedDrift: readonly string[];
}

export interface UninstallRequest {
  /** Null: every package and the framework. */
  readonly package: string | null;
  readonly force: boolean;
}

/** A connected instance. All its methods may throw TargetError with kind `lost`. */
export interface Target {
  readonly serverVersion: string;
  /** Findings for `odtm check`, also about what tasks need here: never throws for what it looks at. */
  check(
    packages: readonly PackageVersion[],
    needs: readonly TaskNeed[],
  ): Promise<readonly CheckFinding[]>;
  /**
   * Installs framework, state tables and package where they differ; all of it or, taken back where the engine
   * has no transactions for it, nothing. Safe against another controller that installs at the same time.
   * @throws OdtmError PACKAGE_INSTALL_FAILED, DRIFT_FOUND, PRIVILEGE_MISSING
   */
  install(request: InstallRequest): Promise<InstallReport>;
  /** @throws OdtmError UNINSTALL_REFUSED */
  uninstall(request: UninstallRequest): Promise<readonly string[]>;
  /**
   * Takes the stream over on this target: fences every older attempt, ends its sessions and waits until
   * they are gone, and writes the parameters. The same attempt may attach again after a lost connection.
   * @throws OdtmError STREAM_FENCED when a newer attempt has been here
   */
  attach(stream: StreamIdentity): Promise<Attachment>;
  /** Handles of all streams that have rows on this target. */
  handles(): Promise<readonly string[]>;
  /** Removes the rows of a stream that is over for good, for instance after a crash before `forget`. */
  sweep(handles: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Who asks, and what the stream is about. */
export interface StreamIdentity {
  /** The stream's handle: globally unique text; package code receives it as p_handle. */
  readonly handle: string;
  readonly runId: string;
  /** The fencing number: greater than that of every earlier attempt. */
  readonly attempt: number;
  readonly plan: StreamPlan;
  /** Null: work for real. Else everything runs in one session and is rolled back at `close`. */
  readonly preview: PreviewMode | null;
  /** The package, which a preview installs inside its own transaction. */
  readonly package: PackageVersion;
}

/** A chunk of a task, as the split unit recorded it. */
export interface Chunk {
  readonly chunk: number;
  readonly low: string;
  readonly high: string;
  readonly done: boolean;
}

/** The stream's foothold on its target, valid for one attempt. */
export interface Attachment {
  /** Reads what the target's own record says of the stream's objects; those without rows are missing. */
  record(): Promise<readonly ObjectRecord[]>;
  /**
   * Opens a session for units. With `replaces`, first ends the lost session on the server and waits until
   * it is gone, so that its unit is decided before anybody looks.
   */
  session(replaces?: UnitSession): Promise<UnitSession>;
  /** All chunks of a task that has been split, ascending. */
  chunks(unit: UnitKey): Promise<readonly Chunk[]>;
  /** The recorded outcome of a unit, or null where it has no row. */
  outcome(unit: UnitKey): Promise<RecordedOutcome | null>;
  /** Writes a person's decision (skip, or done after a doubt) as the unit's record. */
  decide(unit: UnitKey, decision: UnitDecision): Promise<void>;
  /**
   * Committed statements that the repository has not acknowledged, at most `limit`, ordered by unit and
   * within it by `seq` (a unit's rows stand together); of one unit, or of the whole stream.
   */
  unacknowledged(limit: number, unit?: UnitKey): Promise<readonly StatementRecord[]>;
  /**
   * Every unit row of the stream that is still on the target (older iterations may have been folded), as
   * the central log's rows of the tries that committed; for shipping after a crash. `started` rows of work
   * that commits by itself come with status `in_doubt`.
   */
  recordedUnits(): Promise<readonly UnitRecord[]>;
  /** The repository has the statements of these units: their rows are deleted on the target. */
  acknowledge(units: readonly UnitKey[]): Promise<void>;
  /**
   * Folds (deletes) the rows of iterations older than `iteration` of an object; the repository has them.
   * The rows of `initial` and of the finals stay: they tell whether a final is due.
   */
  fold(object: string, iteration: number): Promise<void>;
  /** The stream is over for good and the repository has everything: removes its rows on the target. */
  forget(): Promise<void>;
  /** Ends its sessions; with a preview rolls everything back. Never throws. */
  close(): Promise<void>;
}

export interface UnitDecision {
  readonly outcome: 'skipped' | 'done' | 'again';
  readonly reason: string;
}

/** What a session is asked to execute. */
export interface UnitCall extends UnitTry {
  readonly kind: UnitKind;
  readonly object: PlannedObject;
  readonly work: UnitWork;
}

export type UnitWork =
  /** Calls a procedure: iterator(handle, owner, name), final(handle, after_error), else (handle). */
  | { readonly call: 'procedure'; readonly procedure: string }
  /** A plain-SQL task; the adapter knows which statements cannot run in a transaction. */
  | { readonly call: 'sql'; readonly sql: string; readonly doneWhen: string | null }
  /** Computes and records the chunks of a task. */
  | { readonly call: 'split'; readonly chunks: ChunkSpec };

/** What happens in a unit while it runs. Events come in order; rows and elapsed are those of the engine. */
export interface UnitEvents {
  statement(record: StatementRecord): void;
}

export interface UnitResult {
  /** `recorded`: the target already had the unit's record; it was not run again. */
  readonly outcome: 'done' | 'complete' | 'recorded';
  readonly recordedOutcome: RecordedOutcome;
  readonly message: string | null;
  readonly elapsedMs: number | null;
  readonly rows: number | null;
  /** How many statements the framework logged in this unit, for comparing with the events that came. */
  readonly statements: number;
}

/** A session of the stream; one unit at a time. */
export interface UnitSession {
  /** @throws TargetError */
  run(call: UnitCall, events: UnitEvents): Promise<UnitResult>;
  /** Cancels the running statement, from another session. The run then rejects with kind `cancelled`. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `failed`: the engine reported an error, the unit has no effect; its author may want it tried again all the
 * same. `retryable`: as failed, and the engine says that trying again may help (deadlock, serialisation).
 * `cancelled`: by our own cancel. `lost`: the connection broke, the outcome is unknown until the record is
 * read. `in_doubt`: work that commits by itself was begun and nothing tells its outcome. `fenced`: a newer
 * attempt owns the stream.
 */
export type TargetErrorKind = 'failed' | 'retryable' | 'cancelled' | 'lost' | 'in_doubt' | 'fenced';

export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly kind: TargetErrorKind;
  readonly failure: Failure;

  constructor(kind: TargetErrorKind, failure: Failure, cause?: unknown) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.failure = failure;
  }
}
