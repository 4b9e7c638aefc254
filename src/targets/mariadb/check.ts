import type { PackageVersion } from '../../core/definitions/model.ts';
import type { CheckFinding } from '../../ports/target.ts';
import { FRAMEWORK, type Installed, readInstalled } from '../plsql/installed.ts';
import { compareFingerprints, driftText } from '../protocol/drift.ts';
import type { Connection } from './connection.ts';
import { reasonOf } from './errors.ts';
import { framework } from './framework.ts';
import { hasFramework, readFingerprint } from './schema-objects.ts';

/** The newest version that the tests have been run on. */
const NEWEST_TESTED: readonly [number, number] = [10, 11];

/** Looks at an instance for `odtm check`. What cannot be looked at is a finding as well. */
export async function checkInstance(
  connection: Connection,
  packages: readonly PackageVersion[],
): Promise<readonly CheckFinding[]> {
  const looks = [
    () => connectFindings(connection),
    () => privilegeFindings(connection),
    () => installFindings(connection, packages),
    () => invalidFindings(connection),
  ];
  const findings: CheckFinding[] = [];
  for (const look of looks) {
    try {
      findings.push(...(await look()));
    } catch (error) {
      findings.push({ what: 'connect', ok: false, text: reasonOf(error) });
    }
  }
  return findings;
}

interface ServerRow {
  readonly me: string;
  readonly read_only: number;
  readonly lower_case: number;
}

async function connectFindings(connection: Connection): Promise<CheckFinding[]> {
  const rows = await connection.query<ServerRow>(
    `SELECT CURRENT_USER() AS me, @@GLOBAL.read_only AS read_only,
       @@lower_case_table_names AS lower_case FROM dual`,
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
    { what: 'version', ok: true, text: versionText(connection.serverVersion) },
  ];
}

function versionText(version: string): string {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)\.\d+-MariaDB/.exec(version) ?? [];
  const [testedMajor, testedMinor] = NEWEST_TESTED;
  const newer =
    Number(major) > testedMajor || (Number(major) === testedMajor && Number(minor) > testedMinor);
  return newer ? `${version} is newer than what was tested` : version;
}

/** What ODTM does in its own schema, and the task that needs it. */
const NEEDED: readonly [privilege: string, why: string][] = [
  ['CREATE', 'to create framework and state tables'],
  ['DROP', 'to replace and uninstall packages'],
  ['ALTER', 'to change state tables'],
  ['INDEX', 'to create state tables'],
  ['SELECT', 'to read the record'],
  ['INSERT', 'to write the record'],
  ['UPDATE', 'to write the record'],
  ['DELETE', 'to write the record'],
  ['CREATE ROUTINE', 'to install packages'],
  ['ALTER ROUTINE', 'to replace packages'],
  ['EXECUTE', 'to call packages'],
];

async function privilegeFindings(connection: Connection): Promise<CheckFinding[]> {
  const granted = await grantedHere(connection);
  const findings = NEEDED.flatMap(([privilege, why]): CheckFinding[] =>
    granted.has(privilege)
      ? []
      : [{ what: 'privilege', ok: false, text: `${privilege} is missing here, ${why}` }],
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

/** Privileges of the user on everything, or on the schema of the session. */
async function grantedHere(connection: Connection): Promise<ReadonlySet<string>> {
  const rows = await connection.query<{ privilege: string }>(
    `SELECT u.privilege_type AS privilege FROM information_schema.user_privileges u
     UNION SELECT s.privilege_type FROM information_schema.schema_privileges s
     WHERE DATABASE() LIKE s.table_schema`,
  );
  return new Set(rows.map(({ privilege }) => privilege));
}

async function installFindings(
  connection: Connection,
  packages: readonly PackageVersion[],
): Promise<CheckFinding[]> {
  const there = await hasFramework(connection);
  const { sha256 } = await framework();
  const findings: CheckFinding[] = [];
  for (const part of [{ name: FRAMEWORK, sha256 }, ...packages]) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    const what = part.name === FRAMEWORK ? 'framework' : 'package';
    findings.push({ what, ok: true, text: stateText(part.name, installed, part.sha256) });
    if (installed !== null) findings.push(await driftFinding(connection, part.name, installed));
  }
  return findings;
}

function stateText(name: string, installed: Installed | null, sha256: string): string {
  const part = name === FRAMEWORK ? 'the framework' : `package ${name}`;
  if (installed === null) return `${part} is not installed yet; the first run installs it`;
  if (installed.sha256 === sha256) return `${part} is installed in its newest version`;
  return `${part} is installed in an older version; the next run installs the newest`;
}

async function driftFinding(
  connection: Connection,
  name: string,
  installed: Installed,
): Promise<CheckFinding> {
  const actual = await readFingerprint(connection, installed.objects);
  const drifts = compareFingerprints(installed.fingerprint, actual);
  const text =
    drifts.length === 0
      ? `${name} is as it was installed`
      : `somebody changed ${name} by hand: ${driftText(drifts)}`;
  return { what: 'drift', ok: drifts.length === 0, text };
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
