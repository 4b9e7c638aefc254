/** The longest name that the server keeps; longer ones it would cut off silently. */
const MAX_NAME_BYTES = 63;

/**
 * The one function that puts an identifier into the text of a statement, always quoted, exactly as it is.
 * @throws RangeError where no object of the server can have that name
 */
export function quoteIdentifier(name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > MAX_NAME_BYTES || name.includes('\0'))
    throw new RangeError(
      `"${name}" cannot be a name in PostgreSQL (1 to ${MAX_NAME_BYTES} bytes).`,
    );
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * The search_path of package code: its own schema, the framework, and nothing that others may write to;
 * temporary tables stand last, so that none hides a table of the package.
 */
export function packagePath(packageName: string): string {
  return `${quoteIdentifier(packageName)}, dom, pg_temp`;
}
