/** Task, package, operation, variant and procedure names: legal and unquoted on every engine. */
export const IDENTIFIER_PATTERN = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Parameter names: as identifiers, with capitals and single blanks, since packages of the original DOM have
 * them so ('MONTHS TRAILING').
 */
export const PARAMETER_NAME_PATTERN = /^(?=.{1,63}$)[A-Za-z][A-Za-z0-9_]*(?: [A-Za-z0-9_]+)*$/;

/** Environment codes and instance names are labels of people, not names in a database. */
export const CODE_PATTERN = /^[A-Za-z][A-Za-z0-9_-]{0,29}$/;
export const INSTANCE_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
export const LABEL_KEY_PATTERN = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

/** An owner or the name of a table; the target checks it against the rules of its engine. */
export const OBJECT_NAME_PATTERN = /^[\p{L}_][\p{L}\p{N}_$#]{0,127}$/u;

/** `owner.table`. */
export const OBJECT_ID_PATTERN =
  /^[\p{L}_][\p{L}\p{N}_$#]{0,127}\.[\p{L}_][\p{L}\p{N}_$#]{0,127}$/u;

/** A reference to a secret, never the secret itself. */
export const CREDENTIAL_PATTERN = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|exec:\S.*)$/;

/** A package is a schema of its own on the target; these belong to the framework or to the engine. */
export function isReservedPackageName(name: string): boolean {
  return (
    ['dom', 'public', 'information_schema', 'odtm', 'sys', 'mysql'].includes(name) ||
    /^pg_/.test(name)
  );
}

/** Text order that does not depend on the machine's language. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
