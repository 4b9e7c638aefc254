import type { PlannedObject } from '../core/run/stream-plan.ts';
import type { AcquiredStream } from '../ports/repository.ts';
import type { Attachment } from '../ports/target.ts';
import type { Gate } from './gate.ts';
import type { ExecutorPorts } from './ports.ts';
import type { Progress } from './progress.ts';
import type { SessionPool } from './session-pool.ts';
import type { StreamControl } from './stream-control.ts';
import type { StreamLog } from './stream-log.ts';

/** What belongs to one attempt of a stream, from its lease to its end. */
export interface Drive {
  readonly ports: ExecutorPorts;
  readonly stream: AcquiredStream;
  readonly control: StreamControl;
  readonly log: StreamLog;
  readonly gate: Gate;
  readonly progress: Progress;
  /** The last try of units that have been tried without success, by unit id. */
  readonly tries: Map<string, number>;
}

/** A drive with its foothold on the target. */
export interface AttachedDrive extends Drive {
  readonly attachment: Attachment;
  readonly sessions: SessionPool;
  /** Set when a unit has failed: nothing more is started on this foothold but the final. */
  readonly failing: { since: Date | null };
}

/** Units that belong to no object are logged with this one. */
export const NO_OBJECT: PlannedObject = { id: '', owner: null, name: null, parameters: [] };
