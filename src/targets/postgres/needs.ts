import type { Privilege, TaskNeed } from '../../core/definitions/privilege.ts';
import type { CheckFinding } from '../../ports/target.ts';
import { type Answer, HELD, MISSING, missing, needFindings } from '../protocol/need-findings.ts';
import type { Connection } from './connection.ts';

const ATTRIBUTES: Readonly<Record<string, string>> = {
  SUPERUSER: 'rolsuper',
  CREATEDB: 'rolcreatedb',
  CREATEROLE: 'rolcreaterole',
  REPLICATION: 'rolreplication',
  BYPASSRLS: 'rolbypassrls',
};
const OF_DATABASE = new Set(['CREATE', 'CONNECT', 'TEMPORARY', 'TEMP']);
const OF_TABLE = new Set([
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'],
]);
const OF_SEQUENCE = new Set(['SELECT', 'UPDATE', 'USAGE']);
/** What only the owner may do, and no grant gives. */
const OF_OWNER = new Set(['ALTER', 'DROP', 'INDEX']);
const FIRST_WITH_MAINTAIN = 170_000;

/** What tasks need, and the role of the session has not. */
export function taskNeedFindings(
  connection: Connection,
  needs: readonly TaskNeed[],
): Promise<CheckFinding[]> {
  return needFindings(needs, ({ right, on }) =>
    on === null ? ofRole(connection, right) : onObject(connection, right, on),
  );
}

/** An attribute of the role, a privilege on the database, or membership in one of the server's own roles. */
async function ofRole(connection: Connection, right: string): Promise<Answer> {
  const attribute = ATTRIBUTES[right];
  if (attribute !== undefined) {
    const [row] = await connection.query<{ held: boolean }>(
      `SELECT r.rolsuper OR r.${attribute} AS held FROM pg_catalog.pg_roles r
       WHERE r.rolname = current_user`,
    );
    return answerOf(row?.held);
  }
  if (OF_DATABASE.has(right)) {
    const [row] = await connection.query<{ held: boolean }>(
      'SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), $1) AS held',
      [right],
    );
    return answerOf(row?.held);
  }
  const [role] = await connection.query<{ held: boolean }>(
    `SELECT pg_catalog.pg_has_role(r.oid, 'USAGE') AS held FROM pg_catalog.pg_roles r
     WHERE r.rolname = $1 AND r.rolname LIKE 'pg\\_%'`,
    [right.toLowerCase()],
  );
  if (role !== undefined) return answerOf(role.held);
  return missing(
    'it is no attribute of a role, no privilege on the database and no role such as pg_signal_backend',
  );
}

function answerOf(held: boolean | undefined): Answer {
  return held === true ? HELD : MISSING;
}

interface ObjectRow {
  readonly oid: string | null;
  readonly sequence: boolean;
  readonly owned: boolean | null;
  readonly reachable: boolean;
  readonly creates: boolean;
}

async function onObject(
  connection: Connection,
  right: string,
  on: NonNullable<Privilege['on']>,
): Promise<Answer> {
  const { owner, name } = on;
  const [row] = await connection.query<ObjectRow>(
    `SELECT c.oid::text AS oid, COALESCE(c.relkind = 'S', false) AS sequence,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') AS owned,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS reachable,
       pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS creates
     FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c
       ON c.relnamespace = n.oid AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     WHERE n.nspname = $1`,
    [owner, name],
  );
  if (row === undefined) return missing(`there is no schema ${owner}`);
  if (right === 'CREATE') return answerOf(row.creates);
  if (!row.reachable) return missing(`so is USAGE on schema ${owner}`);
  if (right === 'EXECUTE') return ofRoutine(connection, owner, name);
  if (row.oid === null) return missing(`${owner}.${name} is not there`);
  if (OF_OWNER.has(right))
    return row.owned === true ? HELD : missing('only a member of its owner may do so');
  return ofRelation(connection, right, row.oid, row.sequence);
}

async function ofRelation(
  connection: Connection,
  right: string,
  oid: string,
  sequence: boolean,
): Promise<Answer> {
  const known = (sequence ? OF_SEQUENCE : OF_TABLE).has(right);
  const tooNew = right === 'MAINTAIN' && connection.versionNum < FIRST_WITH_MAINTAIN;
  if (!known || tooNew)
    return missing(`the server knows no such privilege on a ${sequence ? 'sequence' : 'table'}`);
  const look = sequence ? 'has_sequence_privilege' : 'has_table_privilege';
  const [row] = await connection.query<{ held: boolean }>(
    `SELECT pg_catalog.${look}($1::oid, $2) AS held`,
    [oid, right],
  );
  return answerOf(row?.held);
}

/** On every routine of that name. */
async function ofRoutine(connection: Connection, owner: string, name: string): Promise<Answer> {
  const [row] = await connection.query<{ held: boolean | null }>(
    `SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(p.oid, 'EXECUTE')) AS held
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = $1 AND p.proname = $2`,
    [owner, name],
  );
  if (row?.held == null) return missing(`there is no routine ${owner}.${name}`);
  return answerOf(row.held);
}
