import type { OraError } from './types.ts';

/** The packet or message cannot be understood: the connection is closed. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** An error that the server itself reports to the client. */
export class ServerError extends Error implements OraError {
  override readonly name = 'ServerError';
  readonly code: number;
  readonly offset: number | undefined;

  constructor(code: number, text: string, offset?: number) {
    super(`ORA-${String(code).padStart(5, '0')}: ${text}`);
    this.code = code;
    this.offset = offset;
  }
}

/** Whether something thrown is an error for the client. */
export function isOraError(thrown: unknown): thrown is OraError {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return typeof thrown.code === 'number';
}

/** What a real server says when something broke below the statement. */
export function toOraError(thrown: unknown): OraError {
  if (isOraError(thrown)) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new ServerError(604, `error occurred at recursive SQL level 1\n${text}`);
}

/** The text with its code in front; texts of a stack have one already. */
export function errorText({ code, message = 'error' }: OraError): string {
  if (/^[A-Z]{3}-\d+/.test(message)) return message;
  return `ORA-${String(code).padStart(5, '0')}: ${message}`;
}
