/** Codes of the operating system and of Node for connections that cannot be made or have broken. */
const SYSTEM_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
  'EACCES',
];

/**
 * Classes and states of the server: connection exceptions, authorization, no such database, too many
 * connections, shutting down or starting up, and ended because this process slept in a transaction.
 */
const SERVER_STATES = /^(08...|25P03|28...|3D000|53300|57P0[1-5])$/;

/** What the driver says without a code. */
const DRIVER_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'not queryable',
  'Client was closed',
  'SASL',
  'server does not support SSL',
];

/** The code of an error of the server (SQLSTATE) or of the system, where it has one. */
export function sqlState(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/** The constraint that a write has violated, where the server names one. */
export function violatedConstraint(error: unknown): string | null {
  const has = typeof error === 'object' && error !== null && 'constraint' in error;
  return has && typeof error.constraint === 'string' ? error.constraint : null;
}

/** Whether the server was not reached or the connection to it broke, so that trying again may help. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  const code = sqlState(error);
  if (code !== null && (SYSTEM_CODES.includes(code) || SERVER_STATES.test(code))) return true;
  return error instanceof Error && DRIVER_MESSAGES.some((text) => error.message.includes(text));
}

/** The error in words; a name with several addresses fails with one error for each. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
