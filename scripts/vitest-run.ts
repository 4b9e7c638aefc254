import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Counts,
  countEngines,
  countReport,
  failedTests,
  type Report,
  skippedTests,
} from './test-counts.ts';

/** The folder with package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs one of the project's tools under the Node that runs us. Resolves with its exit code. */
export function runTool(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** What a run of tests has shown. */
export interface TestRun {
  readonly suites: Map<string, Counts>;
  /** Tests again, by the engine that they are about, where they are about one. */
  readonly engines: ReadonlyMap<string, Counts>;
  /** The names of the tests that did not run. */
  readonly skipped: readonly string[];
  /** The tests that failed, with the first lines of why. */
  readonly failed: readonly string[];
}

/** Runs tests and counts them. */
export async function runVitest(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TestRun> {
  const directory = await mkdtemp(join(tmpdir(), 'odtm-report-'));
  const file = join(directory, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runTool('vitest/vitest.mjs', ['run', ...reporters, ...args], env);
  const text = await readFile(file, 'utf8').catch(() => '{"testResults":[]}');
  await rm(directory, { recursive: true, force: true });
  const report = JSON.parse(text) as Report;
  const suites = countReport(report, root);
  const hasFailed = [...suites.values()].some((counts) => counts.failed > 0);
  // An error outside of every test fails the run, and so must be seen in the counts.
  if (code !== 0 && !hasFailed) suites.set('vitest', { passed: 0, failed: 1, skipped: 0 });
  return {
    suites,
    engines: countEngines(report, root),
    skipped: skippedTests(report, root),
    failed: failedTests(report, root),
  };
}
