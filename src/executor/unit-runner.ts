import { type Failure, plainFailure } from '../core/run/failure.ts';
import { isRetriedByAuthor } from '../core/run/retry-on.ts';
import { type UnitKey, type UnitStatus, unitId } from '../core/run/unit.ts';
import { TargetError, type UnitCall, type UnitResult } from '../ports/target.ts';
import { Backoff } from './backoff.ts';
import type { AttachedDrive } from './drive.ts';
import { asAway, onTarget } from './on-target.ts';
import type { Slot } from './session-pool.ts';
import { shipStatements } from './ship.ts';
import { LeaseLost, SiblingFailed, Stopped, UnitFailed } from './stops.ts';
import { type Began, NOTHING, type TryEnd } from './stream-log.ts';

/** A unit to run, before it is known which try it is. */
export type PlannedUnit = Omit<UnitCall, 'streamAttempt' | 'try'>;

export interface RunOptions {
  /** Runs although the stream stops: the final of a failure, halt or cancel. */
  readonly whileStopping: boolean;
}

/**
 * Runs one unit to its end: tries again after a lost connection when the target's record says that it had
 * no effect, and where the engine or the author calls the failure retryable. Its outcome is always that of
 * the record.
 * @throws UnitFailed, Stopped, LeaseLost, TargetAway
 */
export async function runUnit(
  drive: AttachedDrive,
  slot: Slot,
  planned: PlannedUnit,
  options: RunOptions = { whileStopping: false },
): Promise<UnitResult> {
  const { gate, progress } = drive;
  for (;;) {
    await (options.whileStopping ? gate.passStopping() : gate.pass());
    if (drive.failing.since !== null && !options.whileStopping) throw new SiblingFailed();
    const call: UnitCall = {
      ...planned,
      streamAttempt: drive.stream.attempt,
      try: nextTry(drive, planned.unit),
    };
    progress.began(call.unit.task, call.unit.object, call.unit.iteration);
    const result = await tryOnce(drive, slot, call).catch((error: unknown) => {
      progress.ended(call.unit.task, null, false);
      throw error;
    });
    // The rows of a split are its chunks, not work on the author's tables.
    const rows = call.kind === 'split' ? null : (result?.rows ?? null);
    progress.ended(call.unit.task, rows, result !== null);
    if (result !== null) {
      drive.tries.delete(unitId(call.unit));
      return result;
    }
  }
}

function nextTry(drive: AttachedDrive, unit: UnitKey): number {
  const id = unitId(unit);
  const next = (drive.tries.get(id) ?? 0) + 1;
  drive.tries.set(id, next);
  return next;
}

/** One try. Null: it had no effect, and another try is due. */
async function tryOnce(
  drive: AttachedDrive,
  slot: Slot,
  call: UnitCall,
): Promise<UnitResult | null> {
  const { ports, log } = drive;
  const began: Began = { call, startedAt: ports.clock.now() };
  const point = call.kind === 'final' ? 'final' : 'unit';
  await ports.faults.reached(`${point}.before`, call.unit.task);
  log.began(began);
  let seen = 0;
  slot.running = true;
  try {
    const result = await slot.session.run(call, {
      statement: (record) => {
        if (record.status !== 'running') seen += 1;
        log.statement(record);
      },
    });
    await ports.faults.reached(`${point}.after`, call.unit.task);
    if (result.outcome === 'recorded') await logFound(drive, began);
    else await logResult(drive, began, result, seen);
    return result;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return await afterError(drive, slot, began, error);
  } finally {
    slot.running = false;
  }
}

async function logResult(
  drive: AttachedDrive,
  began: Began,
  result: UnitResult,
  seen: number,
): Promise<void> {
  const { log, ports } = drive;
  const { rows, elapsedMs, statements, message } = result;
  log.ended(began, ports.clock.now(), {
    status: statusOf(result),
    rows,
    elapsedMs,
    statements,
    message,
    failure: null,
  });
  const { unit } = began.call;
  if (drive.stream.preview !== null || statements === 0) return;
  if (statements > seen) await ship(drive, unit);
  else log.acknowledgeAfterWrite(unit);
}

/** The target had the unit's record: an earlier try has done it, and this one had no effect. */
async function logFound(drive: AttachedDrive, began: Began): Promise<void> {
  logEnd(drive, began, 'lost', { message: 'nothing to do: recorded by an earlier try' });
  if (drive.stream.preview === null) await ship(drive, began.call.unit);
}

