import { expect, test } from 'vitest';
import { chunkProgress } from '../../../src/core/run/progress.ts';
import { aProgress } from '../cli/samples.ts';

const since = new Date('2026-11-21T10:00:00Z');
const tenSecondsOn = new Date('2026-11-21T10:00:10Z');

test('rate and time left count only what this attempt has done', () => {
  const progress = aProgress({
    chunksDone: 70,
    chunksTotal: 100,
    chunksSince: since,
    chunksDoneThen: 50,
  });
  expect(chunkProgress(progress, tenSecondsOn)).toEqual({
    done: 70,
    total: 100,
    fraction: 0.7,
    perSecond: 2,
    leftMs: 15_000,
  });
});

test('nothing is guessed before the first chunk of this attempt has ended', () => {
  const progress = aProgress({
    chunksDone: 50,
    chunksTotal: 100,
    chunksSince: since,
    chunksDoneThen: 50,
  });
  const shown = chunkProgress(progress, tenSecondsOn);
  expect(shown).toMatchObject({ fraction: 0.5, perSecond: null, leftMs: null });
});

test('a clock behind that of the controller gives no rate', () => {
  const progress = aProgress({
    chunksDone: 5,
    chunksTotal: 10,
    chunksSince: tenSecondsOn,
    chunksDoneThen: 0,
  });
  expect(chunkProgress(progress, since)).toMatchObject({ perSecond: null, leftMs: null });
});

test('a task without chunks has no such progress, one cut into none is complete', () => {
  expect(chunkProgress(aProgress(), since)).toBeNull();
  const none = aProgress({ chunksDone: 0, chunksTotal: 0, chunksSince: since, chunksDoneThen: 0 });
  expect(chunkProgress(none, tenSecondsOn)?.fraction).toBe(1);
});
