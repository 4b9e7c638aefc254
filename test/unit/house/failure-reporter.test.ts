import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Failures } from '../../../scripts/failure-reporter.ts';

const TESTS = `
test('holds', () => {});
test('does not hold', () => { expect(1, 'one is two').toBe(2); });
let tries = 0;
test('holds in the end', { retry: 1 }, () => { expect(tries++).toBe(1); });
describe('behind a hook', () => {
  beforeAll(() => { throw new TypeError('no server'); });
  test('is not run', () => {});
});
test('lets go of an error', async () => {
  setTimeout(() => { throw new RangeError('nobody catches this'); });
  await new Promise((done) => setTimeout(done, 50));
});
`;

let folder: string;
let failures: Failures;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odtm-reporter-'));
  await writeFile(join(folder, 'some.test.js'), TESTS);
  await writeFile(join(folder, 'broken.test.js'), 'throw new SyntaxError("not a test");');
  const file = join(folder, 'failures.json');
  const [vitest, reporter] = ['node_modules/vitest/vitest.mjs', 'scripts/failure-reporter.ts'];
  const args = ['run', '--globals', '--root', folder, `--reporter=${resolve(reporter)}`];
  const run = promisify(execFile)(process.execPath, [resolve(vitest), ...args], {
    env: { ...process.env, ODTM_FAILURES_FILE: file },
  });
  await expect(run).rejects.toMatchObject({ code: 1 });
  failures = JSON.parse(await readFile(file, 'utf8')) as Failures;
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['some.test.js > does not hold', 'AssertionError: one is two: expected 1 to be 2'],
  ['some.test.js > behind a hook', 'TypeError: no server'],
  ['broken.test.js', 'SyntaxError: not a test'],
  ['outside of all tests', 'RangeError: nobody catches this'],
])('what fails is told with its reason: %s', (name, reason) => {
  const told = failures.failed.find((text) => text.startsWith(`${name}\n`));
  expect(told?.split('\n')[1]?.trim()).toContain(reason);
  expect(told?.split('\n').length).toBeLessThanOrEqual(7);
});

test('nothing else failed, and what passed only at the second try is told apart', () => {
  expect(failures.failed).toHaveLength(4);
  expect(failures.retried).toEqual(['some.test.js > holds in the end']);
});
