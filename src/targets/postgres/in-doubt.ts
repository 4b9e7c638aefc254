import type { Connection } from './connection.ts';
import type { PlainStatement } from './plain-sql.ts';

/** Catalogue facts from before a statement began, kept with its intent. Object ids are texts. */
export interface Facts {
  /** Indexes that were there on the tables concerned. */
  readonly indexes?: readonly string[];
  /** The index that is to be dropped. */
  readonly oid?: string | null;
  /** The partition was attached. */
  readonly attached?: boolean;
}

/** What looking has shown: in effect already; without effect (what it left is removed); or nothing. */
export type Resolution =
  | { readonly as: 'done'; readonly because: string }
  | { readonly as: 'again' }
  | { readonly as: 'unknown' };

/** Reads what a later doubt about the statement can be resolved by. */
export async function factsBefore(session: Connection, statement: PlainStatement): Promise<Facts> {
  switch (statement.kind) {
    case 'create index':
    case 'reindex':
      return { indexes: (await indexesOf(session, statement)).map(({ oid }) => oid) };
    case 'drop index':
      return { oid: await indexOid(session, statement.index) };
    case 'detach':
      return { attached: (await partitionState(session, statement)) !== 'detached' };
    default:
      return {};
  }
}

/** Decides by looking whether a statement that was begun has taken effect; removes what it left behind. */
export async function resolveDoubt(
  session: Connection,
  statement: PlainStatement,
  facts: Facts,
): Promise<Resolution> {
  switch (statement.kind) {
    case 'create index':
      return resolveCreate(session, statement, facts);
    case 'drop index': {
      const now = await indexOid(session, statement.index);
      if (facts.oid === null || facts.oid === undefined || now === facts.oid)
        return { as: 'again' };
      return { as: 'done', because: `index ${statement.index} is gone` };
    }
    case 'detach':
      return resolveDetach(session, statement, facts);
    case 'reindex':
      await dropIndexes(session, await invalidLeft(session, statement, facts));
      return { as: 'again' };
    case 'repeatable':
      return { as: 'again' };
    case 'other':
      return { as: 'unknown' };
  }
}

/** What a failed statement has left behind, in words; null: nothing. */
export async function leftBehind(
  session: Connection,
  statement: PlainStatement,
  facts: Facts,
): Promise<string | null> {
  if (statement.kind === 'create index' || statement.kind === 'reindex') {
    const left = await invalidLeft(session, statement, facts);
    if (left.length === 0) return null;
    const names = left.map(({ name }) => name).join(', ');
    return `It left the invalid index ${names} behind; the next try drops it first.`;
  }
  if (statement.kind === 'drop index') {
    const invalid = await isInvalid(session, statement.index);
    return invalid ? `It left index ${statement.index} invalid; the next try drops it.` : null;
  }
  if (statement.kind === 'detach' && (await partitionState(session, statement)) === 'pending') {
    return `It left ${statement.child} with its detach pending; the next try finalizes it.`;
  }
  return null;
}

async function resolveCreate(
  session: Connection,
  statement: PlainStatement & { kind: 'create index' },
  facts: Facts,
): Promise<Resolution> {
  const fresh = await freshIndexes(session, statement, facts);
  const [index] = fresh;
  if (index === undefined) return { as: 'again' };
  // Without a name in the statement two new indexes cannot be told apart.
  if (fresh.length > 1) return { as: 'unknown' };
  if (index.valid) return { as: 'done', because: `index ${index.name} is there and valid` };
  await dropIndexes(session, fresh);
  return { as: 'again' };
}

async function resolveDetach(
  session: Connection,
  statement: PlainStatement & { kind: 'detach' },
  facts: Facts,
): Promise<Resolution> {
  const { parent, child } = statement;
  const state = await partitionState(session, statement);
  if (state === 'attached' || facts.attached !== true) return { as: 'again' };
  if (state === 'pending') await finalizeDetach(session, parent, child);
  return { as: 'done', because: `${child} is no partition of ${parent} any more` };
}

