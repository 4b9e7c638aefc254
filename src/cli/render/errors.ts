import { DefinitionsInvalid } from '../../core/definitions/problem.ts';
import { isOdtmError, type OdtmError, odtmError } from '../../core/errors/catalogue.ts';
import type { Paint } from './paint.ts';
import { safeText } from './words.ts';

/** Any thrown thing as an error of the catalogue. */
export function asOdtmError(error: unknown): OdtmError {
  if (isOdtmError(error)) return error;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return odtmError('INTERNAL', { reason }, error);
}

/** `ODTM-2001: message`, and the remedy on the next line. */
export function errorText(error: OdtmError, paint: Paint): string {
  const code = paint.in('red', `${error.code}:`);
  return `${code} ${safeText(error.message)}\n→ ${safeText(error.remedy)}`;
}

export function errorDocument(error: OdtmError): Record<string, unknown> {
  return {
    error: {
      code: error.code,
      name: error.errorName,
      message: error.message,
      remedy: error.remedy,
      retryable: error.entry.retry === 'retryable',
      ...(error instanceof DefinitionsInvalid
        ? {
            problems: error.problems.map(({ file, line, column, message }) => {
              return { file, line, column, message };
            }),
          }
        : {}),
    },
  };
}
