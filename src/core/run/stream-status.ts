/** The statuses of a stream. A run has none of its own: it is derived from its streams. */
export const STREAM_STATUSES = [
  'waiting',
  'admitted',
  'running',
  'failed',
  'in_doubt',
  'halted',
  'expired',
  'completed',
  'cancelled',
] as const;
export type StreamStatus = (typeof STREAM_STATUSES)[number];

/** Something is under way, or will be without anybody asking again. */
export const ACTIVE: readonly StreamStatus[] = ['waiting', 'admitted', 'running'];
/** These hold a place in the limits. */
export const ADMITTED: readonly StreamStatus[] = ['admitted', 'running'];
/** The same command makes these go on. */
export const RESTARTABLE: readonly StreamStatus[] = ['failed', 'in_doubt', 'halted', 'expired'];
/** Over for good. */
export const FINAL: readonly StreamStatus[] = ['completed', 'cancelled'];

type Edges = Readonly<Record<StreamStatus, Readonly<Partial<Record<StreamStatus, string>>>>>;

/** Status → permitted next statuses, with when that happens. */
export const STREAM_EDGES: Edges = {
  waiting: {
    admitted: 'The limits leave room: marked and sent to the controllers in one transaction.',
    halted: 'The run is halted before a controller has taken the stream.',
    cancelled: 'The run is cancelled before a controller has taken the stream, with no final due.',
  },
  admitted: {
    running: 'A controller has taken the lease.',
    waiting: 'The run is started again after no controller took the job.',
    halted: 'The run is halted before a controller has taken the stream.',
    cancelled: 'The run is cancelled before a controller has taken the stream, with no final due.',
  },
  running: {
    running: 'Another controller takes over: the lease of the first has expired.',
    waiting:
      'The controller shuts down or hands its job back: the stream waits for another controller.',
    failed: 'A unit failed, or the target could not be reached.',
    in_doubt: 'It cannot be told whether a unit took effect: a person must say it.',
    halted: 'The halt is acknowledged: nothing more is started.',
    expired: 'The maximum duration has passed: stopped cleanly before the next unit.',
    completed: 'Every object is completed.',
    cancelled: 'The cancel is acknowledged, final has run.',
  },
  failed: {
    waiting: 'The same command again, or cancel with a final still due.',
    cancelled: 'The run is cancelled with no final due.',
  },
  in_doubt: {
    waiting: 'The same command again after a person has decided, or cancel with a final still due.',
    cancelled: 'The run is cancelled with no final due.',
  },
  halted: {
    waiting: 'Resumed by the same command, or cancel with a final still due.',
    cancelled: 'The run is cancelled with no final due.',
  },
  expired: {
    waiting: 'The same command again, or cancel with a final still due.',
    cancelled: 'The run is cancelled with no final due.',
  },
  completed: {},
  cancelled: {},
};

/** Whether a stream may go from one status to another. */
export function mayFollow(from: StreamStatus, to: StreamStatus): boolean {
  return STREAM_EDGES[from][to] !== undefined;
}

/** What a person has asked of a run; the executor notices it and acts. */
export const WISHES = ['none', 'halt', 'halt_now', 'cancel'] as const;
export type Wish = (typeof WISHES)[number];

/** The status of a run, derived from its streams and from whether a controller is alive. */
export const RUN_STATUSES = [
  'running',
  'halting',
  'cancelling',
  'interrupted',
  'failed',
  'in_doubt',
  'halted',
  'expired',
  'completed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
