import type { Privilege, TaskNeed } from '../../core/definitions/privilege.ts';
import type { CheckFinding } from '../../ports/target.ts';
import { type Answer, HELD, MISSING, needFindings } from '../protocol/need-findings.ts';
import type { Connection } from './connection.ts';

/** One line of SHOW GRANTS. */
export interface Grant {
  /** The user, one of its enabled roles, or PUBLIC. */
  readonly grantee: string;
  readonly rights: ReadonlySet<string>;
  /** Null: on everything. Where `name` is null it is a pattern. */
  readonly schema: string | null;
  readonly name: string | null;
}

const NAME = '(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\\s".`]+)';
const LINE = new RegExp(
  `^GRANT (.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE) )?(${NAME})\\.(${NAME}) TO ` +
    `(${NAME}(?:@${NAME})?)`,
);
const ALL = 'ALL PRIVILEGES';

/** Older names of privileges, and those under which the server has them. */
const RENAMED: Readonly<Record<string, string>> = {
  'REPLICATION CLIENT': 'BINLOG MONITOR',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
};

/** What tasks need, and the user of the session has not. */
export async function taskNeedFindings(
  connection: Connection,
  needs: readonly TaskNeed[],
): Promise<CheckFinding[]> {
  if (needs.length === 0) return [];
  // Unlike information_schema it tells also of roles, of PUBLIC and of single routines.
  const lines = await connection.query<Record<string, string>>('SHOW GRANTS');
  const grants = lines.flatMap((line) => grantOf(Object.values(line)[0] ?? '') ?? []);
  const [server] = await connection.query<{ lower_case: number }>(
    'SELECT @@lower_case_table_names AS lower_case FROM dual',
  );
  const foldsNames = server?.lower_case !== 0;
  return needFindings(needs, (privilege) => answerOf(grants, privilege, foldsNames));
}

/** What a line of SHOW GRANTS grants; null: nothing, as for instance a role. */
export function grantOf(line: string): Grant | null {
  const [, list = '', schema = '*', name = '*', grantee = ''] = LINE.exec(line) ?? [];
  if (grantee === '') return null;
  // A privilege on some columns is none on the table.
  const rights = list.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return {
    grantee,
    rights: new Set(rights.map((right) => right.trim()).filter((right) => !right.endsWith(')'))),
    schema: plainName(schema),
    name: plainName(name),
  };
}

function plainName(text: string): string | null {
  if (text === '*') return null;
  const quote = text[0];
  if (quote !== '"' && quote !== '`') return text;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Whether a privilege is among those that are granted. */
export function answerOf(
  grants: readonly Grant[],
  { right, on }: Privilege,
  foldsNames: boolean,
): Answer {
  const wanted = RENAMED[right] ?? right;
  const counting = grants.filter(({ schema }) => schema === null);
  if (on !== null) {
    const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name);
    const [owner, object] = [fold(on.owner), fold(on.name)];
    for (const grantee of new Set(grants.map((grant) => grant.grantee)))
      counting.push(...ofSchema(grants, grantee, owner, fold));
    const ofObject = ({ schema, name }: Grant): boolean =>
      schema !== null && name !== null && fold(schema) === owner && fold(name) === object;
    counting.push(...grants.filter(ofObject));
  }
  return counting.some(({ rights }) => rights.has(wanted) || rights.has(ALL)) ? HELD : MISSING;
}

/**
 * Of what somebody is granted on schemas by patterns that fit the server heeds one: that whose first wildcard
 * comes last, or that has none.
 */
function ofSchema(
  grants: readonly Grant[],
  grantee: string,
  owner: string,
  fold: (name: string) => string,
): Grant[] {
  return grants
    .flatMap((grant) => {
      const { schema, name } = grant;
      if (grant.grantee !== grantee || schema === null || name !== null) return [];
      return expressionOf(fold(schema)).test(owner) ? [{ grant, from: firstWildcard(schema) }] : [];
    })
    .sort((a, b) => b.from - a.from)
    .slice(0, 1)
    .map(({ grant }) => grant);
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.match(/\\[\s\S]|[\s\S]/g) ?? [];
  const source = parts.map((part) => {
    if (part === '%') return '[\\s\\S]*';
    if (part === '_') return '[\\s\\S]';
    const plain = part.length > 1 ? part.slice(1) : part;
    return plain.replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`);
}

function firstWildcard(pattern: string): number {
  const before = /^(?:\\[\s\S]|[^%_\\])*/.exec(pattern)?.[0] ?? '';
  return before.length === pattern.length ? Number.MAX_SAFE_INTEGER : before.length;
}