function statusOf(result: UnitResult): TryEnd['status'] {
  return result.recordedOutcome === 'started' ? 'done' : result.recordedOutcome;
}

function ship(drive: AttachedDrive, unit: UnitKey): Promise<void> {
  const { attachment, log, ports, gate } = drive;
  const retryMs = ports.settings.firstBackoffMs;
  return shipStatements(
    { attachment, log, clock: ports.clock, retryMs, mayGoOn: () => gate.passStopping() },
    unit,
  );
}

/** Decides what an error means for the unit. Null: try again. */
async function afterError(
  drive: AttachedDrive,
  slot: Slot,
  began: Began,
  error: TargetError,
): Promise<UnitResult | null> {
  const { failure } = error;
  switch (error.kind) {
    case 'lost':
      return lookAtRecord(drive, slot, began, error);
    case 'retryable':
      return tryAgain(drive, began, failure);
    case 'cancelled':
      logEnd(drive, began, 'cancelled', { failure });
      throw stopBehindCancel(drive);
    case 'fenced':
      throw new LeaseLost();
    case 'in_doubt':
      logEnd(drive, began, 'in_doubt', { failure });
      throw new UnitFailed(began.call.unit, failure, true);
    case 'failed':
      if (isRetriedByAuthor(drive.stream.plan, began.call.unit, failure))
        return tryAgain(drive, began, failure);
      logEnd(drive, began, 'failed', { failure });
      throw new UnitFailed(began.call.unit, failure);
  }
}

/** Null after a pause, unless this was the last try. */
async function tryAgain(drive: AttachedDrive, began: Began, failure: Failure): Promise<null> {
  const { settings, clock } = drive.ports;
  const { unit } = began.call;
  logEnd(drive, began, 'failed', { failure });
  if (began.call.try >= settings.maxTries) throw new UnitFailed(unit, failure);
  await clock.sleep(settings.firstBackoffMs, drive.control.shutdown);
  return null;
}

function stopBehindCancel(drive: AttachedDrive): Error {
  const reason = drive.gate.stop();
  if (drive.control.lease() === 'lost') return new LeaseLost();
  return reason === null || drive.failing.since !== null
    ? new SiblingFailed()
    : new Stopped(reason);
}

function logEnd(
  drive: AttachedDrive,
  began: Began,
  status: Exclude<UnitStatus, 'running'>,
  end: Partial<TryEnd>,
): void {
  drive.log.ended(began, drive.ports.clock.now(), { ...NOTHING, ...end, status });
}

/**
 * The connection was lost: ends the old session, then lets the target's record say what became of the
 * unit. Null: it had no effect.
 */
async function lookAtRecord(
  drive: AttachedDrive,
  slot: Slot,
  began: Began,
  error: TargetError,
): Promise<UnitResult | null> {
  const { unit } = began.call;
  if (drive.stream.preview !== null) {
    logEnd(drive, began, 'lost', { failure: error.failure });
    throw new UnitFailed(unit, plainFailure(error.failure.code, error.message));
  }
  await replaceSession(drive, slot);
  const recordedOutcome = await onTarget(() => drive.attachment.outcome(unit));
  if (recordedOutcome === null || recordedOutcome === 'started') {
    logEnd(drive, began, 'lost', { failure: error.failure });
    // What the lost try committed by itself stays; the record of the next one tells only its own.
    if (recordedOutcome === 'started') await onTarget(() => ship(drive, unit));
    return null;
  }
  const result: UnitResult = {
    outcome: 'recorded',
    recordedOutcome,
    message: null,
    elapsedMs: null,
    rows: null,
    statements: 1,
  };
  await onTarget(() => logResult(drive, began, { ...result }, 0));
  return result;
}

/** A few quick attempts to replace a session; when they fail the whole target counts as away. */
async function replaceSession(drive: AttachedDrive, slot: Slot): Promise<void> {
  const { clock, settings } = drive.ports;
  const backoff = new Backoff(clock, settings);
  for (let attempt = 1; ; attempt += 1) {
    await backoff.wait(drive.control.shutdown);
    try {
      await drive.sessions.replace(slot);
      return;
    } catch (error) {
      if (attempt >= 3 || (error instanceof TargetError && error.kind === 'fenced'))
        throw asAway(error);
    }
  }
}
