import type { ClientScriptOptions } from '../../ports/target.ts';
import { PREVIEW_MARK } from './preview.ts';
import { quoteIdentifier, quoteText } from './quoting.ts';

/** The bootstrap script that a DBA runs once on the server of an instance. It may be run again. */
export function clientScript(options: ClientScriptOptions): string {
  const user = `${quoteText(options.user)}@'%'`;
  const database = quoteIdentifier(options.database);
  return [
    `-- ODTM bootstrap for MariaDB 10.6 and newer. Run it once as an administrator of the server.`,
    '-- It may be run again: what is there stays as it is. In the name of a schema in a GRANT a _ stands for',
    '-- any character, so it is written \\_ here. Of several grants to a user that a schema fits, the server',
    '-- looks at the one with the narrowest name alone: write grants of your own in the same way.',
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
    `  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, LOCK TABLES`,
    `  ON ${schemaPattern(options.database)}.* TO ${user};`,
    '',
    '-- Reason: a preview works in a schema of its own, which it makes and drops again. Leave this grant',
    '-- out where nobody previews.',
    `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,`,
    `  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, LOCK TABLES`,
    `  ON ${schemaPattern(options.database, `${PREVIEW_MARK.replaceAll('_', '\\_')}%`)}.* TO ${user};`,
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

/** The longest pattern that the server keeps, in characters. */
const MAX_PATTERN_LENGTH = 64;

/**
 * A schema as GRANT takes it: a pattern, in which _ and % stand for any characters. Where the name is so long
 * that they cannot all be escaped it stays as it is, and is the pattern of some more schemas.
 */
function schemaPattern(name: string, more = ''): string {
  const quoted = quoteIdentifier(name);
  const escaped = quoted.replaceAll(/[\\_%]/g, '\\$&');
  const fits = [...escaped].length - 2 + more.length <= MAX_PATTERN_LENGTH;
  return `${(fits ? escaped : quoted).slice(0, -1)}${more}\``;
}

function ownerLines(owner: string, user: string): string[] {
  return [
    `-- Reason: the packages work on the tables of ${owner}: they change rows, and do maintenance on`,
    '-- partitions, indexes and whole tables.',
    'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, LOCK TABLES',
    `  ON ${schemaPattern(owner)}.* TO ${user};`,
    '',
  ];
}
