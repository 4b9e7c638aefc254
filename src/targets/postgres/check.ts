import type { PackageVersion } from '../../core/definitions/model.ts';
import type { TaskNeed } from '../../core/definitions/privilege.ts';
import type { CheckFinding } from '../../ports/target.ts';
import { driftFinding, FRAMEWORK, findingsOf, versionFinding } from '../protocol/install-parts.ts';
import type { Connection } from './connection.ts';
import { reasonOf } from './errors.ts';
import { readFingerprint } from './fingerprint.ts';
import { framework } from './framework.ts';
import { readInstalled } from './installed.ts';
import { taskNeedFindings } from './needs.ts';
import { hasFramework } from './record-sql.ts';
import { mayCreateIn, schemaState } from './schema-objects.ts';

/** The newest major version that the tests have been run on. */
const NEWEST_TESTED = 18;

/** Looks at an instance for `odtm check`. What cannot be looked at is a finding as well. */
export function checkInstance(
  connection: Connection,
  packages: readonly PackageVersion[],
  needs: readonly TaskNeed[],
): Promise<readonly CheckFinding[]> {
  const looks = [
    () => connectFindings(connection),
    () => privilegeFindings(connection, packages),
    () => taskNeedFindings(connection, needs),
    () => installFindings(connection, packages),
    () => invalidIndexFindings(connection),
  ];
  return findingsOf(looks, reasonOf);
}

async function connectFindings(connection: Connection): Promise<CheckFinding[]> {
  const rows = await connection.query<{ text: string; standby: boolean }>(
    `SELECT pg_catalog.format('connected to database %s as %s', pg_catalog.current_database(),
       current_user) AS text, pg_catalog.pg_is_in_recovery() AS standby`,
  );
  const major = Math.floor(connection.versionNum / 10_000);
  const version = `PostgreSQL ${connection.serverVersion}`;
  return [
    { what: 'connect', ok: true, text: rows[0]?.text ?? 'connected' },
    rows[0]?.standby === true
      ? { what: 'connect', ok: false, text: 'the server is a standby: nothing can be written' }
      : { what: 'connect', ok: true, text: 'the server accepts writes' },
    {
      what: 'version',
      ok: true,
      text: major > NEWEST_TESTED ? `${version} is newer than what was tested` : version,
    },
  ];
}

async function privilegeFindings(
  connection: Connection,
  packages: readonly PackageVersion[],
): Promise<CheckFinding[]> {
  const rows = await connection.query<{ create_schemas: boolean; superuser: boolean }>(
    `SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS create_schemas,
       r.rolsuper AS superuser FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  );
  const findings: CheckFinding[] = [];
  for (const schema of [FRAMEWORK, ...packages.map(({ name }) => name)]) {
    const state = await schemaState(connection, schema);
    const may =
      state === 'missing'
        ? rows[0]?.create_schemas === true
        : await mayCreateIn(connection, schema);
    const text =
      state === 'missing'
        ? `schema ${schema} is not there and may ${may ? '' : 'not '}be created (CREATE on the database)`
        : `objects may ${may ? '' : 'not '}be created in schema ${schema}`;
    findings.push({ what: 'privilege', ok: may, text });
  }
  if (rows[0]?.superuser === true) {
    const text = 'the role is a superuser: more than ODTM needs (see "odtm client-script")';
    findings.push({ what: 'privilege', ok: false, text });
  }
  return findings;
}

async function installFindings(
  connection: Connection,
  packages: readonly PackageVersion[],
): Promise<CheckFinding[]> {
  const there = await hasFramework(connection);
  const { sha256 } = await framework();
  const parts = [{ name: FRAMEWORK, sha256 }, ...packages];
  const findings: CheckFinding[] = [];
  for (const part of parts) {
    const installed = there ? await readInstalled(connection, part.name) : null;
    findings.push(versionFinding(part, installed));
    if (installed === null) continue;
    const actual = await connection.transaction(() => readFingerprint(connection, part.name));
    findings.push(driftFinding(`schema ${part.name}`, installed.fingerprint, actual));
  }
  return findings;
}

async function invalidIndexFindings(connection: Connection): Promise<CheckFinding[]> {
  const rows = await connection.query<{ name: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT i.indisvalid AND NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
     ORDER BY 1`,
  );
  if (rows.length === 0) return [{ what: 'invalid', ok: true, text: 'no index is invalid' }];
  const names = rows.map(({ name }) => name).join(', ');
  return [{ what: 'invalid', ok: false, text: `invalid index: ${names}` }];
}
