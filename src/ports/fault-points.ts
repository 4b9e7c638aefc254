/**
 * The closed list of places where tests kill something: on both sides of every commit.
 * A point that no test reaches fails the suite.
 */
export const FAULT_POINTS = [
  'stream.acquired',
  'install.before',
  'install.after',
  'attach.before',
  'attach.after',
  'unit.before',
  'unit.after',
  'log.before_write',
  'log.after_write',
  'log.after_acknowledge',
  'final.before',
  'final.after',
  'stream.before_end',
  'stream.after_end',
  'stream.after_forget',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Called by the executor at each point. In production it does nothing. */
export interface Faults {
  reached(point: FaultPoint, detail?: string): Promise<void>;
}

export const NO_FAULTS: Faults = { reached: () => Promise.resolve() };
