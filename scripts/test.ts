/**
 * The whole suite: types, lint, every test project. The last line is the truth about all of them:
 * "N passed, N failed, N skipped", where types and lint count as one test each.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addCounts, type Counts, countReport, emptySuites, type Report } from './test-counts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Suites without which the result says nothing, even if their folders went away. */
const REQUIRED_SUITES = ['unit', 'tidy', 'conformance', 'integration'];

/** Runs one of the project's tools under the Node that runs us. Resolves with its exit code. */
function runTool(script: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function check(script: string, args: readonly string[]): Promise<Counts> {
  const code = await runTool(script, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function runVitest(filters: readonly string[]): Promise<Map<string, Counts>> {
  const directory = await mkdtemp(join(tmpdir(), 'odtm-report-'));
  const file = join(directory, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runTool('vitest/vitest.mjs', ['run', ...reporters, ...filters]);
  const text = await readFile(file, 'utf8').catch(() => '{"testResults":[]}');
  await rm(directory, { recursive: true, force: true });
  const suites = countReport(JSON.parse(text) as Report, root);
  const failed = [...suites.values()].some((counts) => counts.failed > 0);
  // An error outside of every test fails the run, and so must be seen in the counts.
  if (code !== 0 && !failed) suites.set('vitest', { passed: 0, failed: 1, skipped: 0 });
  return suites;
}

/** The suites that there are files for, and those that there must be. */
function expectedSuites(): Set<string> {
  const files = globSync('test/*/**/*.test.ts', { cwd: root });
  return new Set([...REQUIRED_SUITES, ...files.map((file) => file.split('/')[1] ?? file)]);
}

function print(suites: ReadonlyMap<string, Counts>): void {
  console.log('');
  for (const [name, { passed, failed, skipped }] of suites) {
    console.log(`${name.padEnd(14)} ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}

const suites = new Map<string, Counts>([
  ['types', await check('typescript/bin/tsc', ['--noEmit', '-p', '.'])],
  ['lint', await check('@biomejs/biome/bin/biome', ['check'])],
]);
for (const [name, counts] of await runVitest(process.argv.slice(2))) suites.set(name, counts);
const missing = process.argv.length > 2 ? [] : emptySuites(suites, expectedSuites());
print(suites);
for (const name of missing)
  console.log(`${name.padEnd(14)} ran no test at all, which is a failure`);
const total = addCounts([...suites.values()]);
const failed = total.failed + missing.length;
console.log(`${total.passed} passed, ${failed} failed, ${total.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
