/**
 * The whole suite: types, lint, every test project. The last line is the truth about all of them:
 * "N passed, N failed, N skipped", where types and lint count as one test each. Arguments are
 * handed to vitest, to run a part. Tests are counted a second time by the engine that they are about, and
 * those that were skipped are named, so that nobody takes a suite for run that was not.
 */
import { globSync } from 'node:fs';
import { addCounts, type Counts, ENGINES, emptySuites } from './test-counts.ts';
import { root, runTool, runVitest, type TestRun } from './vitest-run.ts';

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

function printNames(title: string, names: readonly string[]): void {
  if (names.length === 0) return;
  console.log(`\n${title}: ${names.length}`);
  for (const name of names) console.log(`  ${name.replaceAll('\n', '\n  ')}`);
}

/** The engines that have tests; those that have none are told apart. */
function enginesOf({ engines }: TestRun): Map<string, Counts> {
  return new Map([...engines].filter(([, counts]) => Object.values(counts).some((n) => n > 0)));
}

function together(
  first: ReadonlyMap<string, Counts>,
  second: ReadonlyMap<string, Counts>,
): Map<string, Counts> {
  const names = new Set([...first.keys(), ...second.keys()]);
  const of = (name: string) => [first.get(name) ?? [], second.get(name) ?? []].flat();
  return new Map([...names].map((name) => [name, addCounts(of(name))]));
}

/** Scenarios have many processes each; beside all other suites they would wait for the processors only. */
async function wholeRun(): Promise<TestRun> {
  const quick = ['unit', 'conformance', 'integration', 'simulation'];
  const first = await runVitest(quick.flatMap((name) => ['--project', name]));
  const second = await runVitest(['--project', 'scenarios', '--maxWorkers', '2']);
  return {
    suites: new Map([...first.suites, ...second.suites]),
    engines: together(first.engines, second.engines),
    onServers: together(first.onServers, second.onServers),
    skipped: [...first.skipped, ...second.skipped],
    failed: [...first.failed, ...second.failed],
    retried: [...first.retried, ...second.retried],
  };
}

const filters = process.argv.slice(2);
const suites = new Map<string, Counts>([
  ['types', await check('typescript/bin/tsc', ['--noEmit', '-p', '.'])],
  ['lint', await check('@biomejs/biome/bin/biome', ['check', '--error-on-warnings'])],
]);
const run = filters.length > 0 ? await runVitest(filters) : await wholeRun();
for (const [name, counts] of run.suites) suites.set(name, counts);
const isWhole = filters.length === 0;
const missing = isWhole ? emptySuites(suites, expectedSuites()) : [];
const missingEngines = isWhole ? emptySuites(run.onServers, new Set(ENGINES)) : [];
print(suites, missing);
print(enginesOf(run), missingEngines);
printNames('Skipped', run.skipped);
printNames('Passed only when tried again', run.retried);
// Last, because whoever reads the end of a long log looks for these.
printNames('Failed', run.failed);
const total = addCounts([...suites.values()]);
const failed = total.failed + missing.length + missingEngines.length;
console.log(`\n${total.passed} passed, ${failed} failed, ${total.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
