import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

const TEST_MS = 60_000;
const SCENARIO_MS = 300_000;

/**
 * Scenarios bound real processes by the clock of the wall; on a machine that stalls one may be late. What
 * is really broken fails twice. Each of them has several processes and servers of its own, so few run at once.
 */
const SCENARIO_RETRIES = 1;

const POSTGRES_ONLY = 'test/support/global-setup.ts';
const POSTGRES_AND_MARIADB = 'test/support/mariadb/global-setup.ts';

/** A folder of tests that need databases: processes of their own, and the same servers for the whole run. */
function databaseProject(name: string, setup = POSTGRES_AND_MARIADB): TestProjectConfiguration {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      pool: 'forks',
      globalSetup: [setup],
      testTimeout: name === 'scenarios' ? SCENARIO_MS : TEST_MS,
      hookTimeout: name === 'scenarios' ? SCENARIO_MS : TEST_MS,
      retry: name === 'scenarios' ? SCENARIO_RETRIES : 0,
    },
  };
}

export default defineConfig({
  test: {
    maxWorkers: 3,
    maxConcurrency: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/bad-input/**/*.test.ts', 'test/tidy.test.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: TEST_MS,
          hookTimeout: TEST_MS,
        },
      },
      databaseProject('conformance'),
      databaseProject('integration'),
      databaseProject('simulation', POSTGRES_ONLY),
      databaseProject('scenarios'),
    ],
  },
});
