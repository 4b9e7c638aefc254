import type { CreatedObject } from '../plsql/installed.ts';
import { keyOf } from '../plsql/installed-objects.ts';
import type { Querier } from '../plsql/querier.ts';
import type { Schema } from '../plsql/schema.ts';
import type { SourceUnit } from '../plsql/source-units.ts';
import { lex } from '../plsql/tokens.ts';
import type { Fingerprint } from '../protocol/drift.ts';
import { hashOf } from '../protocol/framework-files.ts';
import { errorNumber } from './errors.ts';
import { framework } from './framework.ts';
import { quoteIdentifier } from './quoting.ts';

/** Kinds of objects whose source the server keeps as it was written. */
const SOURCE_KINDS = [
  'package',
  'package body',
  'procedure',
  'function',
  'trigger',
  'type',
  'type body',
];

/** Whether an object holds no data and is replaced as a whole. */
export function isCode({ kind }: CreatedObject): boolean {
  return SOURCE_KINDS.includes(kind) || kind === 'view';
}

const BEFORE_KIND =
  '(?:or replace |(?:global|private) temporary |(?:no )?force |(?:non)?editionable |public )*';
const PLAIN = new RegExp(`^create ${BEFORE_KIND}(table|view|sequence|synonym) (\\S+)`, 'i');

/** What a unit of a file creates, with its name as the catalogue has it; null: nothing that has a name. */
export function createdBy(unit: SourceUnit): CreatedObject | null {
  if (unit.kind !== 'sql' && unit.kind !== 'block') {
    const kind = unit.kind === 'type' && isTypeBody(unit) ? 'type body' : unit.kind;
    return unit.name === null ? null : { kind, name: unit.name.toUpperCase() };
  }
  const [, kind, name] = PLAIN.exec(headOf(unit)) ?? [];
  if (kind === undefined || name === undefined) return null;
  return { kind: kind.toLowerCase(), name: name.replaceAll('"', '').toUpperCase() };
}

function headOf({ text }: SourceUnit): string {
  const code = lex(text).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  return code
    .slice(0, 12)
    .map((token) => token.text)
    .join(' ');
}

function isTypeBody(unit: SourceUnit): boolean {
  return /^create (?:or replace )?(?:(?:non)?editionable )?type body /i.test(headOf(unit));
}

/** An object as people name it. */
export function described({ kind, name }: CreatedObject): string {
  return `${kind} ${name.toLowerCase()}`;
}

/** `:1, :2, …` for a list of values. */
export function places(values: readonly unknown[]): string {
  return values.map((_, index) => `:${index + 1}`).join(', ');
}

interface SourceRow {
  readonly name: string;
  readonly type: string;
  readonly text: string | null;
}

/** Sources of objects as the server keeps them, by kind and name; what is not there is missing. */
export async function readSources(
  querier: Querier,
  objects: readonly CreatedObject[],
): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  const names = [...new Set(objects.filter(isCode).map(({ name }) => name))];
  if (names.length === 0) return sources;
  const rows = await querier.query<SourceRow>(
    `SELECT s.name, s.type, s.text FROM user_source s WHERE s.name IN (${places(names)})
     ORDER BY s.name, s.type, s.line`,
    names,
  );
  const wanted = new Set(objects.map(keyOf));
  for (const { name, type, text } of rows) {
    const key = keyOf({ kind: type.toLowerCase(), name });
    if (wanted.has(key)) sources.set(key, (sources.get(key) ?? '') + (text ?? ''));
  }
  for (const object of objects) {
    if (object.kind !== 'view') continue;
    const text = await viewSource(querier, object);
    if (text !== null) sources.set(keyOf(object), text);
  }
  return sources;
}

async function viewSource(querier: Querier, { name }: CreatedObject): Promise<string | null> {
  const rows = await querier.query<{ text: string }>(
    `SELECT dbms_metadata.get_ddl('VIEW', v.view_name) AS text FROM user_views v WHERE v.view_name = :1`,
    [name],
  );
  return rows[0]?.text ?? null;
}

/** The statement that creates an object as it was. */
export function createText({ kind }: CreatedObject, source: string): string {
  return kind === 'view' ? source : `CREATE OR REPLACE ${source}`;
}

/** Hashes of the sources of objects, under names as people say them. */
export async function readFingerprint(
  querier: Querier,
  objects: readonly CreatedObject[],
): Promise<Fingerprint> {
  const sources = await readSources(querier, objects);
  const found: Record<string, string> = {};
  for (const object of objects) {
    const source = sources.get(keyOf(object));
    if (source !== undefined) found[described(object)] = hashOf(source);
  }
  return found;
}

/** Table or view, sequence, object, trigger: it is not there. */
const NOT_THERE = new Set([942, 1434, 2289, 4043, 4080]);

const BEHIND: Readonly<Record<string, string>> = {
  table: ' CASCADE CONSTRAINTS PURGE',
  view: ' CASCADE CONSTRAINTS',
  type: ' FORCE',
};

/** How long DDL waits for whoever uses a table; for code Oracle waits some minutes by itself. */
const DDL_LOCK_SECONDS = 60;

/** Before DDL: who uses a table is waited for. */
export async function beforeChanges(querier: Querier): Promise<void> {
  await querier.execute(`ALTER SESSION SET ddl_lock_timeout = ${DDL_LOCK_SECONDS}`);
}

/** Drops an object if it is there. */
export async function dropObject(querier: Querier, object: CreatedObject): Promise<void> {
  const { kind, name } = object;
  try {
    const behind = BEHIND[kind] ?? '';
    await querier.execute(`DROP ${kind.toUpperCase()} ${quoteIdentifier(name)}${behind}`);
  } catch (error) {
    if (!NOT_THERE.has(errorNumber(error) ?? 0)) throw error;
  }
}

/** Whether the framework's tables are there, from the first to the last. */
export async function hasFramework(querier: Querier): Promise<boolean> {
  const rows = await querier.query<{ there: number }>(
    `SELECT COUNT(*) AS there FROM user_tables t WHERE t.table_name IN ('DOM$STREAM', 'DOM$INSTALLED')`,
  );
  return rows[0]?.there === 2;
}

/** Something invalid in the schema. */
export interface InvalidObject {
  readonly object_type: string;
  readonly object_name: string;
}

/** What is invalid in the schema of the user. */
export function readInvalid(querier: Querier): Promise<InvalidObject[]> {
  return querier.query<InvalidObject>(
    `SELECT o.object_type, o.object_name FROM user_objects o WHERE o.status = 'INVALID'
     ORDER BY o.object_name, o.object_type`,
  );
}

/** The schema of the instance's user. */
export const oracleSchema: Schema = {
  framework,
  hasFramework,
  readFingerprint,
  beforeChanges,
  dropObject,
  isCode,
};
