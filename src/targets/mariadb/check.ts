import type { PackageVersion } from '../../core/definitions/model.ts';
import type { TaskNeed } from '../../core/definitions/privilege.ts';
import type { CheckFinding } from '../../ports/target.ts';
import { installFindings } from '../plsql/install-states.ts';
import { findingsOf } from '../protocol/install-parts.ts';
import type { Connection } from './connection.ts';
import { reasonOf } from './errors.ts';
import { taskNeedFindings } from './needs.ts';
import { grantedHere, missingOf } from './privileges.ts';
import { mariadbSchema } from './schema-objects.ts';
import { isNewerThanTested } from './version.ts';

/** Looks at an instance for `odtm check`. What cannot be looked at is a finding as well. */
export function checkInstance(
  connection: Connection,
  packages: readonly PackageVersion[],
  needs: readonly TaskNeed[],
): Promise<readonly CheckFinding[]> {
  const looks = [
    () => connectFindings(connection),
    () => privilegeFindings(connection),
    () => taskNeedFindings(connection, needs),
    () => installFindings(connection, mariadbSchema, packages),
    () => invalidFindings(connection),
  ];
  return findingsOf(looks, reasonOf);
}

interface ServerRow {
  readonly me: string;
  readonly read_only: number;
  readonly lower_case: number;
  readonly rollback_on_timeout: number;
}

const ROLLS_BACK: CheckFinding = {
  what: 'connect',
  ok: true,
  text:
    'a lock timeout rolls back all that a unit has done (innodb_rollback_on_timeout = 1), unlike on Oracle:' +
    ' a unit that catches one and goes on is tried again',
};

async function connectFindings(connection: Connection): Promise<CheckFinding[]> {
  const rows = await connection.query<ServerRow>(
    `SELECT CURRENT_USER() AS me, @@GLOBAL.read_only AS read_only,
       @@lower_case_table_names AS lower_case,
       @@innodb_rollback_on_timeout AS rollback_on_timeout FROM dual`,
  );
  const [row] = rows;
  const text = `connected to database ${connection.database} as ${row?.me ?? 'nobody'}`;
  return [
    { what: 'connect', ok: true, text },
    row?.read_only === 1
      ? { what: 'connect', ok: false, text: 'the server is read-only: nothing can be written' }
      : { what: 'connect', ok: true, text: 'the server accepts writes' },
    row?.lower_case === 0
      ? {
          what: 'connect',
          ok: true,
          text: 'names of tables depend on capitals here (lower_case_table_names = 0), unlike on Oracle',
        }
      : { what: 'connect', ok: true, text: 'names of tables do not depend on capitals' },
    ...(row?.rollback_on_timeout === 1 ? [ROLLS_BACK] : []),
    { what: 'version', ok: true, text: versionText(connection.serverVersion) },
  ];
}

function versionText(version: string): string {
  return isNewerThanTested(version) ? `${version} is newer than what was tested` : version;
}

async function privilegeFindings(connection: Connection): Promise<CheckFinding[]> {
  const granted = await grantedHere(connection);
  const findings = missingOf(granted).map(
    (text): CheckFinding => ({ what: 'privilege', ok: false, text }),
  );
  if (findings.length === 0)
    findings.push({ what: 'privilege', ok: true, text: 'packages may be installed and called' });
  if (granted.has('SUPER'))
    findings.push({
      what: 'privilege',
      ok: false,
      text: 'the user has SUPER: more than ODTM needs (see "odtm client-script")',
    });
  if (!granted.has('PROCESS'))
    findings.push({
      what: 'privilege',
      ok: true,
      text: 'without PROCESS a doubt about EXCHANGE PARTITION after a crash asks a person',
    });
  return findings;
}

async function invalidFindings(connection: Connection): Promise<CheckFinding[]> {
  const rows = await connection.query<{ name: string }>(
    `SELECT CONCAT(t.table_schema, '.', t.table_name) AS name FROM information_schema.tables t
     WHERE t.table_schema = DATABASE() AND t.table_type = 'VIEW' AND t.table_comment LIKE '%invalid%'
     ORDER BY 1`,
  );
  if (rows.length === 0) return [{ what: 'invalid', ok: true, text: 'no view is invalid' }];
  const names = rows.map(({ name }) => name).join(', ');
  return [{ what: 'invalid', ok: false, text: `invalid view: ${names}` }];
}
