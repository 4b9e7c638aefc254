/**
 * A reporter for vitest: writes what failed, and what passed only when it was tried again, as JSON into the
 * file that ODTM_FAILURES_FILE names. vitest's own JSON knows neither errors of hooks nor those
 * outside of every test.
 */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** What a run has to tell besides its counts. */
export interface Failures {
  /** Tests, hooks, files and errors outside of all, each with the first lines of why. */
  readonly failed: readonly string[];
  /** Tests that failed, and passed when they were tried again. */
  readonly retried: readonly string[];
}

type Reason = Readonly<{ message: string; name?: string; stack?: string }>;

/** The first line of a failure is what happened; the rest is where. */
const REASON_LINES = 6;

function withReason(name: string, { message, name: kind = 'Error', stack = '' }: Reason): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const lines = [...`${kind}: ${message}`.split('\n'), ...frames];
  const told = lines.map((line) => line.trim()).filter((line) => line !== '');
  return [name, ...told.slice(0, REASON_LINES).map((line) => `  ${line}`)].join('\n');
}

function failuresOf(module: TestModule): Failures {
  const path = module.relativeModuleId;
  const outside = [module, ...module.children.allSuites()].flatMap((suite) => {
    const name = suite.type === 'suite' ? `${path} > ${suite.fullName}` : path;
    return suite.errors().map((error) => withReason(name, error));
  });
  const tests = [...module.children.allTests()];
  const failed = tests.flatMap((test) =>
    (test.result().errors ?? [])
      .filter(() => test.result().state === 'failed')
      .map((error) => withReason(`${path} > ${test.fullName}`, error)),
  );
  const retried = tests.filter((test) => test.diagnostic()?.flaky === true);
  return {
    failed: [...outside, ...failed],
    retried: retried.map(({ fullName }) => `${path} > ${fullName}`),
  };
}

/** See the top of the file. */
export default class FailureReporter implements Reporter {
  onTestRunEnd: Reporter['onTestRunEnd'] = (modules, unhandled) => {
    const all = modules.map(failuresOf);
    const failures: Failures = {
      failed: [
        ...all.flatMap(({ failed }) => failed),
        ...unhandled.map((error) => withReason('outside of all tests', error)),
      ],
      retried: all.flatMap(({ retried }) => retried),
    };
    const file = process.env.ODTM_FAILURES_FILE;
    if (file === undefined) throw new Error('ODTM_FAILURES_FILE names no file.');
    writeFileSync(file, JSON.stringify(failures));
  };
}
