import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failures } from './failure-reporter.ts';
import {
  type Counts,
  countEngines,
  countReport,
  type Report,
  skippedTests,
  withServers,
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
export interface TestRun extends Failures {
  readonly suites: Map<string, Counts>;
  /** Tests again, by the engine that they are about, where they are about one. */
  readonly engines: ReadonlyMap<string, Counts>;
  /** As engines, of tests that had a server of the engine, or what stands in for it. */
  readonly onServers: ReadonlyMap<string, Counts>;
  /** The names of the tests that did not run. */
  readonly skipped: readonly string[];
}

/** Runs tests and counts them. */
export async function runVitest(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TestRun> {
  const directory = await mkdtemp(join(tmpdir(), 'odtm-report-'));
  const file = join(directory, 'report.json');
  const failuresFile = join(directory, 'failures.json');
  const own = join(root, 'scripts', 'failure-reporter.ts');
  const reporters = ['default', 'json', own].map((name) => `--reporter=${name}`);
  const code = await runTool(
    'vitest/vitest.mjs',
    ['run', ...reporters, `--outputFile.json=${file}`, ...args],
    { ...env, ODTM_FAILURES_FILE: failuresFile },
  );
  // A run that dies leaves no report: nothing has passed then.
  const report = await readJson<Report>(file, { testResults: [] });
  const failures = await readJson<Failures>(failuresFile, { failed: [], retried: [] });
  await rm(directory, { recursive: true, force: true });
  const suites = countReport(report, root);
  const hasFailed = [...suites.values()].some((counts) => counts.failed > 0);
  // An error outside of every test fails the run, and so must be seen in the counts.
  if (code !== 0 && !hasFailed) suites.set('vitest', { passed: 0, failed: 1, skipped: 0 });
  return {
    suites,
    engines: countEngines(report, root),
    onServers: countEngines(withServers(report, root), root),
    skipped: skippedTests(report, root),
    ...failures,
  };
}

async function readJson<T>(file: string, absent: T): Promise<T> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? absent : (JSON.parse(text) as T);
}
