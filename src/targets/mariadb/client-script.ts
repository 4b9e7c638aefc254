import type { ClientScriptOptions } from '../../ports/target.ts';
import { PREVIEW_MARK } from './preview.ts';
import { quoteIdentifier, quoteText } from './quoting.ts';

/** The bootstrap script that a DBA runs once on the server of an instance. It may be run again. */
export function clientScript(options: ClientScriptOptions): string {
  const user = `${quoteText(options.user)}@'%'`;
  const database = quoteIdentifier(options.database);
  return [
    `-- ODTM bootstrap for MariaDB 10.6 and newer. Run it once as an administrator of the server.`,
    '-- It may be run again: what is there stays as it is.',
    '',
    '-- The schema of ODTM: framework, packages and their state tables, and the record of what has been',
    '-- done. Its collation tells capitals from small letters and keeps blanks at the end, as Oracle does.',
    `CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;`,
    '',
    '-- The user that ODTM logs in as. It is no administrator.',
    `CREATE USER IF NOT EXISTS ${user} ACCOUNT LOCK;`,
    '-- Give it a password and unlock it:',
    `--   ALTER USER ${user} IDENTIFIED BY '…' ACCOUNT UNLOCK;`,
    '',
    '-- Reason: tables, packages and the record in the schema of ODTM, and nothing outside of it.',
    `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,`,
    `  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, LOCK TABLES ON ${database}.* TO ${user};`,
    '',
    '-- Reason: a preview works in a schema of its own, which it makes and drops again. Leave this grant',
    '-- out where nobody previews.',
    `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,`,
    `  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, LOCK TABLES`,
    `  ON ${previewPattern(options.database)}.* TO ${user};`,
    '',
    '-- Reason: after a crash in the middle of EXCHANGE PARTITION, the ids of tables tell whether it has',
    '-- taken effect. Without it ODTM asks a person then. (PROCESS also shows the sessions of others.)',
    `GRANT PROCESS ON *.* TO ${user};`,
    '',
    '-- Only where packages call routines that belong to other users: while a session is in one it counts as',
    '-- theirs, and ODTM can neither cancel nor end it. This lets ODTM do so, but also with all others.',
    `--   GRANT CONNECTION ADMIN ON *.* TO ${user};`,
    '',
    ...options.owners.flatMap((owner) => ownerLines(owner, user)),
  ].join('\n');
}

/** The names of the schemas of previews, as a pattern of GRANT. */
function previewPattern(database: string): string {
  const escaped = `${database}${PREVIEW_MARK}`.replaceAll('_', '\\_').replaceAll('%', '\\%');
  return `\`${escaped.replaceAll('`', '``')}%\``;
}

function ownerLines(owner: string, user: string): string[] {
  return [
    `-- Reason: the packages work on the tables of ${owner}: they change rows, and do maintenance on`,
    '-- partitions, indexes and whole tables.',
    'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, LOCK TABLES',
    `  ON ${quoteIdentifier(owner)}.* TO ${user};`,
    '',
  ];
}
