import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureServer } from '../../../src/repository/embedded/supervisor.ts';
import { createDatabase, superuserUrl, type TestDatabase } from '../../support/database.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { writeTickProject } from './tick-project.ts';

const ODTM = join(import.meta.dirname, '../../../bin/odtm.mjs');

/** The program as a process, on an embedded repository and two targets. */
let folder: TempDir;
let targets: TestDatabase[];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await tempDir();
  targets = await Promise.all([createDatabase('tick'), createDatabase('tick')]);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await odtm('repository', 'stop').done;
  await Promise.all(targets.map((target) => target.drop()));
  await folder.remove();
});

function odtm(...args: readonly string[]) {
  const { password } = new URL(superuserUrl());
  const child = spawn(process.execPath, [ODTM, ...args], {
    cwd: folder.path,
    env: {
      ...process.env,
      ODTM_REPOSITORY: '',
      ODTM_DATA_DIR: join(folder.path, 'repository'),
      TICK_PASSWORD: decodeURIComponent(password),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (part) => (output += part));
  const done = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return { child, done, said: () => output };
}

async function apply(pauseS: number): Promise<void> {
  const { host, username } = new URL(superuserUrl());
  const addresses = targets.map(({ name }) => `${host}/${name}`);
  await writeTickProject(folder.path, addresses, decodeURIComponent(username), pauseS);
  const applied = await odtm('apply').done;
  expect(applied.code, applied.output).toBe(0);
}

async function json<T>(...args: readonly string[]): Promise<T> {
  const { output } = await odtm(...args, '--json').done;
  return JSON.parse(output) as T;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The effects on every target: each task once. */
async function effects(): Promise<string[]> {
  const rows = await Promise.all(
    targets.map(({ url }) => query<{ task: string }>(url, 'SELECT task FROM tick.done ORDER BY 1')),
  );
  return rows.map((tasks) => tasks.map(({ task }) => task).join());
}

const ONCE_EACH = ['first,second', 'first,second'];

async function secondTaskRuns(): Promise<void> {
  for (const { url } of targets) {
    await waitFor(async () => {
      const rows = await query(
        url,
        `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
      );
      return rows.length === 1;
    });
  }
}

describe('odtm run', () => {
  test('starts a controller in its own process where none is alive', async () => {
    await apply(0);
    const run = await odtm('run', '1', '--env', 'TEST').done;
    expect(run.code, run.output).toBe(0);
    expect(await effects()).toEqual(ONCE_EACH);
    const status = await json<{ controllers: unknown[] }>('status');
    expect(status.controllers).toEqual([]);
  });

  test('killed with -9 in the middle of a task: the same command goes on, effects once', async () => {
    await apply(3);
    const first = odtm('run', '1', '--env', 'TEST');
    await secondTaskRuns();
    first.child.kill('SIGKILL');
    await first.done;
    const again = await waitFor(
      async () => {
        const run = await odtm('run', '1', '--env', 'TEST').done;
        return run.code === 0 && run;
      },
      { timeoutMs: 40_000 },
    );
    expect(again.output).toContain('Run 1 goes on');
    expect(await effects()).toEqual(ONCE_EACH);
  });

  test('--detach leaves the run to a background controller, which ends when it is idle', async () => {
    await apply(1);
    const run = await odtm('run', '1', '--env', 'TEST', '--detach').done;
    expect(run.code, run.output).toBe(0);
    const log = join(folder.path, 'repository', 'controller.log');
    const pid = Number(/process (\d+)/.exec(run.output)?.[1]);
    expect(pid).toBeGreaterThan(0);
    await waitFor(async () => {
      const rows = await effects();
      return rows.join() === ONCE_EACH.join();
    });
    await waitFor(() => !isAlive(pid), { timeoutMs: 20_000 });
    const journal = await readFile(log, 'utf8');
    expect(journal).toContain('the controller has signed off');
    const { runs } = await json<{ runs: { status: string }[] }>('runs');
    expect(runs.map(({ status }) => status)).toEqual(['completed']);
  });
});

describe('odtm controller', () => {
  test('on SIGTERM holds its streams, signs off and ends in seconds; the next one goes on', async () => {
    await apply(3);
    const controller = odtm('controller', '--slots', '2');
    await waitFor(() => controller.said().includes('the controller serves'));
    const run = odtm('run', '1', '--env', 'TEST');
    await secondTaskRuns();
    const began = performance.now();
    controller.child.kill('SIGTERM');
    const ended = await controller.done;
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(ended.code, ended.output).toBe(0);
    expect(ended.output).toContain('signed off');
    const watched = await run.done;
    expect(watched.code, watched.output).toBe(0);
    expect(await effects()).toEqual(ONCE_EACH);
  });

  test('on SIGTERM ends in seconds although the repository is away', async () => {
    await apply(30);
    const controller = odtm('controller');
    await waitFor(() => controller.said().includes('the controller serves'));
    odtm('run', '1', '--env', 'TEST');
    await secondTaskRuns();
    const server = await ensureServer({ dataDir: join(folder.path, 'repository') });
    await server.kill();
    const began = performance.now();
    controller.child.kill('SIGTERM');
    await controller.done;
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
