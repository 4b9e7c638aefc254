import type { Fingerprint } from '../protocol/drift.ts';
import type { Querier } from './connection.ts';

/**
 * Hashes of all routines and views of a schema. Must run in a transaction: it sets the search_path there,
 * because the server writes names in definitions by it.
 */
export async function readFingerprint(querier: Querier, schema: string): Promise<Fingerprint> {
  await querier.query(`SELECT pg_catalog.set_config('search_path', '', true)`);
  const rows = await querier.query<{ name: string; hash: string }>(
    `SELECT p.oid::regprocedure::text AS name, pg_catalog.md5(CASE
         WHEN p.prokind IN ('f', 'p') THEN pg_catalog.pg_get_functiondef(p.oid)
         ELSE (SELECT a::text FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid) END) AS hash
     FROM pg_catalog.pg_proc p
     WHERE p.pronamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident($1))::oid
     UNION ALL
     SELECT c.oid::regclass::text, pg_catalog.md5(pg_catalog.pg_get_viewdef(c.oid))
     FROM pg_catalog.pg_class c
     WHERE c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident($1))::oid
       AND c.relkind IN ('v', 'm')`,
    [schema],
  );
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}
