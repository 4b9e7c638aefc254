import { expect, test } from 'vitest';
import { addCounts, countReport, emptySuites } from '../../../scripts/test-counts.ts';

function file(name: string, status: string, ...statuses: string[]) {
  return { name, status, assertionResults: statuses.map((one) => ({ status: one })) };
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
