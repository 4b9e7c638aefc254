import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PlsqlConnection } from '../../../src/targets/plsql/querier.ts';
import { UnitCancel } from '../../../src/targets/plsql/unit-cancel.ts';

let asked: string[];
let unitCancel: UnitCancel;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  asked = [];
  const connection = { serverSession: '7' } as PlsqlConnection;
  const engine = {
    cancel: async () => {
      asked.push('cancel');
    },
    kill: async (_: unknown, serverSession: string) => {
      asked.push(`kill ${serverSession}`);
    },
  };
  unitCancel = new UnitCancel({ engine, connection, monitorSession: connection });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a cancel is asked for until the unit has ended', async () => {
  unitCancel.began();
  await unitCancel.cancel();
  await vi.advanceTimersByTimeAsync(1_000);
  const before = asked.length;
  expect(before).toBeGreaterThan(3);
  await unitCancel.over();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(before);
  expect(asked).not.toContain('kill 7');
});

test('package code that swallows it for five seconds loses its session', async () => {
  unitCancel.began();
  await unitCancel.cancel();
  await vi.advanceTimersByTimeAsync(4_900);
  expect(asked).not.toContain('kill 7');
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.at(-1)).toBe('kill 7');
});

test('nothing is asked for where no unit runs', async () => {
  await unitCancel.cancel();
  unitCancel.began();
  unitCancel.ended();
  await unitCancel.cancel();
  expect(asked).toEqual([]);
  expect(unitCancel.asked).toBe(false);
});
