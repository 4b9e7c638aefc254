import type { PackageVersion } from '../../core/definitions/model.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
import type { CheckFinding, InstallRequest } from '../../ports/target.ts';
import { compareFingerprints, type Drift, driftText } from '../protocol/drift.ts';
import {
  driftFinding,
  FRAMEWORK,
  type InstallScene,
  lostWith,
  type PartState,
  stateHash,
  versionFinding,
} from '../protocol/install-parts.ts';
import { type CreatedObject, type Installed, readInstalled, writeInstalled } from './installed.ts';
import { objectsOf, outdatedOf, partsOf } from './installed-objects.ts';
import type { PlsqlConnection } from './querier.ts';
import type { Schema } from './schema.ts';

/** How the framework or a package stands in a schema. */
export type State = PartState<Installed>;

/** How the framework and the package of a request stand. */
export async function readStates(
  connection: PlsqlConnection,
  schema: Schema,
  request: InstallRequest,
): Promise<State[]> {
  const there = await schema.hasFramework(connection);
  const states: State[] = [];
  for (const part of partsOf(await schema.framework(), request.package)) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    const actual = await schema.readFingerprint(connection, installed?.objects ?? []);
    const drifts = installed === null ? [] : compareFingerprints(installed.fingerprint, actual);
    const due = installed?.sha256 !== part.sha256 || (request.acceptDrift && drifts.length > 0);
    states.push({ part, installed, actual, drifts, due });
  }
  return states;
}

/** Changes by hand that the request has to accept. @throws OdtmError DRIFT_FOUND where it does not */
export function acceptedDrifts(
  states: readonly State[],
  { acceptDrift }: InstallRequest,
  instance: string,
): readonly Drift[] {
  const drifts = states.flatMap((state) => (state.due ? lostWith(state) : state.drifts));
  if (!acceptDrift && drifts.length > 0)
    throw odtmError('DRIFT_FOUND', { instance, routines: driftText(drifts) });
  return drifts;
}

/** A part that is due, cut into what is executed. */
export interface PreparedPart<Units> {
  readonly state: State;
  readonly scene: InstallScene;
  readonly units: Units;
}

/**
 * Cuts all parts that are due before the first of them is touched: what an engine cannot take is refused
 * here.
 * @throws OdtmError PACKAGE_INSTALL_FAILED
 */
export function prepareParts<Units>(
  states: readonly State[],
  place: Pick<InstallScene, 'instance' | 'role'>,
  unitsOf: (part: State['part'], scene: InstallScene) => Units,
): PreparedPart<Units>[] {
  const due = states.filter((state) => state.due);
  return due.map((state) => {
    const scene = { ...place, package: state.part.name };
    return { state, scene, units: unitsOf(state.part, scene) };
  });
}

/** Writes down what an install has created, drops code that the new version does not have, and commits. */
export async function recordPart(
  connection: PlsqlConnection,
  schema: Schema,
  { part, installed }: State,
  created: readonly CreatedObject[],
  lines: Installed['lines'],
): Promise<void> {
  const { isCode } = schema;
  const objects = objectsOf(created, installed, isCode);
  for (const object of outdatedOf(created, installed, isCode))
    await schema.dropObject(connection, object);
  await writeInstalled(connection, part.name, {
    sha256: part.sha256,
    stateSha256: stateHash(part),
    installedMs: Date.now(),
    serverVersion: connection.serverVersion,
    objects,
    fingerprint: await schema.readFingerprint(connection, objects),
    lines,
  });
  await connection.commit();
}

/** What `check` says of the framework and of packages. */
export async function installFindings(
  connection: PlsqlConnection,
  schema: Schema,
  packages: readonly PackageVersion[],
): Promise<CheckFinding[]> {
  const there = await schema.hasFramework(connection);
  const { sha256 } = await schema.framework();
  const findings: CheckFinding[] = [];
  for (const part of [{ name: FRAMEWORK, sha256 }, ...packages]) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    findings.push(versionFinding(part, installed));
    if (installed === null) continue;
    const actual = await schema.readFingerprint(connection, installed.objects);
    findings.push(driftFinding(part.name, installed.fingerprint, actual));
  }
  return findings;
}
