import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/main.ts';
import { COMMANDS } from '../../../src/cli/program.ts';
import type { CliSession } from '../../../src/cli/services.ts';
import type { StartRequest } from '../../../src/ports/repository.ts';
import type { LogFilter } from '../../../src/ports/run-queries.ts';
import { aFailure, aLoggedStatement, aLoggedUnit, aRun, aStream, aUnit } from './samples.ts';
import { aStage, type Stage, StillController } from './stage.ts';

async function answer(stage: Stage, ...args: string[]): Promise<string> {
  const exitCode = await runCli(args, stage.services);
  expect(stage.err.text, 'no error').toBe('');
  expect(exitCode).toBe(0);
  return stage.out.text;
}

describe('help', () => {
  test('without a command the help is a usage error', async () => {
    const { services, err } = aStage();
    expect(await runCli([], services)).toBe(2);
    expect(err.text).toMatch(/^Usage: odtm \[options\] \[command\]\n/);
  });

  test('an unknown topic is named after the help', async () => {
    const { services, err } = aStage();
    expect(await runCli(['help', 'bogus'], services)).toBe(2);
    expect(err.text.endsWith('ODTM-5001: Unknown command \'bogus\'.\n→ See "odtm --help".\n')).toBe(
      true,
    );
  });

  const names = COMMANDS.flatMap(({ commands }) => commands);

  test.each(names.map((spec) => [spec.name, spec] as const))('%s', async (name, spec) => {
    const stage = aStage();
    const text = await answer(stage, ...name.split(' '), '--help');
    expect(text.startsWith(`Usage: odtm ${name}`)).toBe(true);
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const example of spec.examples) {
      expect(example.startsWith(`odtm ${name}`)).toBe(true);
      expect(text).toContain(`  ${example}\n`);
    }
  });
});

test('the version, as an option and as a command', async () => {
  expect(await answer(aStage(), '--version')).toBe('0.1.0\n');
  expect(await answer(aStage(), 'version')).toBe('0.1.0\n');
});

test('the schema is printed as it is', async () => {
  expect(await answer(aStage(), 'schema')).toBe('{"title":"ODTM definitions"}\n');
});

describe('run', () => {
  async function startedWith(...args: string[]): Promise<StartRequest> {
    const asked: StartRequest[] = [];
    const stage = aStage();
    Object.assign(stage.session.runs, {
      start: async (request: StartRequest) => {
        asked.push(request);
        return { runId: '7', kind: 'started', instances: [], packageChanged: [] };
      },
    });
    expect(await runCli(['run', ...args, '--detach'], stage.services)).toBe(0);
    expect(asked).toHaveLength(1);
    return asked[0] as StartRequest;
  }

  test('by id and code: every enabled instance, as the operation says', async () => {
    const request = await startedWith('12', '--env', 'prod');
    expect(request).toMatchObject({
      operation: { id: 12, name: 'purge_orders' },
      environment: { id: 1, code: 'PROD' },
      variant: null,
      preview: null,
      keepPackage: false,
      acceptDrift: false,
      maxStreams: 10,
      onlyInstances: null,
      by: 'ann@desk',
    });
    expect(request.plans.map(({ instance }) => instance)).toEqual(['shop_eu', 'shop_us']);
  });

  test('by name and id, with every option', async () => {
    const options = ['--only-instances', 'shop_us', '--preview', '--variant', 'light'];
    const flags = ['--keep-package', '--accept-drift', '--max-streams', '3'];
    const request = await startedWith('purge_orders', '--env', '1', ...options, ...flags);
    expect(request).toMatchObject({
      variant: 'light',
      preview: 'rollback',
      keepPackage: true,
      acceptDrift: true,
      maxStreams: 3,
      onlyInstances: ['shop_us'],
    });
    expect(request.plans.map(({ instance }) => instance)).toEqual(['shop_us']);
  });

  test('a preview may leave out executing statements', async () => {
    const request = await startedWith('12', '--env', 'PROD', '--preview', 'statements');
    expect(request.preview).toBe('statements');
  });
});

