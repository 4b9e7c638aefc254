import { isOdtmError } from '../../core/errors/catalogue.ts';
import { TargetError } from '../../ports/target.ts';
import { privilegeMissing } from '../protocol/install-parts.ts';
import type { Connection } from './connection.ts';
import { isDenied } from './errors.ts';
import type { InstallPlace } from './install.ts';

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

interface GrantRow {
  readonly grantee: string;
  /** Null: on everything. */
  readonly pattern: string | null;
  readonly privilege: string;
}

/** Privileges of the user on everything, or on the schema of the session. */
export async function grantedHere(connection: Connection): Promise<ReadonlySet<string>> {
  const rows = await connection.query<GrantRow>(
    `SELECT u.grantee, NULL AS pattern, u.privilege_type AS privilege
     FROM information_schema.user_privileges u
     UNION ALL SELECT s.grantee, s.table_schema, s.privilege_type
     FROM information_schema.schema_privileges s WHERE DATABASE() LIKE s.table_schema`,
  );
  const narrowest = new Map<string, number>();
  for (const { grantee, pattern } of rows)
    narrowest.set(grantee, Math.max(narrowest.get(grantee) ?? 0, narrowness(pattern)));
  const granted = rows.filter(
    ({ grantee, pattern }) => pattern === null || narrowness(pattern) === narrowest.get(grantee),
  );
  return new Set(granted.map(({ privilege }) => privilege));
}

/** Of the patterns that a schema fits the server looks at one: the one whose first wildcard comes last. */
function narrowness(pattern: string | null): number {
  const at = (pattern ?? '%').replaceAll(/\\./g, '..').search(/[_%]/);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}

/** What is needed and not among these, each with the reason. */
export function missingOf(granted: ReadonlySet<string>): readonly string[] {
  return NEEDED.flatMap(([privilege, why]) =>
    granted.has(privilege) ? [] : [`${privilege} is missing here, ${why}`],
  );
}

/**
 * Does the work of an install. Where the server denies something, what lacks is named: the server itself does
 * not always name the privilege, and never more than the first.
 * @throws OdtmError PRIVILEGE_MISSING, and what the work throws
 */
export async function namingPrivileges<T>(
  connection: Connection,
  place: InstallPlace,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const denied = error instanceof TargetError && isDenied(error);
    if (!denied && !isOdtmError(error, 'PRIVILEGE_MISSING')) throw error;
    const missing = missingOf(await grantedHere(connection));
    if (missing.length > 0) throw privilegeMissing(place, missing.join('; '), error);
    throw denied ? privilegeMissing(place, error.message, error) : error;
  }
}
