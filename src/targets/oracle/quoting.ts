/** The longest name since 12.2, in bytes. */
const MAX_NAME_BYTES = 128;

/**
 * The one function that puts an identifier into the text of a statement. Oracle keeps names that were written
 * without quotes in capitals, and that is how definitions mean them: `app.orders` is APP.ORDERS.
 * @throws RangeError where no object of the server can have that name
 */
export function quoteIdentifier(name: string): string {
  const stored = storedName(name);
  const bytes = Buffer.byteLength(stored);
  if (bytes === 0 || bytes > MAX_NAME_BYTES || /["\0]/.test(stored))
    throw new RangeError(`"${name}" cannot be a name in Oracle (1 to ${MAX_NAME_BYTES} bytes).`);
  return `"${stored}"`;
}

/** A name as the catalogue has it. */
export function storedName(name: string): string {
  return name.toUpperCase();
}

/** A text as a literal; for statements that take no bound values, such as ALTER SYSTEM. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
