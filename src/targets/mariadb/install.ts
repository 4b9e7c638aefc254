import type { PackageFile } from '../../core/definitions/model.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
import type { InstallReport, InstallRequest } from '../../ports/target.ts';
import {
  type CreatedObject,
  FRAMEWORK,
  type Installed,
  readInstalled,
  writeInstalled,
} from '../plsql/installed.ts';
import { compareFingerprints, type Drift, driftText, type Fingerprint } from '../protocol/drift.ts';
import { hashOf } from '../protocol/framework-files.ts';
import { checkSyntax } from './check-syntax.ts';
import {
  frameworkUnits,
  type InstallScene,
  type PackageUnits,
  packageUnits,
} from './code-files.ts';
import type { Connection } from './connection.ts';
import { framework } from './framework.ts';
import { InstallUndo } from './install-undo.ts';
import { createdBy, dropObject, hasFramework, isCode, readFingerprint } from './schema-objects.ts';

/** Something with a hash: the framework or a package. */
interface Part {
  readonly name: string;
  readonly sha256: string;
  readonly files: readonly PackageFile[];
}

/** How a part stands on the target. */
interface PartState {
  readonly part: Part;
  readonly installed: Installed | null;
  readonly actual: Fingerprint;
  readonly drifts: readonly Drift[];
  readonly due: boolean;
}

/** Who installs where. */
export interface InstallPlace {
  readonly instance: string;
  readonly role: string;
}

/** How long another controller may install before we give up. */
const LOCK_SECONDS = 300;

/**
 * Installs framework and package where they differ from what is there. DDL commits by itself on this server,
 * so all that can be checked is checked first, and what fails all the same is taken back object by object.
 * One install at a time, by a named lock that is taken only when there is something to do.
 * @throws OdtmError PACKAGE_INSTALL_FAILED, DRIFT_FOUND, PRIVILEGE_MISSING
 */
export async function installHere(
  connection: Connection,
  request: InstallRequest,
  place: InstallPlace,
): Promise<InstallReport> {
  let states = await look(connection, request);
  if (states.some(({ due }) => due)) {
    await takeLock(connection);
    states = await look(connection, request);
  }
  const drifts = states.flatMap((state) => (state.due ? lostWith(state) : state.drifts));
  if (!request.acceptDrift && drifts.length > 0)
    throw odtmError('DRIFT_FOUND', { instance: place.instance, routines: driftText(drifts) });
  const undo = new InstallUndo(connection);
  try {
    for (const state of states) if (state.due) await installPart(connection, state, place, undo);
  } catch (error) {
    await undo.all();
    await restoreRows(connection, states).catch(() => undefined);
    throw error;
  }
  return reportOf(states, request.acceptDrift ? drifts : []);
}

/** What had been installed before, and is again, has its row again. */
async function restoreRows(connection: Connection, states: readonly PartState[]): Promise<void> {
  for (const { part, installed, due } of states)
    if (due && installed !== null) await writeInstalled(connection, part.name, installed);
  await connection.commit();
}

/** Changes by hand that an install of another version would lose. */
function lostWith({ drifts }: PartState): readonly Drift[] {
  return drifts.filter(({ how }) => how !== 'missing');
}

async function takeLock(connection: Connection): Promise<void> {
  const rows = await connection.query<{ locked: number | null }>(
    `SELECT GET_LOCK(CONCAT('odtm install ', MD5(DATABASE())), ${LOCK_SECONDS}) AS locked FROM dual`,
  );
  if (rows[0]?.locked !== 1)
    throw new Error(`another controller has been installing for ${LOCK_SECONDS} s`);
}

function reportOf(states: readonly PartState[], accepted: readonly Drift[]): InstallReport {
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

/** How the framework and the package stand. */
async function look(connection: Connection, request: InstallRequest): Promise<PartState[]> {
  const dom: Part = { name: FRAMEWORK, ...(await framework()) };
  const { name, sha256, files } = request.package;
  const there = await hasFramework(connection);
  const states: PartState[] = [];
  for (const part of [dom, { name, sha256, files }]) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    const actual = await readFingerprint(connection, installed?.objects ?? []);
    const drifts = installed === null ? [] : compareFingerprints(installed.fingerprint, actual);
    const due = installed?.sha256 !== part.sha256 || (request.acceptDrift && drifts.length > 0);
    states.push({ part, installed, actual, drifts, due });
  }
  // Reading has opened a transaction, whose view of the catalogue must not be the one of a later look.
  await connection.rollback();
  return states;
}

async function installPart(
  connection: Connection,
  { part, installed }: PartState,
  place: InstallPlace,
  undo: InstallUndo,
): Promise<void> {
  const scene: InstallScene = { ...place, package: part.name };
  const units = part.name === FRAMEWORK ? frameworkUnits(part.files) : packageUnits(part, scene);
  if (part.name !== FRAMEWORK) await checkSyntax(connection, units.code, scene);
  await undo.run(units.state, scene, { mayExist: true });
  await undo.run(units.code, scene, { mayExist: false });
  const objects = objectsOf(units, installed);
  await dropOutdated(connection, units, installed);
  await writeInstalled(connection, part.name, {
    sha256: part.sha256,
    stateSha256: stateHash(part),
    installedMs: Date.now(),
    serverVersion: connection.serverVersion,
    objects,
    fingerprint: await readFingerprint(connection, objects),
    lines: {},
  });
  await connection.commit();
}

/** What the part's files create, and the tables that an earlier version of them has made. */
function objectsOf({ state, code }: PackageUnits, installed: Installed | null): CreatedObject[] {
  const created = [...state, ...code].flatMap((unit) => createdBy(unit) ?? []);
  const kept = (installed?.objects ?? []).filter((object) => !isCode(object));
  return [...new Map([...kept, ...created].map((object) => [keyOf(object), object])).values()];
}

function keyOf({ kind, name }: CreatedObject): string {
  return `${kind} ${name}`;
}

/** Code of the version before that the new one does not have any more. */
async function dropOutdated(
  connection: Connection,
  { state, code }: PackageUnits,
  installed: Installed | null,
): Promise<void> {
  const created = new Set([...state, ...code].flatMap((unit) => keyOf(createdBy(unit) ?? NOTHING)));
  for (const object of installed?.objects ?? [])
    if (isCode(object) && !created.has(keyOf(object))) await dropObject(connection, object);
}

const NOTHING: CreatedObject = { kind: '', name: '' };

function stateHash({ files }: Part): string {
  const state = files.filter(({ role }) => role === 'state');
  return hashOf(state.map(({ path, sha256 }) => `${path} ${sha256}\n`).join(''));
}
