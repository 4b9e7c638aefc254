import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { whatIsMissing } from '../../examples/purge-events/demo/fleet.ts';
import { runningServers } from '../../examples/purge-orders/demo/fleet.ts';
import { hasMariadb } from '../support/mariadb/database.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const DEMO = join(import.meta.dirname, '../../examples/purge-orders/demo.ts');

const ALL_ENGINES = ['--engines', 'all', '--events-a-month', '300'];

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
}, 300_000);

it.skipIf(!hasMariadb())(
  'over all engines it passes all its checks in one run',
  async () => {
    const directory = join(folder.path, 'engines');
    const { code, output } = await demo(directory, ...ALL_ENGINES).ended;
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain('PASS  one run over 5 instances of 3 engines');
    expect(output).toContain('PASS  14 of 14 checks');
    expect(output).not.toContain('FAIL');
    expect(output).toContain('4025: CONSTRAINT `event_rollup_amount` failed');
    expect(existsSync(directory)).toBe(false);
  },
  240_000,
);

it.skipIf(!hasMariadb())(
  'over all engines it tidies up when it is interrupted',
  async () => {
    const directory = join(folder.path, 'interrupted');
    const { child, ended } = demo(directory, ...ALL_ENGINES);
    let output = '';
    child.stdout.on('data', (part) => {
      const before = output;
      output += part;
      const begins = output.includes('odtm run 30') && !before.includes('odtm run 30');
      if (begins) child.kill('SIGTERM');
    });
    expect(await ended).toMatchObject({ code: 1, notes: expect.stringContaining('Interrupted.') });
    expect(existsSync(directory)).toBe(false);
    const left = (await readdir(tmpdir())).filter((name) =>
      name.startsWith(`odtm-test-${child.pid}-`),
    );
    expect(left).toEqual([]);
  },
  120_000,
);

it('without MariaDB the demo says what is missing and how to get it', async () => {
  const reason = 'MariaDB is not on this machine, and only root can install it: apt-get install x';
  expect(await whatIsMissing(() => Promise.resolve({ reason }))).toBe(
    `${reason}.\nInstall MariaDB 10.6 or newer (mariadbd and mariadb-install-db), then try again.`,
  );
  const found = { server: '/usr/sbin/mariadbd', installer: '/usr/bin/mariadb-install-db' };
  expect(await whatIsMissing(() => Promise.resolve(found))).toBeNull();
});

it('the demo knows no other engines', async () => {
  const { code, notes } = await demo(join(folder.path, 'none'), '--engines', 'db2').ended;
  expect(code).toBe(1);
  expect(notes).toContain('--engines is postgres or all, not db2.');
});

it('the demo replaces what an earlier one has left, and tidies up when it is interrupted', async () => {
  const { child, ended } = demo(dataDir);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  expect(await ended).toMatchObject({ code: 1, notes: 'Interrupted.\n' });
  expect(existsSync(dataDir)).toBe(false);
}, 300_000);

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
