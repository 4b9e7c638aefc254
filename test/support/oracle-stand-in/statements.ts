import { translate } from '../../../src/targets/mariadb/translate/translate.ts';
import { type SourceUnit, sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import type { ExecuteRequest, ExecuteResult } from '../orawire/server.ts';
import { type Backing, valuesOf } from './backing.ts';
import { runBlock } from './blocks.ts';
import { type DescribedRows, resultOf } from './columns.ts';
import { type CodeName, compile, createPackage, dropPackage, frameworkTable } from './sources.ts';
import { alive, alterSystem, liveSessions, type SessionHost } from './system.ts';

/** Executes one statement as Oracle would. What is not known here is an error, never accepted in silence. */
export async function runStatement(
  { sql, kind, binds }: Pick<ExecuteRequest, 'sql' | 'kind' | 'binds'>,
  backing: Backing,
  host: SessionHost,
): Promise<ExecuteResult> {
  const { connection } = backing;
  if (kind === 'plsql') return block({ sql, binds }, backing, host);
  if (kind === 'query')
    return resultOf((await connection.query(sql, valuesOf(binds))) as DescribedRows, sql);
  if (kind === 'dml') {
    const rowsAffected = await connection.execute(sql, valuesOf(binds));
    backing.dirty ||= rowsAffected > 0;
    return { rowsAffected };
  }
  const result =
    (await alterSystem(sql, backing, host)) ??
    (await setting(sql, backing)) ??
    (await compiled(sql, backing)) ??
    (await dropped(sql, backing)) ??
    (await created(sql, backing));
  if (result === null) throw unknown(sql);
  backing.dirty = false;
  return result;
}

function unknown(sql: string): Error & { code: number } {
  const message = `ORA-00900: the stand-in does not know this statement: ${sql.slice(0, 200)}`;
  return Object.assign(new Error(message), { code: 900 });
}

/** What dom$control and the controller do with sessions is Oracle's own: MariaDB has other names for them. */
async function block(
  { sql, binds }: Pick<ExecuteRequest, 'sql' | 'binds'>,
  backing: Backing,
  host: SessionHost,
): Promise<ExecuteResult> {
  if (sql.includes('dbms_session.unique_session_id'))
    return { outBinds: { out_session: backing.name }, pureOut: ['out_session'] };
  const [first, second] = binds.map(({ value }) => String(value));
  if (/\bdom\$control\.live_sessions\(/.test(sql)) return liveSessions(first ?? '', backing, host);
  if (/\bdom\$control\.alive\(/.test(sql)) return alive(first ?? '', second ?? '', host);
  if (!/\bdom\$(?:run|control)\./.test(sql)) throw unknown(sql);
  backing.dirty = true;
  const result = await runBlock(backing, sql, binds);
  // What is answered has been committed; a block around attach leaves that to its caller.
  backing.dirty = /\bdom\$control\.attach\(/.test(sql);
  return result;
}

async function setting(sql: string, { connection }: Backing): Promise<ExecuteResult | null> {
  const [, seconds] = /^ALTER SESSION SET ddl_lock_timeout = (\d+)$/.exec(sql) ?? [];
  if (seconds === undefined) return null;
  await connection.query(`SET SESSION lock_wait_timeout = ${seconds}`);
  return {};
}

async function compiled(sql: string, { connection }: Backing): Promise<ExecuteResult | null> {
  const [, name, body] = /^ALTER PACKAGE "([^"]+)" COMPILE( BODY)?$/.exec(sql) ?? [];
  if (name === undefined) return null;
  const type: CodeName['type'] = body === undefined ? 'PACKAGE' : 'PACKAGE BODY';
  const isValid = await compile(connection, { name, type });
  await connection.commit();
  return { compileWarning: !isValid };
}

async function dropped(sql: string, { connection }: Backing): Promise<ExecuteResult | null> {
  const [, kind, name] =
    /^DROP (TABLE|SEQUENCE|PACKAGE BODY|PACKAGE) "([^"]+)"(?: CASCADE CONSTRAINTS PURGE)?$/.exec(
      sql,
    ) ?? [];
  if (kind === undefined || name === undefined) return null;
  if (kind === 'PACKAGE' || kind === 'PACKAGE BODY') {
    if (await dropPackage(connection, { name, type: kind })) return {};
    throw { code: 4043, message: `object ${name} does not exist` };
  }
  await connection.query(`DROP ${kind} "${name}"`);
  return {};
}

async function created(sql: string, backing: Backing): Promise<ExecuteResult | null> {
  const { connection } = backing;
  const [unit] = sourceUnits(sql);
  if (unit === undefined) return null;
  if (unit.kind === 'package' || unit.kind === 'package body')
    return { compileWarning: !(await createPackage(connection, unit)) };
  // The framework's tables are MariaDB's own, and whole.
  if (/^ALTER TABLE dom\$\w+ ADD \(/i.test(sql))
    throw { code: 1430, message: 'column being added already exists in table' };
  if (!/^(?:CREATE (?:TABLE|SEQUENCE|INDEX|UNIQUE INDEX)|COMMENT ON)\b/i.test(sql)) return null;
  for (const text of await plainTexts(unit)) await connection.query(text);
  return {};
}

/** The tables of the framework are MariaDB's own, comments and all; those of packages are translated. */
async function plainTexts(unit: SourceUnit): Promise<readonly string[]> {
  const [, own] = /^CREATE (?:TABLE|SEQUENCE) (dom\$\w+)/i.exec(unit.text) ?? [];
  if (own !== undefined) return [(await frameworkTable(own)) ?? unit.text];
  if (/^COMMENT ON (?:TABLE|COLUMN) dom\$/i.test(unit.text)) return [];
  const { units, problems } = translate([{ path: 'statement', text: unit.text }]);
  const [problem] = problems;
  if (problem !== undefined)
    throw { code: 900, message: `${problem.construct}: ${problem.instead}` };
  return units.map(({ text }) => text);
}
