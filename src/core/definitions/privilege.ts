const WORD = '[A-Za-z][A-Za-z_]*';
const NAME = '[\\p{L}_][\\p{L}\\p{N}_$#]{0,127}';
const NO_ON = '(?![Oo][Nn]( |$))';

/** What a privilege is for where a task needs it for the object that is worked on. */
export const OBJECT_OF_TASK = '@object';

/** `DROP TABLESPACE`, `SELECT ON owner.object` or `DELETE ON @object`. */
export const PRIVILEGE_PATTERN = new RegExp(
  `^${WORD}( ${NO_ON}${WORD}){0,7}( [Oo][Nn] (${OBJECT_OF_TASK}|${NAME}\\.${NAME}))?$`,
  'u',
);

/** A privilege as an engine grants it: a system privilege, or one on an object. */
export interface Privilege {
  /** In capitals. */
  readonly right: string;
  /** Null: it is not about one object. */
  readonly on: { readonly owner: string; readonly name: string } | null;
}

/** A privilege that a task needs, and which task that is. */
export interface TaskNeed {
  readonly operation: string;
  readonly task: string;
  readonly privilege: Privilege;
}

/** The one way to write a privilege: the words in capitals, names as they are. */
export function privilegeText(text: string): string {
  const [right, on] = partsOf(text);
  return on === null ? right : `${right} ON ${on}`;
}

/** The privilege that a text names. */
export function privilegeOf(text: string): Privilege {
  const [right, on] = partsOf(text);
  const [owner = '', name = ''] = on?.split('.', 2) ?? [];
  return { right, on: on === null ? null : { owner, name } };
}

function partsOf(text: string): [right: string, on: string | null] {
  const [, right = text, on = null] = /^(.+) on (\S+)$/i.exec(text) ?? [];
  return [right.toUpperCase(), on];
}
