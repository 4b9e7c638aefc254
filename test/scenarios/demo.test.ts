import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runningServers } from '../../examples/purge-orders/demo/fleet.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const DEMO = join(import.meta.dirname, '../../examples/purge-orders/demo.ts');

let folder: TempDir;
let dataDir: string;

beforeAll(async () => {
  folder = await tempDir();
  dataDir = join(folder.path, 'demo');
});

afterAll(() => folder.remove());

it('the demo passes all its checks and leaves no server running', async () => {
  const { code, output } = await demo(dataDir, '--keep').ended;
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain('PASS  13 of 13 checks');
  expect(output).not.toContain('FAIL');
  expect(output).toContain('53400: temporary file size exceeds "temp_file_limit"');
  expect(await runningServers(dataDir)).toEqual([]);
}, 240_000);

it('the demo replaces what an earlier one has left, and tidies up when it is interrupted', async () => {
  const { child, ended } = demo(dataDir);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  expect(await ended).toMatchObject({ code: 1, notes: 'Interrupted.\n' });
  expect(existsSync(dataDir)).toBe(false);
}, 120_000);

it('the demo removes no folder that it has not made', async () => {
  const precious = join(folder.path, 'precious');
  await mkdir(precious);
  await writeFile(join(precious, 'thesis.txt'), 'chapter 1');
  expect(await demo(precious).ended).toMatchObject({ code: 1 });
  expect(await readdir(precious)).toEqual(['thesis.txt']);
});

function demo(directory: string, ...args: readonly string[]) {
  const small = ['--data-dir', directory, '--orders-a-month', '1000'];
  const child = spawn(process.execPath, [DEMO, ...small, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(
    ([code, output, notes]) => ({ code, output, notes }),
  );
  return { child, ended };
}
