/** What a failed unit or stream left as its explanation, as the engine gave it. */
export interface Failure {
  /** The engine's code (for instance a SQLSTATE), or a code of the error catalogue. */
  readonly code: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  /** The engine's call stack. */
  readonly context: string | null;
  /** The statement that failed, in full, where the framework knows it. */
  readonly statement: string | null;
  /** File of the package, and line in it, where the failure was raised. */
  readonly file: string | null;
  readonly line: number | null;
}

/** A failure that has only a code and a message. */
export function plainFailure(code: string, message: string, hint: string | null = null): Failure {
  return {
    code,
    message,
    detail: null,
    hint,
    context: null,
    statement: null,
    file: null,
    line: null,
  };
}
