import type { PackageFile } from '../../core/definitions/model.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
import type { CheckFinding, InstallReport } from '../../ports/target.ts';
import { compareFingerprints, type Drift, driftText, type Fingerprint } from './drift.ts';
import { hashOf } from './framework-files.ts';

/** The framework's own name among what is installed. */
export const FRAMEWORK = 'dom';

/** Something with a hash that is installed as a whole: the framework or a package. */
export interface Part {
  readonly name: string;
  readonly sha256: string;
  readonly files: readonly PackageFile[];
}

/** What the target knows of an installed part, on every engine. */
export interface InstalledPart {
  readonly sha256: string;
  readonly stateSha256: string;
  readonly fingerprint: Fingerprint;
}

/** How a part stands on the target. */
export interface PartState<I extends InstalledPart> {
  readonly part: Part;
  readonly installed: I | null;
  readonly actual: Fingerprint;
  readonly drifts: readonly Drift[];
  readonly due: boolean;
}

/** For whom files are installed, for error texts. */
export interface InstallScene {
  readonly instance: string;
  readonly role: string;
  readonly package: string;
}

/** Changes by hand that an install of another version would lose. */
export function lostWith({ drifts }: Pick<PartState<InstalledPart>, 'drifts'>): readonly Drift[] {
  return drifts.filter(({ how }) => how !== 'missing');
}

/** What an install has done. */
export function reportOf(
  states: readonly PartState<InstalledPart>[],
  accepted: readonly Drift[],
): InstallReport {
  const installed: string[] = [];
  for (const { part, installed: before, due } of states) {
    if (!due) continue;
    installed.push(part.name === FRAMEWORK ? 'framework' : 'package');
    if (part.name !== FRAMEWORK && before?.stateSha256 !== stateHash(part)) installed.push('state');
  }
  const previous = states.find(({ part }) => part.name !== FRAMEWORK)?.installed ?? null;
  return {
    installed,
    previousSha256: previous?.sha256 ?? null,
    acceptedDrift: accepted.map(({ name }) => name),
  };
}

/** The hash of those of a part's files that create state tables. */
export function stateHash({ files }: Pick<Part, 'files'>): string {
  const state = files.filter(({ role }) => role === 'state');
  return hashOf(state.map(({ path, sha256 }) => `${path} ${sha256}\n`).join(''));
}

/** All findings, one look after the other; what cannot be looked at is a finding as well. */
export async function findingsOf(
  looks: readonly (() => Promise<readonly CheckFinding[]>)[],
  reasonOf: (error: unknown) => string,
): Promise<readonly CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for (const look of looks) {
    try {
      findings.push(...(await look()));
    } catch (error) {
      findings.push({ what: 'connect', ok: false, text: reasonOf(error) });
    }
  }
  return findings;
}

/** What `check` says of a part's version. */
export function versionFinding(
  { name, sha256 }: Pick<Part, 'name' | 'sha256'>,
  installed: Pick<InstalledPart, 'sha256'> | null,
): CheckFinding {
  const what = name === FRAMEWORK ? 'framework' : 'package';
  return { what, ok: true, text: versionText(name, sha256, installed) };
}

function versionText(
  name: string,
  sha256: string,
  installed: Pick<InstalledPart, 'sha256'> | null,
): string {
  const part = name === FRAMEWORK ? 'the framework' : `package ${name}`;
  if (installed === null) return `${part} is not installed yet; the first run installs it`;
  if (installed.sha256 === sha256) return `${part} is installed in its newest version`;
  return `${part} is installed in an older version; the next run installs the newest`;
}

/** What `check` says of changes by hand; `called` is the part in the words of the engine. */
export function driftFinding(
  called: string,
  installed: Fingerprint,
  actual: Fingerprint,
): CheckFinding {
  const drifts = compareFingerprints(installed, actual);
  const text =
    drifts.length === 0
      ? `${called} is as it was installed`
      : `somebody changed ${called} by hand: ${driftText(drifts)}`;
  return { what: 'drift', ok: drifts.length === 0, text };
}

/** What the role lacks, in words. */
export function privilegeMissing(
  { role, instance }: Pick<InstallScene, 'role' | 'instance'>,
  privilege: string,
  cause?: unknown,
): Error {
  return odtmError('PRIVILEGE_MISSING', { role, instance, privilege }, cause);
}

/** Why a package cannot be installed, with the place in its files. */
export function installFailed(
  { package: name, instance }: Pick<InstallScene, 'package' | 'instance'>,
  file: string,
  line: number,
  reason: string,
  cause?: unknown,
): Error {
  const details = { package: name, instance, file, line, reason };
  return odtmError('PACKAGE_INSTALL_FAILED', details, cause);
}
