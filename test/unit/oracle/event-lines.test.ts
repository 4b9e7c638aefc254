import { describe, expect, test } from 'vitest';
import { readEventLines } from '../../../src/targets/oracle/event-lines.ts';
import { EMPTY_EVENT } from '../plsql/empty-event.ts';

describe('events that come with the answer of a unit', () => {
  test('one a line, with line feeds, tabs and backslashes in their text', () => {
    const lines = [
      "7\tB\t1\t0\t1700000000000.125\t\t\t\t\t\t\tSELECT '\\\\n'\\n\\tFROM dual",
      '8\tE\t1\t0\t1700000000001\t.875\t3\t2\t1048\t64\t\tIn parallel',
      '9\tF\t2\t1\t1700000000002\t0\t\t\t\t\t1476\tORA-01476: divisor is equal to zero',
    ];
    expect(readEventLines(`${lines.join('\n')}\n`)).toEqual([
      {
        ...EMPTY_EVENT,
        event_no: 7,
        event: 'B',
        seq: 1,
        depth: 0,
        at_ms: 1700000000000.125,
        sql_text: "SELECT '\\n'\n\tFROM dual",
      },
      {
        ...EMPTY_EVENT,
        event_no: 8,
        event: 'E',
        seq: 1,
        depth: 0,
        at_ms: 1700000000001,
        elapsed_ms: 0.875,
        row_count: 3,
        workers: 2,
        redo_bytes: 1048,
        undo_bytes: 64,
        sql_text: 'In parallel',
      },
      {
        ...EMPTY_EVENT,
        event_no: 9,
        event: 'F',
        seq: 2,
        depth: 1,
        at_ms: 1700000000002,
        elapsed_ms: 0,
        code: 1476,
        sql_text: 'ORA-01476: divisor is equal to zero',
      },
    ]);
  });

  test('none, or too many for one answer', () => {
    expect(readEventLines(null)).toEqual([]);
    expect(readEventLines('+')).toBeNull();
  });
});
