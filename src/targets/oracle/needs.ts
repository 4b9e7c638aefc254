import type { Privilege, TaskNeed } from '../../core/definitions/privilege.ts';
import { type CheckFinding, TargetError } from '../../ports/target.ts';
import { type Answer, HELD, MISSING, missing, needFindings } from '../protocol/need-findings.ts';
import type { Connection } from './connection.ts';
import { storedName } from './quoting.ts';

/** What is known of an object and of what is granted on it. */
export interface ObjectGrants {
  readonly owner: string;
  /** As the catalogue calls it; null: the user cannot see it. */
  readonly type: string | null;
  readonly grants: readonly { readonly grantee: string; readonly privilege: string }[];
}

/** Who asks, and its system privileges; one on a schema alone is `DROP ANY TABLE ON SCHEMA APP`. */
export interface Holder {
  readonly me: string;
  /** Granted to the user itself, or to PUBLIC: package code has these. */
  readonly direct: ReadonlySet<string>;
  /** Those of the session, which are also those of roles. */
  readonly session: ReadonlySet<string>;
}

const BY_ROLE =
  'the user has it by a role, and within packages that does not count: grant it directly';

/** The word for a kind of object in the privileges on any of them. */
const FAMILIES: Readonly<Record<string, string>> = {
  SEQUENCE: 'SEQUENCE',
  PROCEDURE: 'PROCEDURE',
  FUNCTION: 'PROCEDURE',
  PACKAGE: 'PROCEDURE',
  TYPE: 'TYPE',
  INDEX: 'INDEX',
};

/** What tasks need, and the user of the session has not. */
export function taskNeedFindings(
  connection: Connection,
  holder: Holder,
  needs: readonly TaskNeed[],
): Promise<CheckFinding[]> {
  return needFindings(needs, (privilege) => answerTo(connection, holder, privilege));
}

/** Whether the user has a privilege where package code runs. */
export async function answerTo(
  connection: Connection,
  holder: Holder,
  { right, on }: Privilege,
): Promise<Answer> {
  if (on === null) return systemAnswer(holder, right);
  return objectAnswer(holder, right, await readObject(connection, on));
}

/** Whether the user has a system privilege where package code runs. */
export function systemAnswer({ direct, session }: Holder, right: string): Answer {
  if (direct.has(right)) return HELD;
  return session.has(right) ? missing(BY_ROLE) : MISSING;
}

/** Whether the user has a privilege on an object: its own, granted on it, or by one on all of its kind. */
export function objectAnswer(holder: Holder, right: string, object: ObjectGrants): Answer {
  if (object.owner === holder.me) return HELD;
  const suffices = right === 'READ' ? ['READ', 'SELECT'] : [right];
  const granted = object.grants.filter(({ privilege }) => suffices.includes(privilege));
  if (granted.some(({ grantee }) => grantee === holder.me || grantee === 'PUBLIC')) return HELD;
  const onAny = suffices.flatMap((each) => privilegesOnAny(each, object));
  if (onAny.some((privilege) => holder.direct.has(privilege))) return HELD;
  const byRole = granted.length > 0 || onAny.some((privilege) => holder.session.has(privilege));
  return byRole ? missing(BY_ROLE) : MISSING;
}

/** System privileges that stand for a right on the object. */
function privilegesOnAny(right: string, { owner, type }: ObjectGrants): string[] {
  const family = FAMILIES[type ?? ''] ?? 'TABLE';
  // What belongs to SYS is left out of all the others.
  if (owner === 'SYS')
    return family === 'TABLE' && ['SELECT', 'READ'].includes(right)
      ? ['SELECT ANY DICTIONARY']
      : [];
  const onAny = right === 'INDEX' ? 'CREATE ANY INDEX' : `${right} ANY ${family}`;
  return [onAny, `${onAny} ON SCHEMA ${owner}`];
}

/** Reads who asks, and what it has. */
export async function readHolder(connection: Connection): Promise<Holder> {
  const [who] = await connection.query<{ me: string }>(
    `SELECT SYS_CONTEXT('USERENV', 'CURRENT_USER') AS me FROM dual`,
  );
  return {
    me: who?.me ?? '',
    direct: await readPrivileges(connection, 'user'),
    session: await readPrivileges(connection, 'session'),
  };
}

async function readPrivileges(
  connection: Connection,
  of: 'user' | 'session',
): Promise<ReadonlySet<string>> {
  const view = of === 'user' ? 'user_sys_privs' : 'session_privs';
  const rows = await connection.query<{ privilege: string }>(`SELECT p.privilege FROM ${view} p`);
  const confined = await readConfined(connection, `${of}_schema_privs`);
  return new Set([...rows, ...confined].map(({ privilege }) => privilege));
}

/** Privileges on all that is in one schema. Before 23ai there are none, nor their view. */
async function readConfined(
  connection: Connection,
  view: string,
): Promise<readonly { readonly privilege: string }[]> {
  try {
    return await connection.query<{ privilege: string }>(
      `SELECT p.privilege || ' ON SCHEMA ' || p.schema AS privilege FROM ${view} p`,
    );
  } catch (error) {
    if (error instanceof TargetError && error.kind === 'failed') return [];
    throw error;
  }
}

async function readObject(
  connection: Connection,
  on: NonNullable<Privilege['on']>,
): Promise<ObjectGrants> {
  const owner = storedName(on.owner);
  const name = viewBehind(owner, storedName(on.name));
  const grants = await connection.query<ObjectGrants['grants'][number]>(
    `SELECT p.grantee, p.privilege FROM all_tab_privs p
     WHERE p.table_schema = :1 AND p.table_name = :2`,
    [owner, name],
  );
  const objects = await connection.query<{ type: string }>(
    `SELECT o.object_type AS type FROM all_objects o
     WHERE o.owner = :1 AND o.object_name = :2 AND o.object_type NOT LIKE '% BODY'`,
    [owner, name],
  );
  return { owner, type: objects[0]?.type ?? null, grants };
}

/** V$SESSION is a public synonym: what is granted is V_$SESSION. */
function viewBehind(owner: string, name: string): string {
  return owner === 'SYS' ? name.replace(/^(G?V)\$/, '$1_$') : name;
}
