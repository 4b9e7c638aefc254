import type { InstallReport, InstallRequest } from '../../ports/target.ts';
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
import { checkSyntax } from './check-syntax.ts';
import { frameworkUnits, type PackageUnits, packageUnits } from './code-files.ts';
import type { Connection } from './connection.ts';
import { InstallUndo } from './install-undo.ts';
import { createdBy, mariadbSchema } from './schema-objects.ts';

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
  const drifts = acceptedDrifts(states, request, place.instance);
  const parts = prepareParts(states, place, unitsOf);
  const undo = new InstallUndo(connection);
  try {
    for (const part of parts) await installPart(connection, part, undo);
  } catch (error) {
    await undo.all();
    await restoreRows(connection, states).catch(() => undefined);
    throw error;
  }
  return reportOf(states, drifts);
}

/** How the framework and the package stand. */
async function look(connection: Connection, request: InstallRequest): Promise<State[]> {
  const states = await readStates(connection, mariadbSchema, request);
  // Reading has opened a transaction, whose view of the catalogue must not be the one of a later look.
  await connection.rollback();
  return states;
}

async function takeLock(connection: Connection): Promise<void> {
  const rows = await connection.query<{ locked: number | null }>(
    `SELECT GET_LOCK(CONCAT('odtm install ', MD5(DATABASE())), ${LOCK_SECONDS}) AS locked FROM dual`,
  );
  if (rows[0]?.locked !== 1)
    throw new Error(`another controller has been installing for ${LOCK_SECONDS} s`);
}

function unitsOf(part: State['part'], scene: InstallScene): PackageUnits {
  return part.name === FRAMEWORK ? frameworkUnits(part.files) : packageUnits(part, scene);
}

async function installPart(
  connection: Connection,
  { state, scene, units }: PreparedPart<PackageUnits>,
  undo: InstallUndo,
): Promise<void> {
  if (state.part.name !== FRAMEWORK) await checkSyntax(connection, units.code, scene);
  await undo.run(units.state, scene, { mayExist: true });
  await undo.run(units.code, scene, { mayExist: false });
  const created = [...units.state, ...units.code].flatMap((unit) => createdBy(unit) ?? []);
  await recordPart(connection, mariadbSchema, state, created, {});
}
