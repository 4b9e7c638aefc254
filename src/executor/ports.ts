import type { Engine } from '../core/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { Faults } from '../ports/fault-points.ts';
import type { Journal } from '../ports/journal.ts';
import type { InstanceStore, PackageStore, StreamStore } from '../ports/repository.ts';
import type { TargetEngine } from '../ports/target.ts';

/** How patient the executor is. All in milliseconds unless the name says otherwise. */
export interface ExecutorSettings {
  readonly connectTimeoutMs: number;
  /**
   * How long a stream that has not been on its target yet holds its place in the limits while the target is
   * away; then it waits behind others and tries again after `awayRetryMs`.
   */
  readonly holdPlaceMs: number;
  readonly awayRetryMs: number;
  /** How long a stream goes on trying to reach its target before it fails. */
  readonly reconnectForMs: number;
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /** How often the central log is written. */
  readonly flushEveryMs: number;
  /** Above this many unwritten records a stream starts no unit. */
  readonly maxBufferedRecords: number;
  /** Sessions of one stream, for parallel tasks and chunks. */
  readonly maxSessions: number;
  /** How often a unit is tried whose failure the engine (deadlock …) or its author calls retryable. */
  readonly maxTries: number;
  /** Iterations of an object that a preview shows. */
  readonly previewIterations: number;
  /** Older iterations are folded on the target each time this many have gone by. */
  readonly foldEvery: number;
}

export const DEFAULT_SETTINGS: ExecutorSettings = {
  connectTimeoutMs: 10_000,
  holdPlaceMs: 3_000,
  awayRetryMs: 5_000,
  reconnectForMs: 120_000,
  firstBackoffMs: 100,
  longestBackoffMs: 5_000,
  flushEveryMs: 200,
  maxBufferedRecords: 50_000,
  maxSessions: 16,
  maxTries: 3,
  previewIterations: 1,
  foldEvery: 50,
};

/** All that the executor asks of the world. */
export interface ExecutorPorts {
  readonly streams: StreamStore;
  readonly packages: PackageStore;
  readonly instances: InstanceStore;
  readonly credentials: Credentials;
  readonly engine: (engine: Engine) => Promise<TargetEngine>;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly settings: ExecutorSettings;
}
