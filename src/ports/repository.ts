import type { Definitions, Instance, PackageVersion } from '../core/definitions/model.ts';
import type { Engine } from '../core/engine.ts';
import type { Failure } from '../core/run/failure.ts';
import type {
  StatementRecord,
  StreamProgress,
  UnitRecord,
  UnitTry,
} from '../core/run/log-records.ts';
import type { StreamPlan } from '../core/run/stream-plan.ts';
import type { StreamStatus, Wish } from '../core/run/stream-status.ts';
import type { UnitKey } from '../core/run/unit.ts';
import type { PreviewMode, UnitDecision } from './target.ts';

/** Definitions as the repository has them, with the revision that `apply` must still find. */
export interface StoredDefinitions {
  readonly revision: number;
  readonly definitions: Definitions;
}

export interface DefinitionStore {
  load(): Promise<StoredDefinitions>;
  /**
   * Makes the repository hold exactly these definitions, in one transaction; package files are stored by
   * content, every version is kept. Returns the new revision.
   * @throws OdtmError DEFINITIONS_CHANGED_MEANWHILE
   */
  replace(next: Definitions, expectedRevision: number, by: string): Promise<number>;
}

/** What `odtm run` asks for, after the definitions have been resolved into one plan a stream. */
export interface StartRequest {
  readonly operation: { readonly id: number; readonly name: string };
  readonly environment: { readonly id: number; readonly code: string };
  readonly variant: string | null;
  readonly preview: PreviewMode | null;
  readonly keepPackage: boolean;
  readonly acceptDrift: boolean;
  /** Streams that may be active at once in this run. */
  readonly maxStreams: number | null;
  /** A new run makes one stream for each; a restart takes the newer plan for its unfinished streams. */
  readonly plans: readonly StreamPlan[];
  /** Of a restart: only these instances go on; null: all unfinished ones. */
  readonly onlyInstances: readonly string[] | null;
  readonly by: string;
}

export interface StartedRun {
  readonly runId: string;
  /** `started`: a new run; `restarted`: the unfinished one goes on. */
  readonly kind: 'started' | 'restarted';
  readonly instances: readonly string[];
  /** Instances whose package changed since their last attempt. */
  readonly packageChanged: readonly string[];
}

/** A decision of a person about a failed or doubtful unit, applied at the next attempt. */
export interface StreamDecision extends UnitDecision {
  readonly unit: UnitKey;
}

export interface RunStore {
  /**
   * In one transaction: a new run where the last one has ended; the same run again where its streams
   * failed, halted, expired or were interrupted.
   * @throws OdtmError RUN_ALREADY_RUNNING, RUN_CANCELLING, VARIANT_OF_UNFINISHED_RUN,
   *   INSTANCE_NOT_IN_RUN
   */
  start(request: StartRequest): Promise<StartedRun>;
  /**
   * Writes a wish; a weaker one does not take back a stronger one. Streams that no controller drives are
   * halted or cancelled at once; a cancel with a final still due sends the stream to a controller once more.
   * @throws OdtmError RUN_UNKNOWN, RUN_ENDED
   */
  wish(runId: string, wish: Exclude<Wish, 'none'>, by: string): Promise<void>;
  /**
   * A cancel that gives up the finals which undriven streams still owe, for instances that are gone. What
   * `initial` switched off there may stay off. Streams that are driven are cancelled as usual.
   * @throws OdtmError RUN_UNKNOWN, RUN_ENDED
   */
  cancelWithoutFinal(runId: string, by: string): Promise<void>;
  /**
   * Records a skip or the resolution of a doubt for the unit that stopped the stream.
   * @throws OdtmError RUN_UNKNOWN, INSTANCE_NOT_IN_RUN, NOT_SKIPPABLE
   */
  decide(runId: string, instance: string, decision: UnitDecision, by: string): Promise<UnitKey>;
}

