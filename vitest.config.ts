import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

const TEST_MS = 60_000;

/** A folder of tests that need PostgreSQL: processes of their own, and one server for the whole run. */
function databaseProject(name: string): TestProjectConfiguration {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      pool: 'forks',
      globalSetup: ['test/support/global-setup.ts'],
      testTimeout: TEST_MS,
      hookTimeout: TEST_MS,
    },
  };
}

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/bad-input/**/*.test.ts', 'test/tidy.test.ts'],
          pool: 'threads',
          isolate: false,
        },
      },
      databaseProject('conformance'),
      databaseProject('integration'),
      databaseProject('simulation'),
      databaseProject('scenarios'),
    ],
  },
});
