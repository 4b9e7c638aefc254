/** A stream that has been admitted, on its way to a controller. */
export interface StreamJob {
  readonly streamId: string;
  readonly runId: string;
}

export interface ServeOptions {
  readonly controllerId: string;
  /** How many streams this controller drives at once. */
  readonly slots: number;
  /**
   * Drives one stream; the job is done when it resolves and is handed to another controller when it
   * rejects. A job whose stream this process already drives is not given out twice.
   */
  readonly drive: (job: StreamJob, signal: AbortSignal) => Promise<void>;
}

/** A controller's service: fetches jobs until it is stopped. */
export interface Service {
  /** Stops fetching, aborts the signals given to `drive`, and waits until all have resolved. */
  stop(): Promise<void>;
  /** How many streams are being driven now. */
  readonly active: number;
}

/** Hands admitted streams to controllers, on an existing engine. */
export interface Dispatcher {
  start(): Promise<void>;
  /**
   * Admits waiting streams in one transaction: under one lock counts what is active, marks as many as the
   * limits (run, environment, instance) leave room for, and sends their jobs. Returns how many.
   */
  admit(): Promise<number>;
  serve(options: ServeOptions): Promise<Service>;
  stop(): Promise<void>;
}
