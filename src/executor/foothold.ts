import type { PackageVersion } from '../core/definitions/model.ts';
import { isOdtmError, odtmError } from '../core/errors/catalogue.ts';
import { plainFailure } from '../core/run/failure.ts';
import { type ObjectRecord, type Position, positionFromRecord } from '../core/run/position.ts';
import { unitId } from '../core/run/unit.ts';
import { type Attachment, type Target, TargetError } from '../ports/target.ts';
import { Backoff } from './backoff.ts';
import type { AttachedDrive, Drive } from './drive.ts';
import { installUnit } from './install-unit.ts';
import { asAway } from './on-target.ts';
import { SessionPool } from './session-pool.ts';
import { shipStatements, writtenForSure } from './ship.ts';
import { LeaseLost, Stopped, TargetAway, UnitFailed } from './stops.ts';

/** A foothold on the target, and where the stream stands there. */
export interface Foothold {
  readonly drive: AttachedDrive;
  readonly position: Position;
  close(): Promise<void>;
}

export interface FootholdOptions {
  readonly mayGiveWay: boolean;
  readonly whileStopping: boolean;
}

/**
 * Connects, installs, attaches and recovers, again and again with back-off while the target is away.
 * A stream that `mayGiveWay`, because it has nothing open on its target, soon leaves its place to others.
 * @throws UnitFailed after `reconnectForMs`, and for what no repetition mends; Stopped, LeaseLost
 */
export async function gainFoothold(
  drive: Drive,
  { mayGiveWay, whileStopping }: FootholdOptions,
): Promise<Foothold> {
  const { clock, settings } = drive.ports;
  const backoff = new Backoff(clock, settings);
  const sinceMs = clock.monotonicMs();
  for (;;) {
    await (whileStopping ? drive.gate.passStopping() : drive.gate.pass());
    try {
      const foothold = await tryFoothold(drive);
      drive.progress.note(null);
      return foothold;
    } catch (error) {
      if (!isTemporary(error)) throw asUnitFailed(error);
      const triedMs = clock.monotonicMs() - sinceMs;
      if (!isRepositoryAway(error)) endPatience(drive, error, triedMs, mayGiveWay);
      tellWatchers(drive, error);
      await backoff.wait(drive.control.shutdown);
    }
  }
}

/** That the repository is away is no failure of the stream: it holds, however long that lasts. */
function isRepositoryAway(error: unknown): boolean {
  return isOdtmError(error, 'REPOSITORY_UNREACHABLE');
}

/** Throws when the target has been away for too long, or when the place is to be left to others. */
function endPatience(drive: Drive, error: unknown, triedMs: number, mayGiveWay: boolean): void {
  const { reconnectForMs, holdPlaceMs } = drive.ports.settings;
  const beforeMs = mayGiveWay ? drive.stream.awayMs : 0;
  if (beforeMs + triedMs >= reconnectForMs) throw asUnitFailed(error);
  if (mayGiveWay && triedMs >= holdPlaceMs) throw new Stopped('away', (error as Error).message);
}

/** Each reason is told once: a stream may try for minutes. */
function tellWatchers({ ports, progress, stream }: Drive, error: unknown): void {
  const reason = (error as Error).message;
  if (!progress.note(`trying again: ${reason}`)) return;
  const what = isRepositoryAway(error) ? 'the repository is away' : 'the target is away';
  ports.journal.warn(`${what}; trying again`, { instance: stream.plan.instance, reason });
}

function isTemporary(error: unknown): boolean {
  if (isRepositoryAway(error)) return true;
  return error instanceof TargetAway || isOdtmError(error, 'TARGET_UNREACHABLE');
}

/** Whatever keeps a stream from its target ends the stream as a failure of no unit in particular. */
function asUnitFailed(error: unknown): unknown {
  if (error instanceof UnitFailed || error instanceof Stopped || error instanceof LeaseLost)
    return error;
  if (isOdtmError(error, 'STREAM_FENCED')) return new LeaseLost();
  if (isOdtmError(error))
    return new UnitFailed(null, plainFailure(error.code, error.message, error.remedy));
  if (error instanceof TargetError) return new UnitFailed(null, error.failure);
  return error;
}