describe('log', () => {
  function logged(): { readonly stage: Stage; readonly asked: LogFilter[] } {
    const asked: LogFilter[] = [];
    const stage = aStage();
    Object.assign(stage.session.queries, {
      units: async (filter: LogFilter) => {
        asked.push(filter);
        const split = aLoggedUnit({ kind: 'split' });
        const failed = aLoggedUnit({ status: 'failed', failure: aFailure(), try: 2 });
        return { rows: [aLoggedUnit(), failed, split], position: '41' };
      },
      statements: async (filter: LogFilter) => {
        asked.push(filter);
        return { rows: [aLoggedStatement()], position: '42' };
      },
    });
    return { stage, asked };
  }

  test('an instance that the run is not on is an error, not an empty log', async () => {
    const { stage, asked } = logged();
    expect(await runCli(['log', 'last', '--instance', 'shop_ue'], stage.services)).toBe(2);
    expect(stage.err.text).toMatch(
      /^ODTM-2007: Instance shop_ue takes no part here: run 7 has no stream there\.\n→ .*shop_eu/,
    );
    expect(asked).toEqual([]);
  });

  test('without a task: the tasks of the run', async () => {
    const { stage, asked } = logged();
    const lines = (await answer(stage, 'log', 'last')).split('\n');
    expect(asked).toEqual([{ runId: '7', failedOnly: false, limit: 1000 }]);
    expect(lines[0]).toMatch(/^STARTED +INSTANCE +OBJECT +ITER +TASK +TRY +STATUS/);
    expect(lines[1]).toMatch(/shop_eu +1 +purge_rows +1\.1 +done +1 +500 +2\.0s$/);
    expect(lines[3]).toContain('  purge_rows split  ');
    expect(lines[2]).toMatch(/1\.2 +failed .* 53400: temporary .* \(10-tasks\.sql:41\)$/);
  });

  test('with a task: its statements, in full', async () => {
    const { stage, asked } = logged();
    const args = ['--instance', 'shop_eu', '--task', 'purge_rows', '--limit', '5', '--failed'];
    const text = await answer(stage, 'log', '7', ...args);
    expect(asked).toEqual([
      { runId: '7', instance: 'shop_eu', task: 'purge_rows', failedOnly: true, limit: 5 },
    ]);
    expect(text.replace(/^\S+ \S+/, 'THEN')).toBe(
      'THEN  shop_eu  purge_rows, iteration 1, statement 1  ' +
        'committed, 500 rows, 1.9s, 2 parallel workers, redo 1.2 MiB, undo 4.0 KiB\n' +
        '    delete from app.orders\n    where order_id < 100\n' +
        '    In parallel: 1 queries, 0 DML, 0 DDL, 2 servers\n',
    );
  });

  test('as JSON, with keys that are documented', async () => {
    const document = JSON.parse(await answer(logged().stage, 'log', '7', '--json'));
    expect(document.position).toBe('41');
    expect(document.tasks[1]).toEqual({
      instance: 'shop_eu',
      kind: 'task',
      object: '',
      iteration: 1,
      task: 'purge_rows',
      chunk: 0,
      unit_attempt: 0,
      stream_attempt: 1,
      try: 2,
      status: 'failed',
      started_at: '2026-11-21T09:59:00.000Z',
      ended_at: '2026-11-21T09:59:02.000Z',
      elapsed_ms: 2000,
      rows: 500,
      statements: 1,
      message: null,
      failure: { ...aFailure() },
    });
  });

  test('followed: what comes, until the run has stopped', async () => {
    const { stage, asked } = logged();
    const text = await answer(stage, 'log', '7', '--statements', '--follow', '--json');
    expect(asked).toEqual([{ runId: '7', failedOnly: false, limit: 1000 }]);
    expect(JSON.parse(text)).toMatchObject({
      seq: 1,
      status: 'committed',
      parallel_workers: 2,
      redo_bytes: 1_234_567,
      undo_bytes: 4_096,
      remark: 'In parallel: 1 queries, 0 DML, 0 DDL, 2 servers',
    });
  });

  test('rows beyond the limit are pointed out', async () => {
    const { stage } = logged();
    expect(await runCli(['log', '7', '--limit', '2'], stage.services)).toBe(0);
    expect(stage.err.text).toBe('These are the first 2 rows; there may be more: raise --limit.\n');
  });
});

describe('halt and cancel', () => {
  const active = aRun({ status: 'halting' }, [aStream('shop_eu', { status: 'running' })]);
  const halted = aRun({ status: 'halted' }, [aStream('shop_eu', { status: 'halted' })]);

  function wished(looks: number, alive: boolean, extra: Partial<CliSession> = {}) {
    const wishes: string[] = [];
    let look = 0;
    const stage = aStage({ session: extra });
    Object.assign(stage.session.runs, {
      wish: async (run: string, wish: string, by: string) => wishes.push(`${run} ${wish} ${by}`),
    });
    const run = async () => (++look <= looks ? active : halted);
    Object.assign(stage.session.queries, { run });
    const controller = { id: 'c', host: 'h', pid: 1, slots: 4 };
    Object.assign(stage.session.controllers, { alive: async () => (alive ? [controller] : []) });
    return { stage, wishes };
  }

  test('halt waits for the acknowledgement', async () => {
    const { stage, wishes } = wished(100, true);
    expect(await answer(stage, 'halt', '7', '--now')).toBe('Run 7 is halted: 1 halted.\n');
    expect(wishes).toEqual(['7 halt_now ann@desk']);
  });

  test('with --no-wait it only asks', async () => {
    const { stage } = wished(100, true);
    expect(await answer(stage, 'halt', '7', '--no-wait')).toBe(
      'Asked of run 7. See "odtm show 7".\n',
    );
  });

  test('with no controller alive to acknowledge it, it says so', async () => {
    const { stage } = wished(1000, false);
    expect(await runCli(['halt', '7'], stage.services)).toBe(1);
    expect(stage.out.text).toContain('Run 7 has not acknowledged it: 1 running.');
    expect(stage.clock.slept).toBeGreaterThan(40);
  });

  test('cancel provides a controller for a final that is still due', async () => {
    let ensured = 0;
    const ensureController = async () => {
      ensured++;
      return new StillController();
    };
    const { stage, wishes } = wished(2, true, { ensureController });
    await answer(stage, 'cancel', '7');
    expect(wishes).toEqual(['7 cancel ann@desk']);
    expect(ensured).toBe(1);
  });
});

