import type { Failure } from '../core/run/failure.ts';
import type { UnitKey } from '../core/run/unit.ts';

/** Why a stream stops without a failure. */
export type StopReason = 'halted' | 'halted_now' | 'cancelled' | 'expired' | 'shutdown' | 'away';

/** Reasons that also cancel what is running. */
export const STOPS_NOW: readonly StopReason[] = ['halted_now', 'cancelled', 'shutdown'];

/**
 * The stream stops on purpose: a wish, its maximum duration, the controller's shutdown, or to give its place
 * to others while its target is away.
 */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly reason: StopReason;
  readonly detail: string | null;

  /** `detail`: more about it, for those who watch. */
  constructor(reason: StopReason, detail: string | null = null) {
    super(detail ?? `the stream stops: ${reason}`);
    this.detail = detail;
    this.reason = reason;
  }
}

/** A unit failed, or its effect is in doubt: the stream ends with it. */
export class UnitFailed extends Error {
  override readonly name = 'UnitFailed';
  readonly unit: UnitKey | null;
  readonly failure: Failure;
  readonly inDoubt: boolean;

  constructor(unit: UnitKey | null, failure: Failure, inDoubt = false) {
    super(failure.message);
    this.unit = unit;
    this.failure = failure;
    this.inDoubt = inDoubt;
  }
}

/** Another controller owns the stream: everything is dropped, nothing is written any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The whole target is away: the stream must connect and attach anew. */
export class TargetAway extends Error {
  override readonly name = 'TargetAway';
}

/** A parallel sibling failed first; this unit was cancelled because of it. */
export class SiblingFailed extends Error {
  override readonly name = 'SiblingFailed';
}
