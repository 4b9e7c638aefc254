import { createHash } from 'node:crypto';
import type { CreatedObject } from '../plsql/installed.ts';
import type { Querier } from '../plsql/querier.ts';
import type { Schema } from '../plsql/schema.ts';
import type { SourceUnit } from '../plsql/source-units.ts';
import { lex } from '../plsql/tokens.ts';
import type { Fingerprint } from '../protocol/drift.ts';
import { type Connection, failedWith } from './connection.ts';
import { framework } from './framework.ts';
import { quoteIdentifier } from './quoting.ts';

/** Kinds of objects that hold no data and are replaced as a whole. */
const CODE_KINDS = new Set([
  'package',
  'package body',
  'procedure',
  'function',
  'view',
  'trigger',
  'event',
]);

export function isCode({ kind }: CreatedObject): boolean {
  return CODE_KINDS.has(kind);
}

/** What a unit of a file creates, with its name as the catalogue has it; null: nothing that has a name. */
export function createdBy(unit: SourceUnit): CreatedObject | null {
  if (unit.kind !== 'sql' && unit.kind !== 'block')
    return unit.name === null ? null : { kind: unit.kind, name: unit.name.toLowerCase() };
  const words = lex(unit.text)
    .filter(({ kind }) => kind !== 'space' && kind !== 'comment')
    .slice(0, 12)
    .map(({ text }) => text);
  const head = words.join(' ');
  const match =
    /^create (?:or replace )?(?:unique )?(table|view|sequence|event|index) (?:if not exists )?(\S+)/i.exec(
      head,
    );
  const [, kind = '', name = ''] = match ?? [];
  if (match === null || kind.toLowerCase() === 'index') return null;
  return { kind: kind.toLowerCase(), name: name.replaceAll(/["`]/g, '').toLowerCase() };
}

/** Hashes of the definitions of objects, under names as people say them; of those that are there. */
export async function readFingerprint(
  querier: Querier,
  objects: readonly CreatedObject[],
): Promise<Fingerprint> {
  const rows = await querier.query<{ kind: string; name: string; definition: string | null }>(
    `SELECT LOWER(r.routine_type) AS kind, LOWER(r.routine_name) AS name,
       CONCAT_WS('|', r.routine_definition, r.sql_data_access, r.security_type, r.sql_mode) AS definition
     FROM information_schema.routines r WHERE r.routine_schema = DATABASE()
     UNION ALL
     SELECT 'view', LOWER(v.table_name), v.view_definition
     FROM information_schema.views v WHERE v.table_schema = DATABASE()
     UNION ALL
     SELECT 'trigger', LOWER(t.trigger_name), CONCAT_WS('|', t.action_timing, t.event_manipulation,
       t.event_object_table, t.action_statement)
     FROM information_schema.triggers t WHERE t.trigger_schema = DATABASE()`,
  );
  const found = new Map(rows.map(({ kind, name, definition }) => [`${kind} ${name}`, definition]));
  const entries = objects.filter(isCode).flatMap(({ kind, name }) => {
    const definition = found.get(`${kind} ${name}`);
    if (definition === undefined) return [];
    const hash = createHash('md5')
      .update(definition ?? '')
      .digest('hex');
    return [[`${kind} ${name}`, hash] as const];
  });
  return Object.fromEntries(entries);
}

/** No such database, table, routine, trigger, event: each kind has its number. */
const MISSING = [1049, 1146, 1305, 1360, 1539];

/**
 * The statement that would create an object as it is now; null: it is not there; empty: it is, and the server
 * does not show it to this user.
 * @throws TargetError where the server does not tell whether it is there
 */
export async function definitionOf(
  connection: Connection,
  { kind, name }: CreatedObject,
): Promise<string | null> {
  try {
    const rows = await connection.query<Record<string, string | null>>(
      `SHOW CREATE ${kind.toUpperCase()} ${quoteIdentifier(name)}`,
    );
    const columns = Object.entries(rows[0] ?? {});
    const text = columns.find(([column]) => /^(create |sql original)/i.test(column))?.[1] ?? '';
    return text.replace(/^CREATE /, kind === 'trigger' ? 'CREATE ' : 'CREATE OR REPLACE ');
  } catch (error) {
    // A name that no object can have is refused by the statement that wants to create it.
    if (error instanceof RangeError || failedWith(error, ...MISSING)) return null;
    throw error;
  }
}

/** Drops an object if it is there. */
export async function dropObject(querier: Querier, { kind, name }: CreatedObject): Promise<void> {
  await querier.query(`DROP ${kind.toUpperCase()} IF EXISTS ${quoteIdentifier(name)}`);
}

/** Whether the framework's tables are there. */
export async function hasFramework(querier: Querier): Promise<boolean> {
  const rows = await querier.query(
    `SELECT 1 FROM information_schema.tables t
     WHERE t.table_schema = DATABASE() AND t.table_name = 'dom$installed'`,
  );
  return rows.length > 0;
}

/** The schema of the instance's user. */
export const mariadbSchema: Schema = {
  framework,
  hasFramework,
  readFingerprint,
  beforeChanges: async () => undefined,
  dropObject,
  isCode,
};
