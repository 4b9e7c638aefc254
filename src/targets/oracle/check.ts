import type { PackageVersion } from '../../core/definitions/model.ts';
import { privilegeOf, type TaskNeed } from '../../core/definitions/privilege.ts';
import type { CheckFinding } from '../../ports/target.ts';
import { installFindings } from '../plsql/install-states.ts';
import { findingsOf } from '../protocol/install-parts.ts';
import type { Connection } from './connection.ts';
import { reasonOf } from './errors.ts';
import { SYSTEM_GRANTS, VIEW_GRANTS } from './grants.ts';
import { answerTo, type Holder, readHolder, taskNeedFindings } from './needs.ts';
import { oracleSchema, readInvalid } from './schema-objects.ts';

/** The newest release that the source was written for. */
const NEWEST_MAJOR = 26;

/** Looks at an instance for `odtm check`. What cannot be looked at is a finding as well. */
export function checkInstance(
  connection: Connection,
  packages: readonly PackageVersion[],
  needs: readonly TaskNeed[],
): Promise<readonly CheckFinding[]> {
  const looks = [
    () => connectFindings(connection),
    () => rightsFindings(connection, needs),
    () => installFindings(connection, oracleSchema, packages),
    () => invalidFindings(connection),
  ];
  return findingsOf(looks, reasonOf);
}

interface ContextRow {
  readonly me: string;
  readonly service: string | null;
  readonly container: string | null;
  readonly role: string | null;
}

async function connectFindings(connection: Connection): Promise<CheckFinding[]> {
  const [row] = await connection.query<ContextRow>(
    `SELECT SYS_CONTEXT('USERENV', 'CURRENT_USER') AS me, SYS_CONTEXT('USERENV', 'SERVICE_NAME') AS service,
       SYS_CONTEXT('USERENV', 'CON_NAME') AS container, SYS_CONTEXT('USERENV', 'DATABASE_ROLE') AS role
     FROM dual`,
  );
  const place = `service ${row?.service ?? '?'}, container ${row?.container ?? '?'}`;
  const role = row?.role ?? 'PRIMARY';
  const writes = role === 'PRIMARY';
  return [
    { what: 'connect', ok: true, text: `connected as ${row?.me ?? 'nobody'} to ${place}` },
    {
      what: 'connect',
      ok: writes,
      text: writes
        ? 'the database is a primary one and accepts writes'
        : `the database is a ${role.toLowerCase()}: nothing can be written`,
    },
    { what: 'version', ok: true, text: versionText(connection.serverVersion) },
  ];
}

function versionText(version: string): string {
  const major = Number(/\d+/.exec(version)?.[0] ?? 0);
  return major > NEWEST_MAJOR ? `${version} is newer than what this was made for` : version;
}

/** What the user may do, by one look at what it has. */
async function rightsFindings(
  connection: Connection,
  needs: readonly TaskNeed[],
): Promise<CheckFinding[]> {
  const holder = await readHolder(connection);
  return [
    ...privilegeFindings(holder),
    ...(await viewFindings(connection, holder)),
    ...(await taskNeedFindings(connection, holder, needs)),
  ];
}

function privilegeFindings(holder: Holder): CheckFinding[] {
  const missing: CheckFinding[] = [];
  const notes: CheckFinding[] = [];
  for (const { privilege, reason } of SYSTEM_GRANTS) {
    if (holder.direct.has(privilege)) continue;
    if (!holder.session.has(privilege))
      missing.push({ what: 'privilege', ok: false, text: `${privilege} is missing: ${reason}` });
    else if (privilege !== 'CREATE SESSION') notes.push(byRole(privilege));
  }
  if (missing.length > 0) return [...missing, ...notes];
  return [{ what: 'privilege', ok: true, text: 'packages may be installed and called' }, ...notes];
}

/** An install has the rights of roles, package code has not. */
function byRole(privilege: string): CheckFinding {
  const text = `${privilege} comes by a role: within packages that does not count, grant it directly`;
  return { what: 'privilege', ok: true, text };
}

/** What may be missing where the framework runs, and what is missed then. */
async function viewFindings(connection: Connection, holder: Holder): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for (const { privilege, reason } of VIEW_GRANTS) {
    const answer = await answerTo(connection, holder, privilegeOf(privilege));
    if (answer.held) continue;
    const remark = answer.remark === null ? '' : ` (${answer.remark})`;
    const text = `without ${privilege} there is not: ${reason}${remark}`;
    findings.push({ what: 'privilege', ok: true, text });
  }
  return findings;
}

async function invalidFindings(connection: Connection): Promise<CheckFinding[]> {
  const rows = await readInvalid(connection);
  if (rows.length === 0) return [{ what: 'invalid', ok: true, text: 'no object is invalid' }];
  const names = rows.map((row) => `${row.object_type.toLowerCase()} ${row.object_name}`).join(', ');
  return [{ what: 'invalid', ok: false, text: `invalid: ${names}; see user_errors` }];
}
