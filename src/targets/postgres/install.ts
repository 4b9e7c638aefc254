import { odtmError } from '../../core/errors/catalogue.ts';
import { type InstallReport, type InstallRequest, TargetError } from '../../ports/target.ts';
import { compareFingerprints, type Drift, driftText } from '../protocol/drift.ts';
import {
  FRAMEWORK,
  type InstallScene,
  installFailed,
  type Part,
  type PartState,
  privilegeMissing,
  reportOf,
  stateHash,
} from '../protocol/install-parts.ts';
import { runFile } from './code-files.ts';
import type { Connection } from './connection.ts';
import { PERMISSION_DENIED } from './errors.ts';
import { readFingerprint } from './fingerprint.ts';
import { framework } from './framework.ts';
import { type Installed, readInstalled, writeInstalled } from './installed.ts';
import { linesOf } from './package-lines.ts';
import { packagePath, quoteIdentifier } from './quoting.ts';
import { hasFramework } from './record-sql.ts';
import {
  codeObjects,
  dropObjects,
  hasProcedure,
  mayCreateIn,
  readRoutines,
  schemaState,
} from './schema-objects.ts';

type State = PartState<Installed>;

/** Who installs where. */
export interface InstallPlace {
  readonly instance: string;
  readonly role: string;
}

/** Procedures that every package must have, with their number of arguments. */
const MANDATORY: readonly [name: string, argumentCount: number, shape: string][] = [
  ['iterator', 3, 'iterator(p_handle text, p_owner text, p_object_name text)'],
  ['initial', 1, 'initial(p_handle text)'],
  ['final', 2, "final(p_handle text, p_after_error char DEFAULT 'N')"],
];

/**
 * Installs framework and package where they differ from what is there. Everything happens in the caller's
 * transaction; one install at a time, by an advisory lock that is taken only when there is something to do.
 * @throws OdtmError PACKAGE_INSTALL_FAILED, DRIFT_FOUND, PRIVILEGE_MISSING
 */
export async function installHere(
  connection: Connection,
  request: InstallRequest,
  place: InstallPlace,
): Promise<InstallReport> {
  try {
    return await lookAndInstall(connection, request, place);
  } catch (error) {
    const isDenied = error instanceof TargetError && error.failure.code === PERMISSION_DENIED;
    throw isDenied ? privilegeMissing(place, error.message, error) : error;
  }
}

async function lookAndInstall(
  connection: Connection,
  request: InstallRequest,
  place: InstallPlace,
): Promise<InstallReport> {
  let states = await look(connection, request);
  if (states.some(({ due }) => due)) {
    await connection.query(
      `SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('odtm install', 0))`,
    );
    states = await look(connection, request);
  }
  const drifts = states.flatMap((state) => (state.due ? [] : state.drifts));
  const lost: Drift[] = [];
  for (const state of states)
    if (state.due) lost.push(...(await installPart(connection, state, place)));
  if (!request.acceptDrift && drifts.length + lost.length > 0) {
    const routines = driftText([...drifts, ...lost]);
    throw odtmError('DRIFT_FOUND', { instance: place.instance, routines });
  }
  return reportOf(states, lost);
}

/** How the framework and the package stand. */
async function look(connection: Connection, request: InstallRequest): Promise<State[]> {
  const dom: Part = { name: FRAMEWORK, ...(await framework()) };
  const { name, sha256, files } = request.package;
  const there = await hasFramework(connection);
  const states: State[] = [];
  for (const part of [dom, { name, sha256, files }]) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    const actual = await readFingerprint(connection, part.name);
    // A new major version may write the same definition differently, so there is nothing to compare with.
    const upgraded = installed?.serverMajor !== majorOf(connection);
    const drifts =
      installed === null || upgraded ? [] : compareFingerprints(installed.fingerprint, actual);
    const differs = installed?.sha256 !== part.sha256 || upgraded;
    const due = differs || (request.acceptDrift && drifts.length > 0);
    states.push({ part, installed, actual, drifts, due });
  }
  return states;
}

function majorOf({ versionNum }: Connection): number {
  return Math.floor(versionNum / 10_000);
}

/** Installs one part. Returns the changes by hand that are lost with it. */
async function installPart(
  connection: Connection,
  state: State,
  place: InstallPlace,
): Promise<Drift[]> {
  const { part, installed } = state;
  const scene: InstallScene = { ...place, package: part.name };
  const createdSchema = await ensureSchema(connection, state, scene);
  await setPath(connection, packagePath(part.name));
  for (const file of part.files) if (file.role === 'state') await runFile(connection, file, scene);
  await setPath(connection, '');
  await dropObjects(connection, installed?.objects ?? []);
  const before = new Set((await codeObjects(connection, part.name)).map(({ oid }) => oid));
  await setPath(connection, packagePath(part.name));
  for (const file of part.files) if (file.role === 'code') await runFile(connection, file, scene);
  if (part.name !== FRAMEWORK) await verifyMandatory(connection, part, scene);
  const fingerprint = await readFingerprint(connection, part.name);
  const kept = new Set(installed?.objects.map(({ identity }) => identity));
  const objects = (await codeObjects(connection, part.name))
    .filter(({ oid, identity }) => !before.has(oid) || kept.has(identity))
    .map(({ kind, identity }) => ({ kind, identity }));
  const routines = await readRoutines(connection, part.name);
  const { routines: lines } = linesOf(part.name, part.files, routines);
  await writeInstalled(connection, part.name, {
    sha256: part.sha256,
    stateSha256: stateHash(part),
    createdSchema,
    serverMajor: majorOf(connection),
    objects,
    fingerprint,
    lines,
  });
  return state.drifts.filter(({ name }) => fingerprint[name] !== state.actual[name]);
}

/** Makes the part's schema where it is missing. Returns whether ODTM, now or earlier, has created it. */
async function ensureSchema(
  connection: Connection,
  { part, installed }: State,
  scene: InstallScene,
): Promise<boolean> {
  const state = await schemaState(connection, part.name);
  if (state === 'used' && installed === null) {
    const reason = `schema ${part.name} is in use already, by something that ODTM has not installed`;
    throw installFailed(scene, part.files[0]?.path ?? part.name, 1, reason);
  }
  if (state !== 'missing') {
    // A schema that the role may not use would silently drop out of the search_path.
    if (await mayCreateIn(connection, part.name)) return installed?.createdSchema ?? false;
    throw privilegeMissing(scene, `USAGE and CREATE on schema ${part.name}`);
  }
  try {
    await connection.query(`CREATE SCHEMA ${quoteIdentifier(part.name)}`);
  } catch (error) {
    if (!(error instanceof TargetError) || error.failure.code !== PERMISSION_DENIED) throw error;
    const privilege = `CREATE on the database, to create schema ${part.name} (${error.message})`;
    throw privilegeMissing(scene, privilege, error);
  }
  return true;
}

async function setPath(connection: Connection, path: string): Promise<void> {
  await connection.query(`SELECT pg_catalog.set_config('search_path', $1, true)`, [path]);
}

async function verifyMandatory(
  connection: Connection,
  { name, files }: Part,
  scene: InstallScene,
): Promise<void> {
  for (const [procedure, argumentCount, shape] of MANDATORY) {
    if (await hasProcedure(connection, name, procedure, argumentCount)) continue;
    const file = files.find(({ role }) => role === 'code')?.path ?? 'no file';
    throw installFailed(scene, file, 1, `procedure ${shape} is missing in schema ${name}`);
  }
}
