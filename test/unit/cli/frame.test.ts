import { expect, test } from 'vitest';
import { frame, rateText } from '../../../src/cli/live/frame.ts';
import { Paint } from '../../../src/cli/render/paint.ts';
import type { RunSnapshot } from '../../../src/control/watch-run.ts';
import type { StreamSummary } from '../../../src/ports/run-queries.ts';
import { aFailure, aLoggedStatement, aProgress, aRun, aStream, aUnit } from './samples.ts';

const at = new Date('2026-11-21T10:00:00Z');
const plain = new Paint(false);

function snapshot(
  streams: readonly StreamSummary[],
  more: Partial<RunSnapshot> = {},
  status: 'running' | 'interrupted' = 'running',
): RunSnapshot {
  return { at, detail: aRun({ status }, streams), running: [], over: false, ...more };
}

const running = aStream('shop_eu', {
  status: 'running',
  progress: aProgress({
    object: 'app.orders',
    iteration: 3,
    chunksDone: 30,
    chunksTotal: 60,
    chunksSince: new Date('2026-11-21T09:59:50Z'),
    chunksDoneThen: 10,
  }),
});
const failed = aStream('shop_us', {
  status: 'failed',
  failure: aFailure(),
  failedUnit: aUnit({ iteration: 2, task: 'rebuild' }),
  progress: aProgress({ iteration: 2, tasks: [] }),
  endedAt: new Date('2026-11-21T09:59:30Z'),
});

test('a line a stream with place, rows, time and chunks, and its failure below', () => {
  const lines = frame(snapshot([failed, running]), { columns: 140, rows: 24 }, plain, 'Ctrl-C');
  expect(lines).toEqual([
    'Run 7  purge_orders (12) in PROD  running',
    '2 streams, 1 running, 1 failed, 24,690 rows, 1m05s',
    '  shop_us  failed    rebuild, iteration 2  #2  12,345 rows  30.0s',
    '    53400: temporary file size exceeds temp_file_limit (1024kB) (10-tasks.sql:41)',
    '  shop_eu  running   app.orders purge_rows  #3  12,345 rows  1m00s  ' +
      '██████░░░░░░ 30/60 2.0/s 15.0s left',
    'Ctrl-C',
  ]);
});

test('the statement in execution is shown once it has run for a second', () => {
  const statement = (startedAt: string): RunSnapshot['running'] => [
    aLoggedStatement({ status: 'running', startedAt: new Date(startedAt), endedAt: null }),
  ];
  const size = { columns: 100, rows: 24 };
  const young = snapshot([running], { running: statement('2026-11-21T09:59:59.500Z') });
  expect(frame(young, size, plain, '')).toHaveLength(3);
  const old = snapshot([running], { running: statement('2026-11-21T09:59:55Z') });
  expect(frame(old, size, plain, '')[3]).toBe(
    '    5.0s  delete from app.orders where order_id < 100',
  );
});

test('what holds a running stream up is told', () => {
  const note = 'the target is away, trying again';
  const stream = aStream('shop_eu', { status: 'running', progress: aProgress({ note }) });
  const lines = frame(snapshot([stream]), { columns: 100, rows: 24 }, plain, '');
  expect(lines[2]).toBe(`  shop_eu  running   purge_rows  #1  12,345 rows  1m00s  ${note}`);
});

test('no line is wider than the terminal, also with colours', () => {
  const size = { columns: 40, rows: 24 };
  const lines = frame(snapshot([failed, running]), size, plain, 'x'.repeat(50));
  expect(Math.max(...lines.map((line) => [...line].length))).toBe(40);
  expect(lines.at(-1)).toBe(`${'x'.repeat(39)}…`);
  const coloured = frame(snapshot([failed]), size, new Paint(true), '');
  expect(coloured[2]).toContain('\u001b[31mfailed    \u001b[39m');
});

test('of 500 streams those come first that went wrong or work, and the rest is counted', () => {
  const streams = Array.from({ length: 500 }, (_, index) => {
    const status = index === 499 ? 'running' : index === 250 ? 'failed' : 'completed';
    return aStream(`db_${String(index).padStart(3, '0')}`, { status });
  });
  const lines = frame(snapshot(streams), { columns: 100, rows: 12 }, plain, 'hint');
  expect(lines).toHaveLength(11);
  expect(lines[2]).toContain('db_250  failed');
  expect(lines[3]).toContain('db_499  running');
  expect(lines[9]).toBe('… 493 more (493 completed)');
  expect(lines[10]).toBe('hint');
});

test('a tiny terminal still gets totals', () => {
  const lines = frame(snapshot([failed, running]), { columns: 30, rows: 3 }, plain, '');
  expect(lines).toEqual([
    'Run 7  purge_orders (12) in P…',
    '2 streams, 1 running, 1 faile…',
    '… 2 more (1 running, 1 failed)',
  ]);
});

test('a run that nobody drives says so', () => {
  const lines = frame(
    snapshot([running], {}, 'interrupted'),
    { columns: 140, rows: 24 },
    plain,
    '',
  );
  expect(lines[1]).toBe(
    '1 stream, 1 running, 12,345 rows, 1m05s, no controller is alive: start "odtm controller"',
  );
});

test('a rate is told in the unit that suits it', () => {
  expect([1234.4, 12, 2.04, 0.05].map(rateText)).toEqual(['1,234/s', '12/s', '2.0/s', '3.0/min']);
});
