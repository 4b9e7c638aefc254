import type { Connection } from '../../../src/targets/mariadb/connection.ts';
import { framework } from '../../../src/targets/mariadb/framework.ts';
import { createdBy, dropObject } from '../../../src/targets/mariadb/schema-objects.ts';
import { type SourceFile, translate } from '../../../src/targets/mariadb/translate/translate.ts';
import { type SourceUnit, sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import { oracleText, sqlErrorOf } from './error-numbers.ts';

/** A package or its body, in capitals as the dictionary has them. */
export interface CodeName {
  readonly name: string;
  readonly type: 'PACKAGE' | 'PACKAGE BODY';
}

interface CompileError {
  readonly line: number;
  readonly text: string;
}

/** Creates or replaces a package as Oracle does: its source is kept, whether it compiles or not. */
export async function createPackage(connection: Connection, unit: SourceUnit): Promise<boolean> {
  const code: CodeName = {
    name: (unit.name ?? '').toUpperCase(),
    type: unit.kind === 'package body' ? 'PACKAGE BODY' : 'PACKAGE',
  };
  const start = unit.text.search(/\bPACKAGE\b/i);
  await keepSource(connection, code, unit.text.slice(start));
  const isValid = await compile(connection, code);
  if (code.type === 'PACKAGE') await bringBodyBack(connection, code.name);
  await connection.commit();
  return isValid;
}

/** MariaDB drops the body of a replaced package; Oracle has it as invalid until it is compiled or used. */
async function bringBodyBack(connection: Connection, name: string): Promise<void> {
  await compile(connection, { name, type: 'PACKAGE BODY' });
  await connection.execute(
    "UPDATE ora$object SET status = 'INVALID' WHERE object_name = :1 AND object_type = 'PACKAGE BODY'",
    [name],
  );
}

/** Compiles what is kept; true where it is valid, or not there at all. */
export async function compile(connection: Connection, code: CodeName): Promise<boolean> {
  const source = await readSource(connection, code);
  if (source === null) return true;
  const errors = isOfFramework(code.name)
    ? await putFramework(connection)
    : await compileForReal(connection, code, source);
  const { name, type } = code;
  await connection.execute('DELETE FROM ora$error WHERE name = :1 AND type = :2', [name, type]);
  for (const [index, { line, text }] of errors.entries()) {
    await connection.execute(
      `INSERT INTO ora$error (name, type, sequence, line, position, text, attribute)
       VALUES (:1, :2, :3, :4, 1, :5, 'ERROR')`,
      [name, type, index + 1, line, text],
    );
  }
  await connection.execute(
    'REPLACE INTO ora$object (object_name, object_type, status) VALUES (:1, :2, :3)',
    [name, type, errors.length === 0 ? 'VALID' : 'INVALID'],
  );
  return errors.length === 0;
}

/** Drops a package with its body, or its body alone. False: it is not there. */
export async function dropPackage(
  connection: Connection,
  { name, type }: CodeName,
): Promise<boolean> {
  if ((await readSource(connection, { name, type })) === null) return false;
  for (const table of ['ora$source', 'ora$error'])
    await connection.execute(`DELETE FROM ${table} WHERE name = :1 AND type LIKE :2`, [
      name,
      `${type}%`,
    ]);
  await connection.execute(
    'DELETE FROM ora$object WHERE object_name = :1 AND object_type LIKE :2',
    [name, `${type}%`],
  );
  await connection.commit();
  if (!isOfFramework(name)) await connection.query(`DROP ${type} IF EXISTS "${name}"`);
  else await removeFramework(connection);
  return true;
}

async function keepSource(
  connection: Connection,
  { name, type }: CodeName,
  source: string,
): Promise<void> {
  const lines = source.split(/(?<=\n)/);
  const places = lines.map(
    (_, i) => `(:${4 * i + 1}, :${4 * i + 2}, :${4 * i + 3}, :${4 * i + 4})`,
  );
  await connection.execute('DELETE FROM ora$source WHERE name = :1 AND type = :2', [name, type]);
  await connection.execute(
    `INSERT INTO ora$source (name, type, line, text) VALUES ${places.join(', ')}`,
    lines.flatMap((text, i) => [name, type, i + 1, text]),
  );
}

async function readSource(
  connection: Connection,
  { name, type }: CodeName,
): Promise<string | null> {
  const rows = await connection.query<{ text: string }>(
    'SELECT s.text FROM ora$source s WHERE s.name = :1 AND s.type = :2 ORDER BY s.line',
    [name, type],
  );
  return rows.length === 0 ? null : rows.map(({ text }) => text).join('');
}

/** The author's package is translated as for MariaDB, with marks of where it is, and created there. */
async function compileForReal(
  connection: Connection,
  { name, type }: CodeName,
  source: string,
): Promise<CompileError[]> {
  const own: SourceFile = { path: name, text: `CREATE OR REPLACE ${source}` };
  const spec = type === 'PACKAGE' ? null : await readSource(connection, { name, type: 'PACKAGE' });
  if (type === 'PACKAGE BODY' && spec === null)
    return [
      { line: 0, text: `PLS-00304: cannot compile body of '${name}' without its specification` },
    ];
  const files = spec === null ? [own] : [{ path: 'spec', text: `CREATE OR REPLACE ${spec}` }, own];
  const { units, problems } = translate(files, undefined, { marks: true });
  if (problems.length > 0)
    return problems.map(({ line, construct, instead }) => ({
      line,
      text: `${construct}: ${instead}`,
    }));
  for (const unit of units) {
    if (unit.path !== name) continue;
    try {
      await connection.query(unit.text);
    } catch (error) {
      const sql = sqlErrorOf(error);
      if (sql === null) throw error;
      const said = sql.sqlMessage ?? sql.message;
      const line = Number(/at line (\d+)$/.exec(said)?.[1] ?? 1);
      return [{ line, text: oracleText(sql.errno, said).replace(/^ORA-00900/, 'PLS-00103') }];
    }
  }
  return [];
}

function isOfFramework(name: string): boolean {
  return name === 'DOM' || name.startsWith('DOM$');
}

/** The framework for Oracle is kept as text alone: in its place that for MariaDB works. */
async function putFramework(connection: Connection): Promise<CompileError[]> {
  if (await hasFramework(connection)) return [];
  for (const unit of await frameworkCode()) await connection.query(unit.text);
  return [];
}

async function removeFramework(connection: Connection): Promise<void> {
  const left = await connection.query(
    "SELECT 1 AS one FROM ora$object o WHERE o.object_name = 'DOM' OR o.object_name LIKE 'DOM$%'",
  );
  if (left.length > 0) return;
  for (const unit of (await frameworkCode()).toReversed()) {
    const object = createdBy(unit);
    if (object !== null) await dropObject(connection, object);
  }
}

async function hasFramework(connection: Connection): Promise<boolean> {
  const rows = await connection.query(
    `SELECT 1 AS one FROM information_schema.routines r
     WHERE r.routine_schema = DATABASE() AND r.routine_name = 'dom' AND r.routine_type = 'PACKAGE BODY'`,
  );
  return rows.length > 0;
}

/** Everything of MariaDB's framework but its tables. */
async function frameworkCode(): Promise<SourceUnit[]> {
  return (await frameworkUnits()).filter((unit) => unit.kind !== 'sql');
}

/** MariaDB's own statement for a table or sequence of the framework; null: it has none of that name. */
export async function frameworkTable(name: string): Promise<string | null> {
  const unit = (await frameworkUnits()).find(
    (each) => each.kind === 'sql' && createdBy(each)?.name === name.toLowerCase(),
  );
  return unit?.text.replace(/ IF NOT EXISTS /i, ' ') ?? null;
}

async function frameworkUnits(): Promise<SourceUnit[]> {
  return (await framework()).files.flatMap(({ text }) => sourceUnits(text));
}
