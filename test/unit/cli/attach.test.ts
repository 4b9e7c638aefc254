import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/cli/attach.ts';
import { runCli } from '../../../src/cli/main.ts';
import type { CliSession } from '../../../src/cli/services.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { RunStatus, StreamStatus, Wish } from '../../../src/core/run/stream-status.ts';
import type { RunDetail } from '../../../src/ports/run-queries.ts';
import { aFailure, aProgress, aRun, aStream, aUnit } from './samples.ts';
import { aStage, type Stage, StillController } from './stage.ts';

const ARGS = ['run', '12', '--env', 'PROD', '--plain'];

function moment(status: RunStatus, stream: StreamStatus): RunDetail {
  const endedAt = status === 'completed' ? new Date('2026-11-21T10:00:00Z') : null;
  const failure = status === 'failed' ? aFailure() : null;
  const failedUnit = status === 'failed' ? aUnit() : null;
  const progress = aProgress();
  const stopped = stream === 'failed' ? new Date('2026-11-21T10:00:02Z') : null;
  return aRun({ status, endedAt }, [
    aStream('shop_eu', { status: stream, progress, failure, failedUnit, endedAt: stopped }),
  ]);
}

/** A run that `at` tells, look by look, and the wishes that it is asked. */
function watched(
  at: (look: number, stage: Stage) => RunDetail,
  parts: Partial<CliSession> = {},
): Stage & { readonly wishes: Wish[] } {
  let look = 0;
  const wishes: Wish[] = [];
  const stage: Stage = aStage({
    session: {
      ...parts,
      runs: {
        start: async () => ({
          runId: '7',
          kind: 'started',
          instances: ['shop_eu'],
          packageChanged: [],
        }),
        wish: async (_, wish) => {
          wishes.push(wish);
        },
        cancelWithoutFinal: () => Promise.reject(new Error('nothing is cancelled here')),
        decide: () => Promise.reject(new Error('nothing is decided here')),
      },
      queries: {
        runs: async () => [],
        run: async () => at(++look, stage),
        units: async () => ({ rows: [], position: '0' }),
        statements: async () => ({ rows: [], position: '0' }),
        prune: () => Promise.reject(new Error('nothing is pruned here')),
      },
    },
  });
  return { ...stage, wishes };
}

describe('the exit code of a run', () => {
  test.each([
    ['completed', 0],
    ['failed', 1],
    ['in_doubt', 1],
    ['halted', 3],
    ['expired', 3],
    ['cancelled', 3],
    ['running', 130],
    ['interrupted', 130],
  ] as const)('%s: %d', (status, code) => {
    expect(exitCodeOf(status)).toBe(code);
  });
});

test('without a terminal each change is a line, and the end is told', async () => {
  const stage = watched((look) =>
    look < 4 ? moment('running', look === 1 ? 'waiting' : 'running') : moment('failed', 'failed'),
  );
  expect(await runCli(ARGS, stage.services)).toBe(1);
  expect(stage.err.text).toBe(
    'Run 7 starts: 1 stream.\nTakes no part: Instance shop_old is disabled.\n',
  );
  const lines = stage.out.text.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
  expect(lines).toEqual([
    'run 7  purge_orders (12) in PROD',
    'shop_eu  waiting  12,345 rows  1m00s',
    'shop_eu  running  purge_rows  iteration 1  12,345 rows',
    'shop_eu  failed  purge_rows, iteration 1  12,345 rows  1m02s',
    'shop_eu  53400: temporary file size exceeds temp_file_limit (1024kB) (10-tasks.sql:41)',
    'Run 7 failed: 1 failed, after 1m07s.',
    '  shop_eu in purge_rows, iteration 1: 53400: temporary file size exceeds temp_file_limit ' +
      '(1024kB) (10-tasks.sql:41)',
    '→ What happened: odtm log 7 --instance shop_eu --task purge_rows',
    '→ The same command goes on where it stopped.',
    '',
  ]);
});

test('Ctrl-C leaves a run that another controller drives', async () => {
  const stage = watched((look, { signal }) => {
    if (look === 2) signal('SIGINT');
    return moment('running', 'running');
  });
  expect(await runCli(ARGS, stage.services)).toBe(130);
  expect(stage.wishes).toEqual([]);
  expect(stage.err.text).toContain(
    'Run 7 goes on. Watch it with "odtm show 7 --follow", stop it with "odtm halt 7".',
  );
});

