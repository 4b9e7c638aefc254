/** What stands for the null character, which PostgreSQL cannot keep in text. */
const NULL_SYMBOL = '\u2400';

const ESCAPED_NULL = /(?<!\\)((?:\\\\)*)\\u0000/g;
const ESCAPED_LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/** Text as PostgreSQL can keep it: the null character as a symbol, half characters replaced. */
export function safeText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', NULL_SYMBOL) : whole;
}

/** As `safeText`, with null for null. */
export function safeTextOrNull(text: string | null): string | null {
  return text === null ? null : safeText(text);
}

/** JSON as PostgreSQL can keep it. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\u')) return json;
  return json.replace(ESCAPED_NULL, `$1${NULL_SYMBOL}`).replace(ESCAPED_LONE_SURROGATE, '$1\ufffd');
}

/** As `safeJson`, with null for null, which becomes SQL's null. */
export function safeJsonOrNull(value: unknown): string | null {
  return value === null ? null : safeJson(value);
}
