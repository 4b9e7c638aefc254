import type { Querier } from './connection.ts';

/** Routine or view, as people name it (`purge.rebuild(text)`) → hash of its definition. */
export type Fingerprint = Readonly<Record<string, string>>;

/** One difference between what was installed and what is there. */
export interface Drift {
  readonly name: string;
  readonly how: 'changed' | 'missing' | 'added';
}

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

/** What differs, in the order of names. */
export function compareFingerprints(installed: Fingerprint, actual: Fingerprint): Drift[] {
  const drifts: Drift[] = [];
  for (const name of Object.keys({ ...installed, ...actual }).sort()) {
    if (actual[name] === installed[name]) continue;
    if (actual[name] === undefined) drifts.push({ name, how: 'missing' });
    else drifts.push({ name, how: installed[name] === undefined ? 'added' : 'changed' });
  }
  return drifts;
}

/** `purge.rebuild(text) changed, purge.old(text) missing`. */
export function driftText(drifts: readonly Drift[]): string {
  return drifts.map(({ name, how }) => `${name} ${how}`).join(', ');
}
