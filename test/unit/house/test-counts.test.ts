import { expect, test } from 'vitest';
import {
  addCounts,
  countEngines,
  countReport,
  ENGINES,
  emptySuites,
  skippedTests,
  withServers,
} from '../../../scripts/test-counts.ts';

function file(name: string, status: string, ...statuses: string[]) {
  return named(name, status, ...statuses.map((one) => ['a test', one] as const));
}

function named(name: string, status: string, ...tests: (readonly [string, string])[]) {
  return {
    name,
    status,
    assertionResults: tests.map(([fullName, ended]) => ({ fullName, status: ended })),
  };
}

test('tests are counted by the folder they lie in, whatever they ended as', () => {
  const report = {
    testResults: [
      file('/r/test/unit/a/one.test.ts', 'passed', 'passed', 'pending', 'todo'),
      file('/r/test/unit/two.test.ts', 'failed', 'passed', 'failed'),
      file('/r/test/tidy.test.ts', 'passed', 'passed'),
    ],
  };
  expect(Object.fromEntries(countReport(report, '/r'))).toEqual({
    unit: { passed: 2, failed: 1, skipped: 2 },
    tidy: { passed: 1, failed: 0, skipped: 0 },
  });
});

test('a file that failed without a failed test counts as one', () => {
  const broken = file('/r/test/unit/broken.test.ts', 'failed');
  const hook = file('/r/test/unit/hook.test.ts', 'failed', 'passed', 'skipped');
  expect(addCounts([...countReport({ testResults: [broken, hook] }, '/r').values()])).toEqual({
    passed: 1,
    failed: 2,
    skipped: 1,
  });
});

test('a suite that ran nothing is named, also when all of it was skipped', () => {
  const suites = new Map([
    ['unit', { passed: 1, failed: 0, skipped: 0 }],
    ['integration', { passed: 0, failed: 0, skipped: 9 }],
  ]);
  expect(emptySuites(suites, new Set(['unit', 'integration', 'scenarios']))).toEqual([
    'integration',
    'scenarios',
  ]);
});

test('a test counts for the engine of its name, or of its path', () => {
  const report = {
    testResults: [
      named(
        '/r/test/conformance/target/chunks.test.ts',
        'passed',
        ['chunks on postgres cover every key', 'passed'],
        ['chunks on mariadb cover every key', 'passed'],
        ['chunks on mariadb stop at the end', 'failed'],
        ['the log of mariadb is kept', 'pending'],
        ['chunks on oracles are none', 'passed'],
        ['Oracle on other machines', 'passed'],
      ),
      file('/r/test/integration/target-oracle/wire.test.ts', 'passed', 'passed', 'skipped'),
      file('/r/test/integration/target-postgres-old.test.ts', 'failed'),
    ],
  };
  expect(Object.fromEntries(countEngines(report, '/r'))).toEqual({
    postgres: { passed: 1, failed: 1, skipped: 0 },
    mariadb: { passed: 1, failed: 1, skipped: 1 },
    oracle: { passed: 1, failed: 0, skipped: 1 },
  });
});

test.each([
  ['/r/test/unit/oracle/errors.test.ts', 'oracle'],
  ['/r/test/unit/mariadb/errors.test.ts', 'mariadb'],
  ['/r/test/unit/postgres/errors.test.ts', 'postgres'],
  ['/r/test/scenarios/faults/mariadb-kills.test.ts', 'mariadb'],
  ['/r/test/scenarios/faults/mariadb.test.ts', 'mariadb'],
  ['/r/test/scenarios/mariadb-commands.test.ts', 'mariadb'],
  ['/r/test/conformance/target/real-oracle.test.ts', 'oracle'],
  ['/r/test/integration/orawire/queries.test.ts', 'oracle'],
  ['/r/test/integration/plsql-grammar/grammar.test.ts', 'oracle'],
  ['/r/test/unit/translate/refusals.test.ts', 'mariadb'],
  ['/r/test/unit/oracles/delphi.test.ts', null],
  ['/r/test/unit/run/plan.test.ts', null],
])('the tests of %s are of %s, whatever their names say', (path, engine) => {
  const report = {
    testResults: [named(path, 'passed', ['as it is', 'passed'], ['a name like it', 'skipped'])],
  };
  const counted = [...countEngines(report, '/r')].filter(([, counts]) => counts.passed > 0);
  const expected = engine === null ? [] : [[engine, { passed: 1, failed: 0, skipped: 1 }]];
  expect(counted).toEqual(expected);
});

test('a path speaks louder than a name that mentions another engine', () => {
  const report = {
    testResults: [
      named('/r/test/unit/oracle/framework.test.ts', 'passed', ['has it, as on mariadb', 'passed']),
    ],
  };
  const counts = countEngines(report, '/r');
  expect([counts.get('oracle')?.passed, counts.get('mariadb')?.passed]).toEqual([1, 0]);
});

test.each([
  ['units on MariaDB run once', 'mariadb'],
  ['the log of PostgreSQL is kept', 'postgres'],
  ['Sessions On Postgres', 'postgres'],
  ['what only a real server shows, on Oracle redo', 'oracle'],
  ['the client script for Oracle has reasons', 'oracle'],
  ['on oracles and postgresqlish', null],
  ['MariaDB alone', null],
])('the name "%s" counts for %s', (name, engine) => {
  const report = {
    testResults: [named('/r/test/scenarios/a.test.ts', 'passed', [name, 'passed'])],
  };
  const counted = [...countEngines(report, '/r')].filter(([, counts]) => counts.passed > 0);
  expect(counted.map(([one]) => one)).toEqual(engine === null ? [] : [engine]);
});

test('an engine whose tests are all skipped, or that has none, ran nothing', () => {
  const report = {
    testResults: [
      named(
        '/r/test/conformance/target/chunks.test.ts',
        'passed',
        ['chunks on postgres', 'passed'],
        ['chunks on mariadb', 'skipped'],
      ),
    ],
  };
  expect(emptySuites(countEngines(report, '/r'), new Set(ENGINES))).toEqual(['mariadb', 'oracle']);
});

test('skipped tests are named with their suite, in the order of the report', () => {
  const report = {
    testResults: [
      named('/r/test/unit/a.test.ts', 'passed', ['one', 'passed'], ['two', 'todo']),
      named('/r/test/tidy.test.ts', 'passed', ['tidy three', 'pending'], ['four', 'failed']),
    ],
  };
  expect(skippedTests(report, '/r')).toEqual(['unit: two', 'tidy: tidy three']);
});

test('tests of units do not stand for an engine that is not there', () => {
  const report = {
    testResults: [
      file('/r/test/unit/mariadb/errors.test.ts', 'passed', 'passed'),
      file('/r/test/integration/target-mariadb/session.test.ts', 'passed', 'skipped'),
    ],
  };
  expect(countEngines(report, '/r').get('mariadb')).toEqual({ passed: 1, failed: 0, skipped: 1 });
  const served = countEngines(withServers(report, '/r'), '/r');
  expect(emptySuites(served, new Set(['mariadb']))).toEqual(['mariadb']);
});
