import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const RUNTIME = new URL('../../../bin/node-runtime.mjs', import.meta.url).href;

/** A process that does what the launcher does, on a module that only knows how. */
function launch(code: string) {
  const script = `const runtime = await import(${JSON.stringify(RUNTIME)}); ${code}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function inPlace(code: string): string {
  return `runtime.runInPlace(process.execPath, ['-e', ${JSON.stringify(code)}]);`;
}

async function printed(code: string): Promise<string> {
  const [chunk] = await once(launch(code).stdout, 'data');
  return String(chunk).trim();
}

test('knows which Node runs TypeScript as it is', async () => {
  const versions = ['20.20.2', '22.17.9', '22.18.0', '23.0.0', '24.21.0', '100.0.0'];
  const code = `console.log(${JSON.stringify(versions)}.map(runtime.isRecent).join())`;
  expect(await printed(code)).toBe('false,false,true,true,true,true');
});

test('finds a Node that is recent enough', async () => {
  const code = `console.log(runtime.findNode()); process.exit()`;
  const child = spawn(await printed(code), ['-p', 'process.versions.node']);
  const [version] = await once(child.stdout, 'data');
  expect(Number.parseInt(String(version), 10)).toBeGreaterThanOrEqual(22);
});

test('the exit code of the command is our own', async () => {
  const [code] = await once(launch(inPlace('process.exit(7)')), 'exit');
  expect(code).toBe(7);
});

test('a signal reaches the command, which ends in its own way', async () => {
  const command = `
    process.on('SIGTERM', () => process.exit(9));
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const child = launch(inPlace(command));
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([9, null]);
});

test('a command that dies of a signal is told apart from one that fails', async () => {
  const [code] = await once(launch(inPlace("process.kill(process.pid, 'SIGKILL')")), 'exit');
  expect(code).toBe(128 + 9);
});
