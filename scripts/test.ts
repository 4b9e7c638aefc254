/**
 * The whole suite: types, lint, every test project. The last line is the truth about all of them:
 * "N passed, N failed, N skipped", where types and lint count as one test each. Arguments are
 * handed to vitest, to run a part.
 */
import { globSync } from 'node:fs';
import { addCounts, type Counts, emptySuites } from './test-counts.ts';
import { root, runTool, runVitest } from './vitest-run.ts';

/** Suites without which the result says nothing, even if their folders went away. */
const REQUIRED_SUITES = ['unit', 'tidy', 'bad-input', 'conformance', 'integration', 'simulation'];

async function check(script: string, args: readonly string[]): Promise<Counts> {
  const code = await runTool(script, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** The suites that there are files for, and those that there must be. */
function expectedSuites(): Set<string> {
  const files = globSync('test/*/**/*.test.ts', { cwd: root });
  return new Set([...REQUIRED_SUITES, ...files.map((file) => file.split('/')[1] ?? file)]);
}

function print(suites: ReadonlyMap<string, Counts>, missing: readonly string[]): void {
  console.log('');
  for (const [name, { passed, failed, skipped }] of suites) {
    console.log(`${name.padEnd(14)} ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
  for (const name of missing) {
    console.log(`${name.padEnd(14)} ran no test at all, which counts as one failed`);
  }
}

const filters = process.argv.slice(2);
const suites = new Map<string, Counts>([
  ['types', await check('typescript/bin/tsc', ['--noEmit', '-p', '.'])],
  ['lint', await check('@biomejs/biome/bin/biome', ['check', '--error-on-warnings'])],
]);
for (const [name, counts] of await runVitest(filters)) suites.set(name, counts);
const missing = filters.length > 0 ? [] : emptySuites(suites, expectedSuites());
print(suites, missing);
const total = addCounts([...suites.values()]);
const failed = total.failed + missing.length;
console.log(`${total.passed} passed, ${failed} failed, ${total.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
