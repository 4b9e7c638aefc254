import type { ConnectOptions, InstallReport, InstallRequest } from '../../ports/target.ts';
import {
  acceptedDrifts,
  type PreparedPart,
  prepareParts,
  readStates,
  recordPart,
  type State,
} from '../plsql/install-states.ts';
import { restoreRows } from '../plsql/installed-objects.ts';
import { FRAMEWORK, type InstallScene, reportOf } from '../protocol/install-parts.ts';
import { frameworkUnits, type PackageUnits, packageUnits } from './code-files.ts';
import { checkCompiled } from './compile.ts';
import type { Connection } from './connection.ts';
import { InstallLock } from './install-lock.ts';
import { InstallUndo } from './install-undo.ts';
import { linesOf } from './package-lines.ts';
import { beforeChanges, createdBy, oracleSchema } from './schema-objects.ts';

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
  const states = await readStates(connection, oracleSchema, request);
  if (!states.some(({ due }) => due)) return finished(states, request, options);
  // What is not whole is refused before anything is touched, and the lock has a table of its own.
  prepareParts(states, placeOf(options), unitsOf);
  const lock = await InstallLock.take(options);
  let done = false;
  try {
    const now = await readStates(connection, oracleSchema, request);
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
  request: InstallRequest,
  { instance }: ConnectOptions,
): InstallReport {
  return reportOf(states, acceptedDrifts(states, request, instance.name));
}

async function installDue(
  connection: Connection,
  states: readonly State[],
  options: ConnectOptions,
): Promise<void> {
  const parts = prepareParts(states, placeOf(options), unitsOf);
  const undo = new InstallUndo(connection);
  try {
    await beforeChanges(connection);
    for (const part of parts) await installPart(connection, part, undo);
  } catch (error) {
    await undo.all();
    await restoreRows(connection, states).catch(() => undefined);
    throw error;
  }
}

function placeOf({ instance }: ConnectOptions): Pick<InstallScene, 'instance' | 'role'> {
  return { instance: instance.name, role: instance.user };
}

function unitsOf(part: State['part'], scene: InstallScene): PackageUnits {
  return part.name === FRAMEWORK ? frameworkUnits(part.files) : packageUnits(part, scene);
}

async function installPart(
  connection: Connection,
  { state, scene, units }: PreparedPart<PackageUnits>,
  undo: InstallUndo,
): Promise<void> {
  const { part } = state;
  await undo.state(units.state, scene);
  await undo.code(units.code, scene);
  await checkCompiled(connection, [...units.state, ...units.code], scene);
  const created = [...units.state, ...units.code].flatMap((unit) => createdBy(unit) ?? []);
  await recordPart(connection, oracleSchema, state, created, linesOf(part.files).routines);
}
