import type { ClientScriptOptions } from '../../ports/target.ts';
import { FRAMEWORK } from '../protocol/install-parts.ts';
import { quoteIdentifier } from './quoting.ts';

/** The bootstrap script that a DBA runs once in the database of an instance. It may be run again. */
export function clientScript(options: ClientScriptOptions): string {
  const role = quoteIdentifier(options.user);
  const database = quoteIdentifier(options.database);
  return [
    `-- ODTM bootstrap for PostgreSQL 13 to 18. Run it once as a superuser in database ${database}.`,
    '-- It may be run again: what is there stays as it is.',
    '',
    '-- The role that ODTM logs in as. It is no superuser and bypasses nothing.',
    'DO $odtm$ BEGIN',
    '  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles',
    `                 WHERE rolname = ${literal(options.user)}) THEN`,
    `    CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;`,
    '  END IF;',
    'END $odtm$;',
    `-- Give it a password, for instance with psql: \\password ${options.user}`,
    '',
    '-- Reason: to connect, also where PUBLIC may not.',
    `GRANT CONNECT ON DATABASE ${database} TO ${role};`,
    '',
    ...schemaLines(options.packages, role, database),
    ...ownerLines(options.owners, role),
  ].join('\n');
}

function schemaLines(packages: readonly string[] | null, role: string, database: string): string[] {
  if (packages === null) {
    return [
      `-- Reason: ODTM creates schema ${FRAMEWORK} (framework and record) and one a package itself.`,
      '-- To grant less, make the schemas here instead: odtm client-script --packages NAME,NAME',
      `GRANT CREATE ON DATABASE ${database} TO ${role};`,
      '',
    ];
  }
  return [FRAMEWORK, ...packages].flatMap((schema) => [
    schema === FRAMEWORK
      ? '-- Reason: the framework that package code calls, and the record of what has been done here.'
      : `-- Reason: the procedures and state tables of package ${schema}.`,
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)} AUTHORIZATION ${role};`,
    '',
  ]);
}

function ownerLines(owners: readonly string[], role: string): string[] {
  return owners.flatMap((owner) => [
    `-- Reason: only the owner of a table may partition, index, cluster or drop it; ODTM acts as ${owner}`,
    '-- through membership, and may do with its tables what the packages ask for.',
    `GRANT ${quoteIdentifier(owner)} TO ${role};`,
    '',
  ]);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
