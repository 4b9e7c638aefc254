import { relative, sep } from 'node:path';

/** How many tests of a suite ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is read. */
export interface Report {
  readonly testResults: readonly FileReport[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly TestReport[];
}

interface TestReport {
  /** The titles of its chapters and its own, with spaces between. */
  readonly fullName: string;
  readonly status: string;
}

/** The engines that a whole run must have worked on. */
export const ENGINES = ['postgres', 'mariadb', 'oracle'];

const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

/** The sum of counts. */
export function addCounts(all: readonly Counts[]): Counts {
  return all.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    NONE,
  );
}

/** Counts by suite: the folder below test/, or the name of a file that lies there itself. */
export function countReport(report: Report, root: string): Map<string, Counts> {
  const suites = new Map<string, Counts>();
  for (const file of report.testResults) {
    const suite = suiteOf(relative(root, file.name));
    suites.set(suite, addCounts([suites.get(suite) ?? NONE, countFile(file)]));
  }
  return suites;
}

/** The words of paths that say which engine a file is about, beside the engine's own. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  mariadb: ['translate'],
  oracle: ['orawire', 'plsql-grammar'],
};

/** How names of tests call an engine. */
const NAMES: Readonly<Record<string, string>> = { postgres: 'postgres(?:ql)?' };

/**
 * Counts by engine, of the tests that say which one they are about: by a path with its name as a word, as
 * "test/unit/oracle" and "target-mariadb" have it, or else by a name like "chunks on MariaDB" or
 * "the dialect of oracle".
 */
export function countEngines(report: Report, root: string): Map<string, Counts> {
  return new Map(
    ENGINES.map((engine) => [
      engine,
      addCounts(
        report.testResults.map((file) => countEngine(file, relative(root, file.name), engine)),
      ),
    ]),
  );
}

/** The report without the tests of units, which need no server and say nothing of an engine that is away. */
export function withServers({ testResults }: Report, root: string): Report {
  return {
    testResults: testResults.filter(({ name }) => suiteOf(relative(root, name)) !== 'unit'),
  };
}

function countEngine(file: FileReport, path: string, engine: string): Counts {
  const ofPath = ENGINES.filter((one) => isAbout(path, one));
  if (ofPath.length > 0) return ofPath.includes(engine) ? countFile(file) : NONE;
  const name = new RegExp(`\\b(on|of|for|in|to) ${NAMES[engine] ?? engine}\\b`, 'i');
  const own = file.assertionResults.filter(({ fullName }) => name.test(fullName));
  return addCounts(own.map(({ status }) => countStatus(status)));
}

function isAbout(path: string, engine: string): boolean {
  const words = [...path.split(/[\\/]/), ...path.split(/[\\/.-]/)];
  return [engine, ...(FOLDERS[engine] ?? [])].some((word) => words.includes(word));
}

/** The tests that did not run, each by its suite and its full name. */
export function skippedTests(report: Report, root: string): string[] {
  return report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => countStatus(status).skipped > 0)
      .map(({ fullName }) => `${suiteOf(relative(root, name))}: ${fullName}`),
  );
}

function suiteOf(path: string): string {
  const name = path.split(sep)[1] ?? path;
  return name.replace(/\.test\.ts$/, '');
}

function countFile(file: FileReport): Counts {
  const all = addCounts(file.assertionResults.map(({ status }) => countStatus(status)));
  // A file that cannot be loaded, or whose hooks fail, has no failed test of its own.
  if (file.status === 'failed' && all.failed === 0) return addCounts([all, countStatus('failed')]);
  return all;
}

function countStatus(status: string): Counts {
  if (status === 'passed') return { ...NONE, passed: 1 };
  if (status === 'failed') return { ...NONE, failed: 1 };
  return { ...NONE, skipped: 1 };
}

/** The expected suites in which no test ran: a suite that is only skipped proves nothing. */
export function emptySuites(
  suites: ReadonlyMap<string, Counts>,
  expected: ReadonlySet<string>,
): string[] {
  return [...expected].filter((name) => {
    const { passed, failed } = suites.get(name) ?? NONE;
    return passed + failed === 0;
  });
}
