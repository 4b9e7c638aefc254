/** The longest name that the server keeps, in characters. */
const MAX_NAME_LENGTH = 64;

/**
 * The one function that puts an identifier into the text of a statement, always quoted, exactly as it is.
 * @throws RangeError where no object of the server can have that name
 */
export function quoteIdentifier(name: string): string {
  const length = [...name].length;
  if (length === 0 || length > MAX_NAME_LENGTH || name.includes('\0') || name.endsWith(' '))
    throw new RangeError(
      `"${name}" cannot be a name in MariaDB (1 to ${MAX_NAME_LENGTH} characters).`,
    );
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text as a literal; for statements that take no bound values, such as GRANT and KILL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
