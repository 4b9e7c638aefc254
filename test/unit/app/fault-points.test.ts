import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsOf } from '../../../src/app/fault-points.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { NO_FAULTS } from '../../../src/ports/fault-points.ts';

test('nothing is armed outside of tests, whatever the variables say', () => {
  expect(faultsOf({ ODTM_FAULT: 'unit.before' }, systemClock)).toBe(NO_FAULTS);
  expect(faultsOf({ ODTM_TESTING: '1' }, systemClock)).toBe(NO_FAULTS);
});

test.each(['unit.sometime', 'unit.before:0', 'unit.before:x', 'unit.before:1:2'])(
  'a mistyped point %s is refused with the known ones',
  (fault) => {
    const arm = () => faultsOf({ ODTM_TESTING: '1', ODTM_FAULT: fault }, systemClock);
    expect(arm).toThrow('stream.after_forget');
    expect(arm).toThrow(`ODTM_FAULT is "${fault}"`);
  },
);

test('an unknown action is refused', () => {
  const env = { ODTM_TESTING: '1', ODTM_FAULT: 'unit.before', ODTM_FAULT_ACTION: 'explode' };
  expect(() => faultsOf(env, systemClock)).toThrow('kill or pause:FILE');
});

test('kills the own process when the point is reached for the n-th time', () => {
  const module = (name: string) => new URL(`../../../src/app/${name}.ts`, import.meta.url).href;
  const program = `
    import { faultsOf } from '${module('fault-points')}';
    import { systemClock } from '${module('system-clock')}';
    const faults = faultsOf(process.env, systemClock);
    for (const n of [1, 2, 3]) {
      await faults.reached('unit.after');
      await faults.reached('unit.before');
      process.stdout.write(String(n));
    }`;
  const env = { ...process.env, ODTM_TESTING: '1', ODTM_FAULT: 'unit.before:2' };
  const args = ['--input-type=module', '--no-warnings', '-e', program];
  const { signal, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  expect({ signal, stdout }).toEqual({ signal: 'SIGKILL', stdout: '1' });
});

test('a pause tells where it stands and waits until it may go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'odtm-fault-'));
  const file = join(folder, 'reached');
  const env = {
    ODTM_TESTING: '1',
    ODTM_FAULT: 'log.after_write',
    ODTM_FAULT_ACTION: `pause:${file}`,
  };
  let passed = false;
  const passing = faultsOf(env, systemClock)
    .reached('log.after_write', 'stream 7')
    .then(() => {
      passed = true;
    });
  await expect
    .poll(() => readFile(file, 'utf8').catch(() => ''))
    .toBe(`${process.pid} log.after_write stream 7\n`);
  expect(passed).toBe(false);
  await writeFile(`${file}.go`, '');
  await passing;
  expect(passed).toBe(true);
  await rm(folder, { recursive: true });
});
