import { appendFile, stat } from 'node:fs/promises';
import { odtmError } from '../core/errors/catalogue.ts';
import type { Clock } from '../ports/clock.ts';
import { FAULT_POINTS, type FaultPoint, type Faults, NO_FAULTS } from '../ports/fault-points.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const LOOK_EVERY_MS = 20;

/**
 * What tests ask for: `ODTM_FAULT=point[:n]` kills this process when the point is reached for the n-th time;
 * with `ODTM_FAULT_ACTION=pause:FILE` it adds a line to that file instead and waits until FILE.go exists.
 * Without `ODTM_TESTING=1` nothing of it is looked at.
 * @throws OdtmError CONFIGURATION_INVALID
 */
export function faultsOf(env: Environment, clock: Clock): Faults {
  const fault = env.ODTM_FAULT;
  if (env.ODTM_TESTING !== '1' || fault === undefined || fault === '') return NO_FAULTS;
  const { point, count } = faultOf(fault);
  const act = actionOf(env.ODTM_FAULT_ACTION, clock);
  let reached = 0;
  return {
    reached: async (at, detail) => {
      if (at !== point) return;
      reached += 1;
      if (reached === count) await act(at, detail);
    },
  };
}

function faultOf(value: string): { point: FaultPoint; count: number } {
  const [name, times = '1', ...more] = value.split(':');
  const point = FAULT_POINTS.find((one) => one === name);
  if (point !== undefined && /^[1-9]\d*$/.test(times) && more.length === 0) {
    return { point, count: Number(times) };
  }
  const reason = `it must be POINT or POINT:N, with one of ${FAULT_POINTS.join(', ')}`;
  throw odtmError('CONFIGURATION_INVALID', { name: 'ODTM_FAULT', value, reason });
}

function actionOf(
  value: string | undefined,
  clock: Clock,
): (point: FaultPoint, detail?: string) => Promise<void> {
  if (value === undefined || value === 'kill') return killThisProcess;
  const file = /^pause:(.+)$/.exec(value)?.[1];
  if (file === undefined) {
    const reason = 'it must be kill or pause:FILE';
    throw odtmError('CONFIGURATION_INVALID', { name: 'ODTM_FAULT_ACTION', value, reason });
  }
  return async (point, detail = '') => {
    await appendFile(file, `${process.pid} ${point} ${detail}\n`);
    while (!(await exists(`${file}.go`))) await clock.sleep(LOOK_EVERY_MS);
  };
}

function killThisProcess(): Promise<void> {
  process.kill(process.pid, 'SIGKILL');
  // Nothing after the fault point may happen, however late the signal comes.
  return new Promise(() => undefined);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