describe('where this process drives the run', () => {
  function driven(at: (look: number, stage: Stage) => RunDetail) {
    const controller = new StillController();
    return { controller, ...watched(at, { ensureController: async () => controller }) };
  }

  test('the first Ctrl-C halts it, the second halts it now', async () => {
    const stage = driven((look, { signal }) => {
      if (look < 3) signal('SIGINT');
      return look < 5 ? moment('halting', 'running') : moment('halted', 'halted');
    });
    expect(await runCli(ARGS, stage.services)).toBe(3);
    expect(stage.wishes).toEqual(['halt', 'halt_now']);
    expect(stage.controller.stops).toBe(0);
  });

  test('the third Ctrl-C holds its streams and leaves', async () => {
    const stage = driven((look, { signal }) => {
      if (look < 4) signal('SIGINT');
      return moment('halting', 'running');
    });
    expect(await runCli(ARGS, stage.services)).toBe(3);
    expect(stage.wishes).toEqual(['halt', 'halt_now']);
    expect(stage.controller.stops).toBe(1);
    expect(stage.err.text).toContain('The streams of run 7 are held where they were');
  });

  test('SIGTERM holds its streams at once', async () => {
    const stage = driven((look, { signal }) => {
      if (look === 1) signal('SIGTERM');
      return moment('running', 'running');
    });
    expect(await runCli(ARGS, stage.services)).toBe(3);
    expect(stage.wishes).toEqual([]);
    expect(stage.controller.stops).toBe(1);
  });
});

test('a controller that died is replaced by this process', async () => {
  const controller = new StillController();
  let asked = 0;
  const stage = watched(
    (look) => {
      if (look > 3) return moment('completed', 'completed');
      return moment(look === 2 ? 'interrupted' : 'running', 'running');
    },
    { ensureController: async () => (++asked === 1 ? null : controller) },
  );
  expect(await runCli(ARGS, stage.services)).toBe(0);
  expect(asked).toBe(2);
});

test('a repository that is away for a moment does not end the watching', async () => {
  const stage = watched((look) => {
    if (look === 2) {
      throw odtmError('REPOSITORY_UNREACHABLE', { address: 'db:5432', reason: 'refused' });
    }
    return look < 4 ? moment('running', 'running') : moment('completed', 'completed');
  });
  expect(await runCli(ARGS, stage.services)).toBe(0);
  expect(stage.err.text).toContain(
    'The repository at db:5432 cannot be reached: refused. Trying again.',
  );
});

test('with --json one document comes at the end, and nothing else on that stream', async () => {
  const stage = watched((look) =>
    look < 3 ? moment('running', 'running') : moment('completed', 'completed'),
  );
  expect(await runCli([...ARGS, '--json'], stage.services)).toBe(0);
  const document = JSON.parse(stage.out.text);
  expect(document).toMatchObject({ run_id: '7', status: 'completed' });
  expect(document.streams[0]).toMatchObject({ instance: 'shop_eu', status: 'completed' });
});

test('--detach leaves the run to a controller in the background', async () => {
  const stage = watched(() => moment('running', 'waiting'), {
    spawnController: async () => ({ pid: 4711, logFile: '/data/controller.log' }),
  });
  expect(await runCli([...ARGS, '--detach'], stage.services)).toBe(0);
  expect(stage.out.text).toBe(
    'A controller (process 4711, log /data/controller.log) drives it. ' +
      'Watch it with "odtm show 7 --follow".\n',
  );
});

test('on a terminal the view is redrawn in place', async () => {
  const stage = watched((look) =>
    look < 3 ? moment('running', 'running') : moment('completed', 'completed'),
  );
  Object.assign(stage.out, { isTTY: true, columns: 100, rows: 20 });
  Object.assign(stage.services, { env: { NO_COLOR: '1' } });
  expect(await runCli(['run', '12', '--env', 'PROD'], stage.services)).toBe(0);
  expect(stage.out.text).toContain('\nCtrl-C stops watching; the run goes on.\n');
  expect(stage.out.text).toContain('\u001b[3A');
  expect(stage.out.text.endsWith('Run 7 completed: 1 completed, after 1m05s.\n')).toBe(true);
});
