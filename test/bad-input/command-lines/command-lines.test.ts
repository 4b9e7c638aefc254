import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../../src/cli/main.ts';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import { aRun } from '../../unit/cli/samples.ts';
import { aStage, type Stage } from '../../unit/cli/stage.ts';

const CASES = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Run 7 has ended, nothing of it failed, and operation 12 has a run that goes on. */
function stage(): Stage {
  return aStage({
    runs: [aRun({ runId: '7', endedAt: new Date('2026-11-21T09:59:59Z') })],
    session: {
      runs: {
        start: async ({ operation, environment }) => {
          throw odtmError('RUN_ALREADY_RUNNING', {
            operation: operation.name,
            environment: environment.code,
            run: 8,
          });
        },
        wish: async (run) => {
          throw odtmError('RUN_ENDED', { run, status: 'completed' });
        },
        cancelWithoutFinal: async (run) => {
          throw odtmError('RUN_ENDED', { run, status: 'completed' });
        },
        decide: async (run, instance) => {
          throw odtmError('NOT_SKIPPABLE', { run, instance, reason: 'it is completed' });
        },
      },
    },
  });
}

test.each(CASES)('%s', async (name) => {
  const folder = join(import.meta.dirname, name);
  const args = readFileSync(join(folder, 'args.txt'), 'utf8').split('\n').slice(0, -1);
  const { services, out, err } = stage();
  const exitCode = await runCli(args, services);
  expect(`${err.text}exit ${exitCode}\n`).toBe(readFileSync(join(folder, 'expected.txt'), 'utf8'));
  expect(out.text, 'nothing but the error is written').toBe('');
});

test('there are many of them', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(25);
});
