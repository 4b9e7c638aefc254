import type { Querier } from './connection.ts';
import type { CreatedObject } from './installed.ts';
import type { InstalledRoutine } from './package-lines.ts';
import { quoteIdentifier } from './quoting.ts';

/** An object of a schema with its id, by which a later one of the same name is told apart. */
export interface SchemaObject extends CreatedObject {
  readonly oid: string;
}

const SCHEMA_OID = 'pg_catalog.to_regnamespace(pg_catalog.quote_ident($1))::oid';

/** What code files can create: routines, views and types. Names are written by the current search_path. */
export function codeObjects(querier: Querier, schema: string): Promise<SchemaObject[]> {
  return querier.query<SchemaObject & Record<string, unknown>>(
    `SELECT p.oid::text, 'ROUTINE' AS kind, p.oid::regprocedure::text AS identity
     FROM pg_catalog.pg_proc p WHERE p.pronamespace = ${SCHEMA_OID}
     UNION ALL
     SELECT c.oid::text, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END,
       c.oid::regclass::text
     FROM pg_catalog.pg_class c WHERE c.relnamespace = ${SCHEMA_OID} AND c.relkind IN ('v', 'm')
     UNION ALL
     SELECT t.oid::text, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.oid::regtype::text
     FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
     WHERE t.typnamespace = ${SCHEMA_OID}
       AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))`,
    [schema],
  );
}

/**
 * Drops objects in whatever order their dependencies ask for, never what depends on them from outside:
 * such an object stays, for CREATE OR REPLACE to replace it.
 */
export async function dropObjects(
  querier: Querier,
  objects: readonly CreatedObject[],
): Promise<void> {
  let left = [...objects];
  for (let before = left.length + 1; left.length > 0 && left.length < before; ) {
    before = left.length;
    const kept: CreatedObject[] = [];
    for (const object of left) if (!(await tryDrop(querier, object))) kept.push(object);
    left = kept;
  }
}

async function tryDrop(querier: Querier, { kind, identity }: CreatedObject): Promise<boolean> {
  await querier.query('SAVEPOINT odtm_drop');
  try {
    await querier.query(`DROP ${kind} IF EXISTS ${identity} RESTRICT`);
    await querier.query('RELEASE SAVEPOINT odtm_drop');
    return true;
  } catch {
    await querier.query('ROLLBACK TO SAVEPOINT odtm_drop');
    return false;
  }
}

/** Routines of a schema, as error contexts name them. */
export async function readRoutines(
  querier: Querier,
  schema: string,
): Promise<readonly InstalledRoutine[]> {
  const rows = await querier.query<InstalledRoutine & Record<string, unknown>>(
    `SELECT p.oid::regprocedure::text AS signature, p.proname AS name, p.prosrc AS body
     FROM pg_catalog.pg_proc p WHERE p.pronamespace = ${SCHEMA_OID}`,
    [schema],
  );
  const prefixes = [`${schema}.`, `${quoteIdentifier(schema)}.`];
  const bare = (signature: string): string =>
    prefixes.reduce((text, prefix) => text.replaceAll(prefix, ''), signature);
  return rows.map((row) => ({ ...row, signature: bare(row.signature) }));
}

/** Procedures of a package that can be called with so many arguments, by name. */
export async function hasProcedure(
  querier: Querier,
  schema: string,
  name: string,
  argumentCount: number,
): Promise<boolean> {
  const rows = await querier.query(
    `SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = ${SCHEMA_OID} AND p.proname = $2
       AND p.prokind = 'p' AND $3::integer BETWEEN p.pronargs - p.pronargdefaults AND p.pronargs`,
    [schema, name, argumentCount],
  );
  return rows.length > 0;
}

/** Whether a schema is there, and whether anything is in it. */
export async function schemaState(
  querier: Querier,
  schema: string,
): Promise<'missing' | 'empty' | 'used'> {
  const rows = await querier.query<{ used: boolean | null }>(
    `SELECT CASE WHEN ${SCHEMA_OID} IS NOT NULL THEN
       EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.relnamespace = ${SCHEMA_OID})
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = ${SCHEMA_OID})
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_type t WHERE t.typnamespace = ${SCHEMA_OID}) END AS used`,
    [schema],
  );
  const used = rows[0]?.used ?? null;
  if (used === null) return 'missing';
  return used ? 'used' : 'empty';
}

/** Whether this session may look into a schema and create objects there. */
export async function mayCreateIn(querier: Querier, schema: string): Promise<boolean> {
  const rows = await querier.query<{ may: boolean }>(
    `SELECT pg_catalog.has_schema_privilege($1, 'USAGE')
       AND pg_catalog.has_schema_privilege($1, 'CREATE') AS may`,
    [schema],
  );
  return rows[0]?.may === true;
}

/** Drops a schema with all that is in it. */
export async function dropSchema(querier: Querier, schema: string): Promise<void> {
  await querier.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} CASCADE`);
}

/** Drops everything that is in a schema, which itself stays: a DBA has made it. */
export async function emptySchema(querier: Querier, schema: string): Promise<void> {
  const rows = await querier.query<CreatedObject & Record<string, unknown>>(
    `SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
       WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind, c.oid::regclass::text AS identity
     FROM pg_catalog.pg_class c
     WHERE c.relnamespace = ${SCHEMA_OID} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
     ORDER BY c.relkind = 'S'`,
    [schema],
  );
  const code = await codeObjects(querier, schema);
  for (const { kind, identity } of [...rows, ...code])
    await querier.query(`DROP ${kind} IF EXISTS ${identity} CASCADE`);
}