interface IndexRow {
  readonly oid: string;
  readonly name: string;
  readonly relname: string;
  readonly valid: boolean;
  readonly being_built: boolean;
}

type IndexStatement = PlainStatement & { kind: 'create index' | 'reindex' };

/** Indexes that have come since, of those that the statement can have made. */
async function freshIndexes(
  session: Connection,
  statement: IndexStatement,
  facts: Facts,
): Promise<IndexRow[]> {
  const before = new Set(facts.indexes ?? []);
  const made = (await indexesOf(session, statement)).filter(
    ({ oid, being_built }) => !before.has(oid) && !being_built,
  );
  if (statement.kind === 'reindex')
    return made.filter(({ relname }) => /_cc(new|old)\d*$/.test(relname));
  const named = statement.name?.replace(/^.*\.(?=")/, '').slice(1, -1);
  return named === undefined
    ? made
    : made.filter(({ relname }) => relname === named.replaceAll('""', '"'));
}

async function invalidLeft(
  session: Connection,
  statement: IndexStatement,
  facts: Facts,
): Promise<IndexRow[]> {
  return (await freshIndexes(session, statement, facts)).filter(({ valid }) => !valid);
}

/** Indexes (not those of partitioned tables) of the tables, and their TOAST tables, in the scope. */
function indexesOf(session: Connection, statement: IndexStatement): Promise<IndexRow[]> {
  const scope = statement.kind === 'reindex' ? statement.scope : 'table';
  const name = statement.kind === 'reindex' ? statement.name : statement.table;
  return session.query<IndexRow>(
    `SELECT i.indexrelid::text AS oid, c.relname, i.indisvalid AS valid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
       EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index p
               WHERE p.index_relid = i.indexrelid) AS being_built
     FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
     LEFT JOIN pg_catalog.pg_class m ON m.reltoastrelid = t.oid
     WHERE CASE $1
       WHEN 'table' THEN pg_catalog.to_regclass($2)::oid IN (t.oid, m.oid)
       WHEN 'index' THEN t.oid = (SELECT x.indrelid FROM pg_catalog.pg_index x
                                  WHERE x.indexrelid = pg_catalog.to_regclass($2)::oid)
       WHEN 'schema' THEN pg_catalog.to_regnamespace($2)::oid IN (t.relnamespace, m.relnamespace)
       ELSE true END`,
    [scope, name],
  );
}

async function dropIndexes(session: Connection, indexes: readonly IndexRow[]): Promise<void> {
  for (const { name } of indexes) await session.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
}

async function indexOid(session: Connection, index: string): Promise<string | null> {
  const rows = await session.query<{ oid: string | null }>(
    'SELECT pg_catalog.to_regclass($1)::oid::text AS oid',
    [index],
  );
  return rows[0]?.oid ?? null;
}

async function isInvalid(session: Connection, index: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT 1 FROM pg_catalog.pg_index i
     WHERE i.indexrelid = pg_catalog.to_regclass($1)::oid AND NOT i.indisvalid`,
    [index],
  );
  return rows.length > 0;
}

/** Servers before 14 know no DETACH CONCURRENTLY, and have no column that tells of a pending one. */
async function partitionState(
  session: Connection,
  { parent, child }: PlainStatement & { kind: 'detach' },
): Promise<'attached' | 'pending' | 'detached'> {
  const pending = session.versionNum >= 140000 ? 'h.inhdetachpending' : 'false';
  const rows = await session.query<{ pending: boolean }>(
    `SELECT ${pending} AS pending FROM pg_catalog.pg_inherits h
     WHERE h.inhparent = pg_catalog.to_regclass($1)::oid
       AND h.inhrelid = pg_catalog.to_regclass($2)::oid`,
    [parent, child],
  );
  if (rows[0] === undefined) return 'detached';
  return rows[0].pending ? 'pending' : 'attached';
}

async function finalizeDetach(session: Connection, parent: string, child: string): Promise<void> {
  await session.query(`ALTER TABLE ${parent} DETACH PARTITION ${child} FINALIZE`);
}
