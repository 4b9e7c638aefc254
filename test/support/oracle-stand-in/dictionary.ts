/** The schema that package code and its dictionary stand in. */
export interface StandInSchema {
  /** The database of MariaDB. */
  readonly database: string;
  /** The user as Oracle names it, in capitals. */
  readonly user: string;
}

/** Privileges that the user of the bootstrap script has. */
const PRIVILEGES = ['CREATE SESSION', 'CREATE TABLE', 'CREATE SEQUENCE', 'CREATE PROCEDURE'];

/** Objects that are none of the instance's: they stand for what Oracle has by itself. */
export const DICTIONARY_OBJECTS = [
  'ora$source',
  'ora$error',
  'ora$object',
  'user_source',
  'user_errors',
  'user_objects',
  'user_tables',
  'user_views',
  'session_privs',
  'user_sys_privs',
  'all_tab_privs',
  'all_objects',
  'sys_context',
];

function granted(): string {
  return PRIVILEGES.map((name) => `SELECT '${name}' AS privilege FROM dual`).join(' UNION ALL ');
}

/** Statements that make the dictionary: tables for the sources, and Oracle's views over them. */
export function dictionaryStatements({ database, user }: StandInSchema): string[] {
  const schema = `'${database}'`;
  return [
    `CREATE TABLE ora$source (name VARCHAR(128) NOT NULL, type VARCHAR(20) NOT NULL, line INTEGER NOT NULL,
       text LONGTEXT, PRIMARY KEY (name, type, line))`,
    `CREATE TABLE ora$error (name VARCHAR(128) NOT NULL, type VARCHAR(20) NOT NULL, sequence INTEGER NOT NULL,
       line INTEGER NOT NULL, position INTEGER NOT NULL, text LONGTEXT, attribute VARCHAR(9) NOT NULL)`,
    `CREATE TABLE ora$object (object_name VARCHAR(128) NOT NULL, object_type VARCHAR(23) NOT NULL,
       status VARCHAR(7) NOT NULL, PRIMARY KEY (object_name, object_type))`,
    'CREATE VIEW user_source AS SELECT s.name, s.type, s.line, s.text FROM ora$source s',
    `CREATE VIEW user_errors AS SELECT e.name, e.type, e.sequence, e.line, e.position, e.text, e.attribute
       FROM ora$error e`,
    `CREATE VIEW user_tables AS SELECT UPPER(t.table_name) AS table_name FROM information_schema.tables t
       WHERE t.table_schema = ${schema} AND t.table_type = 'BASE TABLE' AND t.table_name NOT LIKE 'ora$%'`,
    `CREATE VIEW user_objects AS SELECT o.object_name, o.object_type, o.status FROM ora$object o
       UNION ALL SELECT t.table_name, 'TABLE', 'VALID' FROM user_tables t`,
    "CREATE VIEW user_views AS SELECT '-' AS view_name, '-' AS text FROM dual WHERE 1 = 0",
    `CREATE VIEW session_privs AS ${granted()}`,
    `CREATE VIEW user_sys_privs AS ${granted()}`,
    // Nobody has granted anything on an object; a test puts its own in place of these.
    `CREATE VIEW all_tab_privs AS SELECT '-' AS grantee, '-' AS table_schema, '-' AS table_name,
       '-' AS privilege FROM dual WHERE 1 = 0`,
    `CREATE VIEW all_objects AS SELECT '${user}' AS owner, o.object_name, o.object_type FROM user_objects o`,
    `CREATE FUNCTION sys_context (p_namespace VARCHAR2(30), p_name VARCHAR2(30)) RETURN VARCHAR2(256) AS
     BEGIN
       RETURN CASE p_name WHEN 'CURRENT_USER' THEN '${user}' WHEN 'SERVICE_NAME' THEN '${database}'
         WHEN 'CON_NAME' THEN 'STANDIN' WHEN 'DATABASE_ROLE' THEN 'PRIMARY' ELSE NULL END;
     END`,
  ];
}