test('skip and resolve record a decision with its reason', async () => {
  const decided: unknown[] = [];
  const stage = aStage();
  Object.assign(stage.session.runs, {
    decide: async (...all: unknown[]) => {
      decided.push(all);
      return aUnit({ task: 'rebuild' });
    },
  });
  const on = ['--instance', 'shop_eu', '--reason', 'by hand'];
  const text = await answer(stage, 'skip', '7', ...on);
  expect(text).toBe(
    'shop_eu: rebuild, iteration 1 will be skipped when run 7 goes on with "odtm run".\n',
  );
  await answer(stage, 'resolve', 'last', ...on, '--as', 'done');
  await answer(stage, 'resolve', '7', ...on, '--as', 'again');
  const reason = 'by hand';
  expect(decided).toEqual([
    ['7', 'shop_eu', { outcome: 'skipped', reason }, 'ann@desk'],
    ['7', 'shop_eu', { outcome: 'done', reason }, 'ann@desk'],
    ['7', 'shop_eu', { outcome: 'again', reason }, 'ann@desk'],
  ]);
});

test('show tells what failed in full', async () => {
  const failed = aStream('shop_us', {
    status: 'failed',
    failure: aFailure({ hint: 'Raise it.' }),
    failedUnit: aUnit({ task: 'rebuild' }),
    finalFailure: aFailure({ code: '42P01', message: 'no such feed', file: null, line: null }),
  });
  const stage = aStage({ runs: [aRun({ status: 'failed' }, [failed])] });
  const text = await answer(stage, 'show', '7');
  expect(text).toContain('Run 7: purge_orders (12) in PROD: failed\n');
  expect(text).toContain('\nshop_us failed in rebuild, iteration 1\n53400: temporary file size');
  expect(text).toContain('\n  hint: Raise it.\n');
  expect(text).toContain('\nshop_us: final failed too\n42P01: no such feed');
});

test('the session is closed after the command, also when it fails', async () => {
  let closed = 0;
  const close = async (): Promise<void> => {
    closed++;
  };
  await runCli(['show', '7'], aStage({ session: { close } }).services);
  await runCli(['show', '8'], aStage({ session: { close } }).services);
  expect(closed).toBe(2);
});

test('prune-logs deletes what ended before that moment', async () => {
  const stage = aStage();
  const asked: Date[] = [];
  Object.assign(stage.session.queries, {
    prune: async (before: Date) => {
      asked.push(before);
      return { runs: 2, units: 30, statements: 1200 };
    },
  });
  const document = JSON.parse(await answer(stage, 'prune-logs', '--older-than', '90d', '--json'));
  expect(asked).toEqual([new Date('2026-08-23T10:00:00Z')]);
  expect(document).toEqual({
    ended_before: '2026-08-23T10:00:00.000Z',
    runs: 2,
    tasks: 30,
    statements: 1200,
  });
});

describe('controller', () => {
  test('until idle: ends when nothing is left to do', async () => {
    const controller = new StillController();
    const asked: unknown[] = [];
    const stage = aStage({
      session: {
        startController: async (options) => {
          asked.push(options);
          return controller;
        },
      },
    });
    expect(await runCli(['controller', '--slots', '5', '--until-idle'], stage.services)).toBe(0);
    expect(asked).toEqual([{ slots: 5 }]);
    expect(controller.stops).toBe(1);
    expect(stage.err.text).toContain('ends: nothing is left to do');
  });

  test('else: until a signal, and its streams are handed on', async () => {
    const controller = new StillController();
    const stage = aStage({ session: { startController: async () => controller } });
    const code = runCli(['controller'], stage.services);
    while (stage.clock.slept < 3) await new Promise((resolve) => setImmediate(resolve));
    stage.signal('SIGTERM');
    expect(await code).toBe(0);
    expect(controller.stops).toBe(1);
    expect(stage.err.text).toContain('its streams are handed on');
  });
});
