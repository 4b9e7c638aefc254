import type { PackageFile } from '../../core/definitions/model.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
import type { ConnectOptions, InstallReport, InstallRequest } from '../../ports/target.ts';
import {
  type CreatedObject,
  FRAMEWORK,
  type Installed,
  readInstalled,
  writeInstalled,
} from '../plsql/installed.ts';
import { compareFingerprints, type Drift, driftText } from '../protocol/drift.ts';
import { hashOf } from '../protocol/framework-files.ts';
import {
  frameworkUnits,
  type InstallScene,
  type PackageUnits,
  packageUnits,
} from './code-files.ts';
import { checkCompiled } from './compile.ts';
import type { Connection } from './connection.ts';
import { framework } from './framework.ts';
import { InstallLock } from './install-lock.ts';
import { InstallUndo } from './install-undo.ts';
import { linesOf } from './package-lines.ts';
import {
  createdBy,
  dropObject,
  hasFramework,
  isCode,
  keyOf,
  readFingerprint,
} from './schema-objects.ts';

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
  readonly drifts: readonly Drift[];
  readonly due: boolean;
}

/** How long DDL waits for whoever uses a table; for code Oracle waits some minutes by itself. */
const DDL_LOCK_SECONDS = 60;

/**
 * Installs framework and package where they differ from what is there. DDL commits by itself on this server,
 * so what fails is taken back object by object: the code that was there is created anew from the server's own
 * source. One install at a time, by a lock that is taken only when there is something to do.
 * @throws OdtmError PACKAGE_INSTALL_FAILED, DRIFT_FOUND, PRIVILEGE_MISSING
 */
export async function installHere(
  connection: Connection,
  request: InstallRequest,
  options: ConnectOptions,
): Promise<InstallReport> {
  const states = await look(connection, request);
  if (!states.some(({ due }) => due)) return finished(states, request, options);
  const lock = await InstallLock.take(options);
  let done = false;
  try {
    const now = await look(connection, request);
    const report = finished(now, request, options);
    await installDue(connection, now, options);
    done = true;
    return report;
  } finally {
    await (done ? lock.release() : lock.releaseWithoutTrace());
  }
}

/** @throws OdtmError DRIFT_FOUND */
function finished(
  states: readonly PartState[],
  { acceptDrift }: InstallRequest,
  { instance }: ConnectOptions,
): InstallReport {
  const drifts = states.flatMap((state) => (state.due ? lostWith(state) : state.drifts));
  if (!acceptDrift && drifts.length > 0)
    throw odtmError('DRIFT_FOUND', { instance: instance.name, routines: driftText(drifts) });
  return reportOf(states, acceptDrift ? drifts : []);
}

async function installDue(
  connection: Connection,
  states: readonly PartState[],
  { instance }: ConnectOptions,
): Promise<void> {
  const place = { instance: instance.name, role: instance.user };
  const undo = new InstallUndo(connection);
  try {
    await connection.execute(`ALTER SESSION SET ddl_lock_timeout = ${DDL_LOCK_SECONDS}`);
    for (const state of states) if (state.due) await installPart(connection, state, place, undo);
  } catch (error) {
    await undo.all();
    await restoreRows(connection, states).catch(() => undefined);
    throw error;
  }
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
    states.push({ part, installed, drifts, due });
  }
  return states;
}

async function installPart(
  connection: Connection,
  { part, installed }: PartState,
  place: Pick<InstallScene, 'instance' | 'role'>,
  undo: InstallUndo,
): Promise<void> {
  const scene: InstallScene = { ...place, package: part.name };
  const units = part.name === FRAMEWORK ? frameworkUnits(part.files) : packageUnits(part, scene);
  await undo.state(units.state, scene);
  await undo.code(units.code, scene);
  await checkCompiled(connection, [...units.state, ...units.code], scene);
  const objects = objectsOf(units, installed);
  await dropOutdated(connection, units, installed);
  await writeInstalled(connection, part.name, {
    sha256: part.sha256,
    stateSha256: stateHash(part),
    installedMs: Date.now(),
    serverVersion: connection.serverVersion,
    objects,
    fingerprint: await readFingerprint(connection, objects),
    lines: linesOf(part.files).routines,
  });
  await connection.commit();
}

/** What the part's files create, and the tables that an earlier version of them has made. */
function objectsOf({ state, code }: PackageUnits, installed: Installed | null): CreatedObject[] {
  const created = [...state, ...code].flatMap((unit) => createdBy(unit) ?? []);
  const kept = (installed?.objects ?? []).filter((object) => !isCode(object));
  return [...new Map([...kept, ...created].map((object) => [keyOf(object), object])).values()];
}

/** Code of the version before that the new one does not have any more. */
async function dropOutdated(
  connection: Connection,
  { state, code }: PackageUnits,
  installed: Installed | null,
): Promise<void> {
  const created = new Set(
    [...state, ...code].flatMap((unit) => {
      const object = createdBy(unit);
      return object === null ? [] : [keyOf(object)];
    }),
  );
  for (const object of installed?.objects ?? [])
    if (isCode(object) && !created.has(keyOf(object))) await dropObject(connection, object);
}

function stateHash({ files }: Part): string {
  const state = files.filter(({ role }) => role === 'state');
  return hashOf(state.map(({ path, sha256 }) => `${path} ${sha256}\n`).join(''));
}
