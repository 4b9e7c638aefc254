import type { PackageVersion } from '../core/definitions/model.ts';
import { isOdtmError } from '../core/errors/catalogue.ts';
import { plainFailure } from '../core/run/failure.ts';
import type { UnitRecord } from '../core/run/log-records.ts';
import { unitKey } from '../core/run/plan.ts';
import { unitId } from '../core/run/unit.ts';
import type { InstallReport, Target } from '../ports/target.ts';
import { type Drive, NO_OBJECT } from './drive.ts';
import { UnitFailed } from './stops.ts';

/**
 * The install as a unit: framework, state tables and package, only where they differ.
 * @throws UnitFailed when the package cannot be installed or somebody changed it by hand
 */
export async function installUnit(
  drive: Drive,
  target: Target,
  version: PackageVersion,
): Promise<void> {
  const { ports, stream, log } = drive;
  const begun = beginInstall(drive);
  log.record(begun);
  await ports.faults.reached('install.before');
  try {
    const report = await target.install({ package: version, acceptDrift: stream.acceptDrift });
    await ports.faults.reached('install.after');
    log.record(ended(drive, begun, { status: 'done', message: inWords(report) }));
  } catch (error) {
    if (!isOdtmError(error) || error.entry.retry === 'retryable') {
      log.record(ended(drive, begun, { status: 'lost' }));
      throw error;
    }
    const failure = {
      ...plainFailure(error.code, error.message, error.remedy),
      file: typeof error.details.file === 'string' ? error.details.file : null,
      line: typeof error.details.line === 'number' ? error.details.line : null,
    };
    log.record(ended(drive, begun, { status: 'failed', failure }));
    throw new UnitFailed(begun.unit, failure);
  }
}

function beginInstall({ stream, ports, tries }: Drive): UnitRecord {
  const unit = unitKey(NO_OBJECT, 0, 'install', { attempt: stream.attempt });
  const tryNumber = (tries.get(unitId(unit)) ?? 0) + 1;
  tries.set(unitId(unit), tryNumber);
  return {
    unit,
    streamAttempt: stream.attempt,
    try: tryNumber,
    kind: 'install',
    status: 'running',
    startedAt: ports.clock.now(),
    endedAt: null,
    elapsedMs: null,
    rows: null,
    statements: null,
    message: null,
    failure: null,
  };
}

function ended({ ports }: Drive, begun: UnitRecord, end: Partial<UnitRecord>): UnitRecord {
  const endedAt = ports.clock.now();
  return { ...begun, endedAt, elapsedMs: endedAt.getTime() - begun.startedAt.getTime(), ...end };
}

function inWords({ installed, acceptedDrift }: InstallReport): string {
  const what = installed.length === 0 ? 'in place' : `installed: ${installed.join(', ')}`;
  return acceptedDrift.length === 0 ? what : `${what}; undid by hand: ${acceptedDrift.join(', ')}`;
}