/** A stream that a controller has taken, with all that it needs. */
export interface AcquiredStream {
  readonly streamId: string;
  readonly runId: string;
  readonly handle: string;
  readonly token: string;
  /** The fencing number: grows with every acquisition. */
  readonly attempt: number;
  readonly plan: StreamPlan;
  readonly preview: PreviewMode | null;
  readonly acceptDrift: boolean;
  readonly wish: Wish;
  readonly decisions: readonly StreamDecision[];
  /**
   * Whether a final may be due from earlier attempts: the last one ended so, or crashed (`acquire` notes
   * "may be due" before it hands the stream out, and `end` writes what is true).
   */
  readonly finalDue: boolean;
  /** How long earlier attempts have worked since a person asked to run, for the maximum duration. */
  readonly workedMs: number;
  /** How long earlier attempts have tried in vain to reach the target, without a break; 0: not at all. */
  readonly awayMs: number;
  /** Rows that earlier attempts have processed, for people who watch. */
  readonly rowsBefore: number;
}

export interface Lease {
  readonly streamId: string;
  readonly token: string;
}

export interface RenewedLease extends Lease {
  readonly wish: Wish;
}

/** How a stream stopped being driven. */
export interface StreamEnd {
  readonly status: Exclude<StreamStatus, 'admitted' | 'running'>;
  /** The status in words, for instance why it expired. */
  readonly message: string | null;
  /** The unit that failed first, and its failure; null where it did not fail. */
  readonly failedUnit: UnitKey | null;
  readonly failure: Failure | null;
  /** What `final('Y')` failed with, recorded beside the first failure. */
  readonly finalFailure: Failure | null;
  /** `initial` has run and no final since: a cancel must still run it. */
  readonly finalDue: boolean;
  /**
   * Of a stream that waits because its target is away: it gives its place in the limits to others, and is
   * admitted again after this time. Not for any other end.
   */
  readonly awayRetryMs?: number;
}

/** What one flush writes. Everything is conditional on the lease. */
export interface LogBatch {
  readonly lease: Lease;
  readonly units: readonly UnitRecord[];
  readonly statements: readonly StatementRecord[];
  readonly progress: StreamProgress | null;
  /** Tries that have ended: their statements that were already written as running or executed get this. */
  readonly closed: readonly ClosedTry[];
}

/** The end of a try, for those of its statements that an earlier flush has written. */
export interface ClosedTry extends UnitTry {
  readonly statements: 'committed' | 'rolled_back' | 'previewed';
}

export interface StreamStore {
  /**
   * Takes the lease of an admitted stream, or of a running one whose lease has expired; null where another
   * controller holds it or the stream is not to be driven any more. Statements and units that an earlier
   * attempt left as running stay so until `settle`.
   */
  acquire(streamId: string, controllerId: string, leaseMs: number): Promise<AcquiredStream | null>;
  /** Renews leases; those that are missing from the answer are lost. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly RenewedLease[]>;
  /**
   * Writes records of several streams in one round trip. Returns the ids of the streams still leased.
   * A row that has ended is replaced only where it was lost or rolled back and is now known as committed;
   * a running row never replaces an ended one.
   */
  write(batches: readonly LogBatch[]): Promise<ReadonlySet<string>>;
  /**
   * After the target's record has been read and shipped: what earlier attempts left open in the central
   * log had no effect: units become lost, statements rolled_back. The decisions that `acquire` gave out
   * count as delivered from now on. False: the lease is lost.
   */
  settle(lease: Lease, attempt: number): Promise<boolean>;
  /** Ends the attempt and releases the lease; ends the run with its last stream. False: lease lost. */
  end(lease: Lease, end: StreamEnd): Promise<boolean>;
  /** Those of these handles whose streams are completed or cancelled here; never one that is unknown. */
  over(handles: readonly string[]): Promise<readonly string[]>;
}

export interface InstanceStore {
  /** The newest applied definition of an instance, or null where it has been removed. */
  instance(name: string): Promise<Instance | null>;
}

/** A controller process, as others see it. */
export interface ControllerInfo {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly slots: number;
}

export interface ControllerStore {
  register(controller: ControllerInfo): Promise<void>;
  beat(controllerId: string): Promise<void>;
  unregister(controllerId: string): Promise<void>;
  /** Controllers whose last beat is younger than `withinMs`. */
  alive(withinMs: number): Promise<readonly ControllerInfo[]>;
}

export interface PackageStore {
  /** One version by its hash, also an old one. */
  version(name: string, engine: Engine, sha256: string): Promise<PackageVersion | null>;
}
