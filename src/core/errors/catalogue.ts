import type { ErrorEntry } from './define.ts';
import { definitionErrors } from './definition-errors.ts';
import { repositoryErrors } from './repository-errors.ts';
import { runErrors } from './run-errors.ts';
import { targetErrors } from './target-errors.ts';
import { usageErrors } from './usage-errors.ts';

/** Every error that a person can be shown. docs/ERRORS.md has one section for each, tested both ways. */
export const catalogue = {
  ...definitionErrors,
  ...runErrors,
  ...targetErrors,
  ...repositoryErrors,
  ...usageErrors,
};

export type ErrorName = keyof typeof catalogue;

type Placeholders<S> = S extends `${string}{${infer P}}${infer Rest}`
  ? P | Placeholders<Rest>
  : never;

/** The details that the texts of an error ask for. */
export type ErrorDetails<N extends ErrorName> = Record<
  Placeholders<(typeof catalogue)[N]['message'] | (typeof catalogue)[N]['remedy']>,
  string | number
>;

/** Fills `{name}` in a text with the details. */
export function fill(text: string, details: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}

/** An error of the catalogue: code, message with the values, remedy. */
export class OdtmError extends Error {
  override readonly name = 'OdtmError';
  readonly errorName: ErrorName;
  readonly entry: ErrorEntry;
  readonly details: Readonly<Record<string, string | number>>;
  readonly remedy: string;

  constructor(errorName: ErrorName, details: Record<string, string | number>, cause?: unknown) {
    const entry: ErrorEntry = catalogue[errorName];
    super(fill(entry.message, details), cause === undefined ? undefined : { cause });
    this.errorName = errorName;
    this.entry = entry;
    this.details = details;
    this.remedy = fill(entry.remedy, details);
  }

  get code(): string {
    return this.entry.code;
  }
}

/** Makes an error of the catalogue; the compiler asks for exactly the details that its texts name. */
export function odtmError<N extends ErrorName>(
  errorName: N,
  details: ErrorDetails<N>,
  cause?: unknown,
): OdtmError {
  return new OdtmError(errorName, details, cause);
}

/** Whether an error is of that kind. */
export function isOdtmError(error: unknown, errorName?: ErrorName): error is OdtmError {
  return error instanceof OdtmError && (errorName === undefined || error.errorName === errorName);
}
