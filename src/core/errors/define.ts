/** Whether the same call may succeed when it is simply made again. */
export type Retry = 'retryable' | 'final';

/** One entry of the error catalogue. `{name}` in message and remedy stands for a detail. */
export interface ErrorEntry {
  readonly code: `ODTM-${number}`;
  readonly message: string;
  /** What the person who reads it should do. */
  readonly remedy: string;
  /** Exit code of the command line: 1 failed, 2 usage or definition error, 3 halted, 4 already running. */
  readonly exitCode: 1 | 2 | 3 | 4;
  readonly httpStatus: number;
  readonly retry: Retry;
}

/** Keeps the literal types of a group of entries, so that the details of each are checked by the compiler. */
export function entries<const T extends Record<string, ErrorEntry>>(group: T): T {
  return group;
}
