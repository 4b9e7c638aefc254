import { odtmError } from '../../core/errors/catalogue.ts';
import type { ConnectOptions, InstallReport, InstallRequest } from '../../ports/target.ts';
import { type Installed, readInstalled, writeInstalled } from '../plsql/installed.ts';
import { objectsOf, outdatedOf, partsOf, restoreRows } from '../plsql/installed-objects.ts';
import { compareFingerprints, driftText } from '../protocol/drift.ts';
import {
  FRAMEWORK,
  type InstallScene,
  lostWith,
  type PartState,
  reportOf,
  stateHash,
} from '../protocol/install-parts.ts';
import { frameworkUnits, packageUnits } from './code-files.ts';
import { checkCompiled } from './compile.ts';
import type { Connection } from './connection.ts';
import { framework } from './framework.ts';
import { InstallLock } from './install-lock.ts';
import { InstallUndo } from './install-undo.ts';
import { linesOf } from './package-lines.ts';
import { createdBy, dropObject, hasFramework, isCode, readFingerprint } from './schema-objects.ts';

type State = PartState<Installed>;

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
  states: readonly State[],
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
  states: readonly State[],
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

/** How the framework and the package stand. */
async function look(connection: Connection, request: InstallRequest): Promise<State[]> {
  const there = await hasFramework(connection);
  const states: State[] = [];
  for (const part of partsOf(await framework(), request.package)) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    const actual = await readFingerprint(connection, installed?.objects ?? []);
    const drifts = installed === null ? [] : compareFingerprints(installed.fingerprint, actual);
    const due = installed?.sha256 !== part.sha256 || (request.acceptDrift && drifts.length > 0);
    states.push({ part, installed, actual, drifts, due });
  }
  return states;
}

async function installPart(
  connection: Connection,
  { part, installed }: State,
  place: Pick<InstallScene, 'instance' | 'role'>,
  undo: InstallUndo,
): Promise<void> {
  const scene: InstallScene = { ...place, package: part.name };
  const units = part.name === FRAMEWORK ? frameworkUnits(part.files) : packageUnits(part, scene);
  await undo.state(units.state, scene);
  await undo.code(units.code, scene);
  await checkCompiled(connection, [...units.state, ...units.code], scene);
  const created = [...units.state, ...units.code].flatMap((unit) => createdBy(unit) ?? []);
  const objects = objectsOf(created, installed, isCode);
  for (const object of outdatedOf(created, installed, isCode)) await dropObject(connection, object);
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
