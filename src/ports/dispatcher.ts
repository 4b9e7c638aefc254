/** A stream that has been admitted, on its way to a controller. */
export interface StreamJob {
  readonly streamId: string;
  readonly runId: string;
}

/** A job as a controller gets it. */
export interface DeliveredJob extends StreamJob {
  /** Another controller has had it and went silent: the stream's lease may not have expired yet. */
  readonly redelivered: boolean;
}

/**
 * `over`: the job is done. `held`: another controller may still have the stream's lease; the job comes
 * again a second later, to any controller and only a limited number of times, and holds no slot until then.
 */
export type DriveOutcome = 'over' | 'held';

export interface ServeOptions {
  /** How many streams this controller drives at once. */
  readonly slots: number;
  /**
   * Drives one stream. The job is done when it resolves and is handed to a controller again when it
   * rejects. A job whose stream this process already drives is not given out twice.
   */
  readonly drive: (job: DeliveredJob, signal: AbortSignal) => Promise<DriveOutcome>;
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
  /** Calls back on every notification of the repository on a channel. Returns the way to stop listening. */
  onNotification(channel: string, listener: (payload: string) => void): () => void;
  stop(): Promise<void>;
}
