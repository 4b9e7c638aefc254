import { type Failure, plainFailure } from '../core/run/failure.ts';
import { nextStep } from '../core/run/plan.ts';
import type { Position } from '../core/run/position.ts';
import type { AcquiredStream, StreamEnd } from '../ports/repository.ts';
import type { Drive } from './drive.ts';
import { type Foothold, gainFoothold } from './foothold.ts';
import { Gate } from './gate.ts';
import type { LogWriter } from './log-writer.ts';
import { onTarget } from './on-target.ts';
import type { ExecutorPorts } from './ports.ts';
import { Progress } from './progress.ts';
import { attemptUnit, runStep } from './step-runner.ts';
import { LeaseLost, Stopped, type StopReason, TargetAway } from './stops.ts';
import type { StreamControl } from './stream-control.ts';
import { endOf, failureOf } from './stream-end.ts';
import { StreamLog } from './stream-log.ts';
import { runUnit } from './unit-runner.ts';
import { writeEnd } from './write-end.ts';

/** What one attempt has come to, while it goes on. */
interface Attempt {
  readonly drive: Drive;
  foothold: Foothold | null;
  /** The last known position; null before the first foothold. */
  position: Position | null;
}

/**
 * Drives one stream through one attempt: from its lease to its recorded end. Resolves when the end is
 * recorded or another controller has the stream; a failure of the stream is an end like others.
 */
export async function driveStream(
  ports: ExecutorPorts,
  writer: LogWriter,
  stream: AcquiredStream,
  control: StreamControl,
): Promise<void> {
  const log = new StreamLog(writer, stream);
  const gate = new Gate({ stream, control, clock: ports.clock, settings: ports.settings, log });
  const progress = new Progress(log, stream.rowsBefore);
  const drive: Drive = { ports, stream, control, log, gate, progress, tries: new Map() };
  const attempt: Attempt = { drive, foothold: null, position: null };
  try {
    await ports.faults.reached('stream.acquired');
    const end = await work(attempt);
    await writeEnd(drive, end, attempt.foothold);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    ports.journal.info('another controller has the stream', { stream: stream.streamId });
  } finally {
    await attempt.foothold?.close();
    log.close();
  }
}

/** After these another attempt goes on by itself: no final is owed meanwhile. */
const HANDED_ON: readonly StopReason[] = ['shutdown', 'away'];

/** Works until everything is completed or something stops the stream; runs what is due then. */
async function work(attempt: Attempt): Promise<StreamEnd> {
  const reason = await workUntilStopped(attempt).catch((error: unknown) => error);
  if (reason instanceof LeaseLost) throw reason;
  if (reason !== null)
    attempt.drive.ports.journal.info('a stream stops', describe(attempt, reason));
  const handedOn = reason instanceof Stopped && HANDED_ON.includes(reason.reason);
  const finalFailure = reason === null || handedOn ? null : await finalAfterStop(attempt, reason);
  const { awayRetryMs } = attempt.drive.ports.settings;
  return endOf(reason, { finalFailure, finalDue: isFinalDue(attempt), awayRetryMs });
}

/** Before the first foothold only the repository tells whether an earlier attempt owes a final. */
function isFinalDue({ position, drive }: Attempt): boolean {
  return position?.finalDue ?? drive.stream.finalDue;
}

function describe({ drive }: Attempt, reason: unknown): Record<string, unknown> {
  const { stream } = drive;
  return {
    run: stream.runId,
    instance: stream.plan.instance,
    reason: failureOf(reason)?.message ?? String(reason),
  };
}

/** Resolves with null when every object is completed. */
async function workUntilStopped(attempt: Attempt): Promise<null> {
  for (;;) {
    try {
      const foothold = await ensureFoothold(attempt, false);
      await workFrom(attempt, foothold);
      return null;
    } catch (error) {
      if (!(error instanceof TargetAway)) throw error;
      await dropFoothold(attempt);
    }
  }
}

async function ensureFoothold(attempt: Attempt, whileStopping: boolean): Promise<Foothold> {
  if (attempt.foothold !== null) return attempt.foothold;
  const untouched = attempt.position === null && attempt.drive.stream.preview === null;
  const mayGiveWay = untouched && !whileStopping;
  const foothold = await gainFoothold(attempt.drive, { mayGiveWay, whileStopping });
  attempt.foothold = foothold;
  attempt.position = foothold.position;
  return foothold;
}

async function dropFoothold(attempt: Attempt): Promise<void> {
  const { foothold } = attempt;
  attempt.foothold = null;
  await foothold?.close();
}

async function workFrom(attempt: Attempt, foothold: Foothold): Promise<void> {
  const { drive } = foothold;
  let position = foothold.position;
  let folded = position.iteration;
  for (;;) {
    const step = nextStep(drive.stream.plan, position);
    if (step.do === 'end') return;
    if (isPreviewedEnough(attempt, position, step)) {
      position = { ...position, iterator: 'complete' };
      continue;
    }
    position = await runStep(drive, position, step, (moved) => {
      attempt.position = moved;
    });
    if (step.do === 'iterator' && step.iteration - folded >= drive.ports.settings.foldEvery) {
      folded = step.iteration;
      await fold(foothold, step.object.id, step.iteration);
    }
  }
}

function isPreviewedEnough({ drive }: Attempt, position: Position, step: { do: string }): boolean {
  const { stream, ports } = drive;
  if (stream.preview === null || step.do !== 'iterator') return false;
  return position.iteration >= ports.settings.previewIterations && position.iterator === 'done';
}

/** Keeps the record on the target small; only what the repository has is folded. */
async function fold({ drive }: Foothold, object: string, iteration: number): Promise<void> {
  if (drive.stream.preview !== null || !(await drive.log.flush())) return;
  await onTarget(() => drive.attachment.fold(object, iteration));
}

/** Runs final('Y') where `initial` has run; its own failure is recorded beside the first one. */
async function finalAfterStop(attempt: Attempt, reason: unknown): Promise<Failure | null> {
  try {
    if (!isFinalDue(attempt)) return null;
    // Without a foothold a halt leaves the target alone; a cancel is the last chance for a final.
    const cancelled = reason instanceof Stopped && reason.reason === 'cancelled';
    if (attempt.position === null && !cancelled) return null;
    const foothold = await ensureFoothold(attempt, true);
    if (attempt.position?.finalDue !== true) return null;
    await runFinal(foothold, attempt.position);
    attempt.position = { ...attempt.position, finalDue: false };
    return null;
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    await dropFoothold(attempt);
    return failureOf(error) ?? plainFailure('ODTM-5999', String(error));
  }
}

async function runFinal({ drive }: Foothold, position: Position): Promise<void> {
  const object = drive.stream.plan.objects[position.objectIndex];
  if (object === undefined) return;
  const unit = attemptUnit(drive, { object, iteration: position.iteration }, 'final_error');
  await drive.sessions.use((slot) => runUnit(drive, slot, unit, { whileStopping: true }));
}
