import type { ConnectOptions, InstallReport, InstallRequest } from '../../ports/target.ts';
import { acceptedDrifts, readStates, recordPart, type State } from '../plsql/install-states.ts';
import { restoreRows } from '../plsql/installed-objects.ts';
import { FRAMEWORK, type InstallScene, reportOf } from '../protocol/install-parts.ts';
import { frameworkUnits, packageUnits } from './code-files.ts';
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
  { instance }: ConnectOptions,
): Promise<void> {
  const place = { instance: instance.name, role: instance.user };
  const undo = new InstallUndo(connection);
  try {
    await beforeChanges(connection);
    for (const state of states) if (state.due) await installPart(connection, state, place, undo);
  } catch (error) {
    await undo.all();
    await restoreRows(connection, states).catch(() => undefined);
    throw error;
  }
}

async function installPart(
  connection: Connection,
  state: State,
  place: Pick<InstallScene, 'instance' | 'role'>,
  undo: InstallUndo,
): Promise<void> {
  const { part } = state;
  const scene: InstallScene = { ...place, package: part.name };
  const units = part.name === FRAMEWORK ? frameworkUnits(part.files) : packageUnits(part, scene);
  await undo.state(units.state, scene);
  await undo.code(units.code, scene);
  await checkCompiled(connection, [...units.state, ...units.code], scene);
  const created = [...units.state, ...units.code].flatMap((unit) => createdBy(unit) ?? []);
  await recordPart(connection, oracleSchema, state, created, linesOf(part.files).routines);
}
