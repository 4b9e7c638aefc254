import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { runningServers } from '../../examples/purge-orders/demo/fleet.ts';
import { tempDir } from '../support/temp-dir.ts';

const DEMO = join(import.meta.dirname, '../../examples/purge-orders/demo.ts');
const SMALL = ['--orders-a-month', '1000'];

it('the demo passes all its checks, also where an earlier one has left its data', async () => {
  await using folder = await tempDir();
  const dataDir = join(folder.path, 'demo');
  const first = await demo('--data-dir', dataDir, ...SMALL, '--keep');
  expect(first).toMatchObject({
    code: 0,
    output: expect.stringContaining('PASS  13 of 13 checks'),
  });
  expect(first.output).not.toContain('FAIL');
  expect(first.output).toContain('53400: temporary file size exceeds "temp_file_limit"');
  expect(await runningServers(dataDir)).toEqual([]);

  const second = await demo('--data-dir', dataDir, ...SMALL);
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining('No server is left') });
  expect(existsSync(dataDir)).toBe(false);
}, 240_000);

it('the demo removes no folder that it has not made', async () => {
  await using folder = await tempDir();
  const dataDir = join(folder.path, 'precious');
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'thesis.txt'), 'chapter 1');
  expect(await demo('--data-dir', dataDir, ...SMALL)).toMatchObject({ code: 1 });
  expect(await readdir(dataDir)).toEqual(['thesis.txt']);
});

async function demo(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  return { code, output };
}
