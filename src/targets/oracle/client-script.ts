import type { ClientScriptOptions } from '../../ports/target.ts';
import { type Grant, OWNER_GRANTS, RARE_GRANTS, SYSTEM_GRANTS, VIEW_GRANTS } from './grants.ts';

/** The bootstrap script that a DBA runs once in the database of an instance. It may be run again. */
export function clientScript(options: ClientScriptOptions): string {
  const user = identifier(options.user);
  return [
    '-- ODTM bootstrap for Oracle 19c to 26ai. Run it once with SQL*Plus or SQLcl as SYSTEM or another DBA;',
    '-- the grants on views of SYS need SYSDBA. It may be run again: what is there stays as it is.',
    '',
    ...containerLines(options.database),
    'WHENEVER SQLERROR EXIT FAILURE',
    'SET DEFINE ON VERIFY OFF',
    '',
    ...userLines(user),
    ...SYSTEM_GRANTS.flatMap((grant) => grantLines(grant, user)),
    ...(options.owners.length === 0 ? objectLines(user) : ownersLines(options.owners, user)),
    ...rareLines(user),
    '-- Each of the following may be left out: it says what is missed then. Where nobody may grant what SYS',
    '-- has, as in a database that is a service, it fails and the script goes on; use its own way there.',
    'WHENEVER SQLERROR CONTINUE',
    '',
    ...VIEW_GRANTS.flatMap((grant) => grantLines(grant, user)),
    'UNDEFINE odtm_password',
    '',
  ].join('\n');
}

/** Oracle's rule for names that need no quotes; they are the same in capitals. */
function identifier(name: string): string {
  return /^[A-Za-z][\w$#]*$/.test(name) ? name.toUpperCase() : `"${name.replaceAll('"', '')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The name inside a literal of the catalogue: without quotes. */
function catalogueName(quoted: string): string {
  return literal(quoted.replaceAll('"', ''));
}

/** A service name mostly is the name of the pluggable database, with a domain behind it. */
function containerLines(database: string): string[] {
  const container = identifier(database.split('.')[0] ?? database);
  return [
    '-- From the root of a container database into the pluggable one. In a database without containers this',
    '-- line fails, which does no harm; where the pluggable database has another name, write that one here.',
    `ALTER SESSION SET CONTAINER = ${container};`,
    '',
  ];
}

/** The password is asked for and stands nowhere in the script. */
function userLines(user: string): string[] {
  return [
    '-- The user that ODTM logs in as; it owns the framework, the packages and their state tables.',
    `ACCEPT odtm_password CHAR PROMPT 'Password for user ${user} (if it is new): ' HIDE`,
    `ACCEPT odtm_tablespace CHAR DEFAULT 'USERS' PROMPT 'Tablespace of its tables (USERS): '`,
    'DECLARE',
    '  v_there NUMBER;',
    'BEGIN',
    `  SELECT COUNT(*) INTO v_there FROM dba_users WHERE username = ${catalogueName(user)};`,
    '  IF v_there = 0 THEN',
    `    EXECUTE IMMEDIATE 'CREATE USER ${user} IDENTIFIED BY ' || q'~"&&odtm_password"~'`,
    "      || ' DEFAULT TABLESPACE &&odtm_tablespace';",
    '  END IF;',
    'END;',
    '/',
    '-- Reason: the record, the state tables and what packages keep for a while need room. 1G is plenty to',
    '-- begin with; tables to exchange partitions with count to the quota of their own owner.',
    `ALTER USER ${user} QUOTA 1G ON &&odtm_tablespace;`,
    '',
  ];
}

function grantLines({ privilege, reason }: Grant, user: string): string[] {
  return [`-- Reason: ${reason}`, `GRANT ${privilege} TO ${user};`, ''];
}

/** Nothing with ANY in its name: the owner of each table grants what its packages do with it. */
function objectLines(user: string): string[] {
  return [
    '-- No ANY privilege: for each table that a package works on, its owner or a DBA grants what is done',
    '-- with it. Remove the dashes, and write owner and table.',
    `--   GRANT SELECT ON owner.table_name TO ${user};                          -- it is read`,
    `--   GRANT INSERT, UPDATE, DELETE ON owner.table_name TO ${user};          -- its rows are changed`,
    `--   GRANT ALTER ON owner.table_name TO ${user};                           -- its columns, constraints`,
    `--   GRANT INDEX, REFERENCES ON owner.table_name TO ${user};               -- indexes, foreign keys`,
    '-- No such grant covers DROP TABLE, TRUNCATE, DROP PARTITION, EXCHANGE PARTITION with a new table, or',
    '-- indexes of another owner. For these either a procedure of the owner is called by the package',
    `--   GRANT EXECUTE ON owner.procedure_name TO ${user};`,
    '-- or the privileges are granted as a whole: odtm client-script --engine oracle --owner NAME.',
    '',
  ];
}

/** From 23ai on a privilege can be confined to a schema; before, ANY means the tables of every owner. */
function ownersLines(owners: readonly string[], user: string): string[] {
  const names = owners.map(identifier);
  return [
    `-- The tables of ${names.join(', ')}. From 23ai on the privileges hold in these schemas alone; before`,
    '-- that Oracle knows them for all schemas only (but SYS), so give them to a user with no other work.',
    ...OWNER_GRANTS.map(({ privilege, reason }) => `-- Reason for ${privilege}: ${reason}`),
    'BEGIN',
    '  FOR r IN (',
    ...names.map(
      (name, index) =>
        `    ${index === 0 ? '' : 'UNION ALL '}SELECT ${literal(name)} AS owner FROM dual`,
    ),
    '  ) LOOP',
    ...OWNER_GRANTS.flatMap(({ privilege }) => [
      `    EXECUTE IMMEDIATE 'GRANT ${privilege}' || CASE WHEN dbms_db_version.version >= 23`,
      `      THEN ' ON SCHEMA ' || r.owner END || ' TO ${user}';`,
    ]),
    '  END LOOP;',
    'END;',
    '/',
    '',
  ];
}

function rareLines(user: string): string[] {
  return [
    '-- For some operations only: remove the dashes where it applies.',
    ...RARE_GRANTS.flatMap(({ privilege, reason }) => [
      `-- Reason: ${reason}`,
      `--   GRANT ${privilege} TO ${user};`,
    ]),
    '',
  ];
}
