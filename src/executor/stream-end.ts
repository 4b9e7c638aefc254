import { isOdtmError } from '../core/errors/catalogue.ts';
import { type Failure, plainFailure } from '../core/run/failure.ts';
import type { StreamEnd } from '../ports/repository.ts';
import { TargetError } from '../ports/target.ts';
import { Stopped, type StopReason, UnitFailed } from './stops.ts';

const STOP_ENDS: Readonly<Record<StopReason, Pick<StreamEnd, 'status' | 'message'>>> = {
  halted: { status: 'halted', message: 'halted after its running units' },
  halted_now: {
    status: 'halted',
    message: 'halted at once: what was running has been rolled back',
  },
  cancelled: { status: 'cancelled', message: 'cancelled' },
  expired: {
    status: 'expired',
    message: 'the maximum duration has passed: stopped cleanly before the next unit',
  },
  shutdown: { status: 'waiting', message: 'held: its controller was shut down' },
  away: { status: 'waiting', message: 'trying again: its target is away' },
};

/** The failure that an error stands for; null for a stop on purpose. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Stopped || error === null) return null;
  if (error instanceof UnitFailed || error instanceof TargetError) return error.failure;
  if (isOdtmError(error)) return plainFailure(error.code, error.message, error.remedy);
  return plainFailure(
    'ODTM-5999',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
}

/** What else an end depends on. */
export interface Circumstances {
  readonly finalFailure: Failure | null;
  readonly finalDue: boolean;
  /** After what time a stream that gave way to others comes back. */
  readonly awayRetryMs: number;
}

function givingWay(
  { reason, detail }: Stopped,
  { awayRetryMs }: Circumstances,
): Partial<Pick<StreamEnd, 'message' | 'awayRetryMs'>> {
  return reason === 'away' ? { awayRetryMs, message: `trying again: ${detail}` } : {};
}

/** How a stream ends, from what stopped it (null: it is completed). */
export function endOf(reason: unknown, circumstances: Circumstances): StreamEnd {
  const { finalFailure, finalDue } = circumstances;
  const common = { failedUnit: null, failure: null, finalFailure, finalDue };
  if (reason === null) return { ...common, status: 'completed', message: null, finalDue: false };
  if (reason instanceof Stopped) {
    const end = STOP_ENDS[reason.reason];
    const undone = end.status === 'cancelled' && finalDue;
    return undone
      ? {
          ...common,
          status: 'failed',
          message: 'to be cancelled, but its final has failed',
          failure: finalFailure,
        }
      : { ...common, ...end, ...givingWay(reason, circumstances) };
  }
  const failure = failureOf(reason);
  const inDoubt = reason instanceof UnitFailed && reason.inDoubt;
  return {
    ...common,
    status: inDoubt ? 'in_doubt' : 'failed',
    message: failure?.message ?? null,
    failedUnit: reason instanceof UnitFailed ? reason.unit : null,
    failure,
  };
}