async function tryFoothold(drive: Drive): Promise<Foothold> {
  const { stream } = drive;
  const version = await packageOf(drive);
  const target = await connect(drive);
  let attachment: Attachment | null = null;
  try {
    if (stream.preview === null) await installUnit(drive, target, version);
    await drive.ports.faults.reached('attach.before');
    attachment = await target.attach({
      handle: stream.handle,
      runId: stream.runId,
      attempt: stream.attempt,
      plan: stream.plan,
      preview: stream.preview,
      package: version,
    });
    await drive.ports.faults.reached('attach.after');
    const records = await recover(drive, target, attachment);
    return foothold(drive, target, attachment, records);
  } catch (error) {
    await attachment?.close();
    await target.close();
    throw asAway(error);
  }
}

async function packageOf({ stream, ports }: Drive): Promise<PackageVersion> {
  const { plan } = stream;
  const version = await ports.packages.version(plan.package.name, plan.engine, plan.package.sha256);
  if (version !== null) return version;
  const { instance, engine } = plan;
  throw odtmError('PACKAGE_MISSING', { package: plan.package.name, engine, instance });
}

async function connect({ stream, ports }: Drive): Promise<Target> {
  const { plan } = stream;
  const instance = await ports.instances.instance(plan.instance);
  if (instance === null) {
    throw odtmError('INSTANCE_NOT_IN_RUN', {
      instance: plan.instance,
      reason: 'its definition has been removed',
      known: 'see "odtm instances"',
    });
  }
  const engine = await ports.engine(instance.engine);
  const { credential } = instance;
  const secret =
    credential === null ? null : await ports.credentials.resolve(credential, instance.name);
  return engine.connect({ instance, secret, connectTimeoutMs: ports.settings.connectTimeoutMs });
}

/**
 * After a crash or a lost connection: the repository gets what the target has recorded and it has not,
 * decisions of people become records, and what earlier attempts left open is settled.
 */
async function recover(
  drive: Drive,
  target: Target,
  attachment: Attachment,
): Promise<readonly ObjectRecord[]> {
  if (drive.stream.preview !== null) return [];
  const { stream, log, ports, gate } = drive;
  const parts = {
    log,
    clock: ports.clock,
    retryMs: ports.settings.firstBackoffMs,
    mayGoOn: () => gate.passStopping(),
  };
  for (const record of await attachment.recordedUnits()) {
    log.record(record);
    // Of a try that has only begun, the record has those statements that have committed all the same.
    if (record.status === 'in_doubt') log.closeTry(record, 'rolled_back');
  }
  await shipStatements({ ...parts, attachment });
  log.closeOpen(ports.clock.now());
  await applyDecisions(drive, attachment);
  await writtenForSure(parts);
  const lease = { streamId: stream.streamId, token: stream.token };
  if (!(await ports.streams.settle(lease, stream.attempt))) throw new LeaseLost();
  await sweep(drive, target);
  return attachment.record();
}

/** What a person has decided becomes the unit's record, on the target and in the central log. */
async function applyDecisions({ stream, log }: Drive, attachment: Attachment): Promise<void> {
  const { decisions } = stream;
  if (decisions.length === 0) return;
  for (const { unit, outcome, reason } of decisions) {
    await attachment.decide(unit, { outcome, reason });
  }
  const decided = new Set(decisions.map(({ unit }) => unitId(unit)));
  for (const record of await attachment.recordedUnits()) {
    if (decided.has(unitId(record.unit))) log.record(record);
  }
}

/** Removes the rows of streams that ended for good while somebody was killed before tidying up. */
async function sweep({ ports, stream }: Drive, target: Target): Promise<void> {
  const others = (await target.handles()).filter((handle) => handle !== stream.handle);
  if (others.length === 0) return;
  const over = await ports.streams.over(others);
  if (over.length > 0) await target.sweep(over);
}

function foothold(
  drive: Drive,
  target: Target,
  attachment: Attachment,
  records: readonly ObjectRecord[],
): Foothold {
  const { stream, log, ports } = drive;
  const maxSessions = stream.preview === null ? ports.settings.maxSessions : 1;
  const sessions = new SessionPool(attachment, maxSessions);
  log.onWritten = async (units) => {
    // What is not acknowledged now is shipped again by the next attempt, which changes nothing.
    await attachment.acknowledge(units).catch(() => undefined);
    await ports.faults.reached('log.after_acknowledge');
  };
  return {
    drive: { ...drive, attachment, sessions, failing: { since: null } },
    position: positionFromRecord(stream.plan, records, stream.attempt),
    close: async () => {
      log.onWritten = null;
      await sessions.closeAll();
      await attachment.close();
      await target.close();
    },
  };
}
