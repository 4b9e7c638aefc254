import { describe, expect, it } from 'vitest';
import {
  ACTIVE,
  ADMITTED,
  FINAL,
  mayFollow,
  RESTARTABLE,
  STREAM_EDGES,
  STREAM_STATUSES,
} from '../../../src/core/run/stream-status.ts';

describe('the status table of streams', () => {
  it('knows each pair, and allows exactly what it explains', () => {
    for (const from of STREAM_STATUSES) {
      for (const to of STREAM_STATUSES) {
        const why = STREAM_EDGES[from][to];
        expect(mayFollow(from, to), `${from} → ${to}`).toBe(why !== undefined);
        if (why !== undefined) expect(why).toMatch(/^[A-Z].*\.$/);
      }
    }
  });

  it('has every status in exactly one of active, restartable and final', () => {
    const all = [...ACTIVE, ...RESTARTABLE, ...FINAL];
    expect([...all].sort()).toEqual([...STREAM_STATUSES].sort());
    expect(ADMITTED.every((status) => ACTIVE.includes(status))).toBe(true);
  });

  it('leaves final statuses never, and restartable ones only towards waiting or cancelled', () => {
    for (const to of STREAM_STATUSES) {
      expect(FINAL.some((from) => mayFollow(from, to))).toBe(false);
      const left = RESTARTABLE.some((from) => mayFollow(from, to));
      expect(left, to).toBe(to === 'waiting' || to === 'cancelled');
    }
  });
});
