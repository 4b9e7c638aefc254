/** Time, timers and randomness come in through this port, so that tests can hold them still. */
export interface Clock {
  now(): Date;
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  /** Resolves after a delay, or at once (without an error) when the signal aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back again and again until the returned function is called. Does not keep the process alive. */
  every(intervalMs: number, callback: () => void): () => void;
}

/** Random identifiers. */
export interface Ids {
  uuid(): string;
}
