import { expect, test } from 'vitest';
import { plainFailure } from '../../../src/core/run/failure.ts';
import type { StatementRecord } from '../../../src/core/run/log-records.ts';
import { LogEvents } from '../../../src/targets/plsql/log-events.ts';
import type { LogEvent } from '../../../src/targets/plsql/querier.ts';
import { StatementFeed } from '../../../src/targets/protocol/statement-feed.ts';
import { callOf } from '../../conformance/target/stand.ts';
import { EMPTY_EVENT } from './empty-event.ts';

function eventsOf() {
  const told: StatementRecord[] = [];
  const feed = new StatementFeed(callOf('work'), { statement: (one) => told.push(one) }, false);
  const failureOf = (code: number, message: string) => plainFailure(String(code), message);
  const events = new LogEvents(feed, 0, failureOf);
  const take = (...rows: (Partial<LogEvent> & Pick<LogEvent, 'event_no' | 'event'>)[]) =>
    events.take(rows.map((row) => ({ ...EMPTY_EVENT, seq: 1, depth: 0, at_ms: 1_000, ...row })));
  return { told, feed, take };
}

test('the end of a statement tells what it has used, and what the target says', () => {
  const { told, feed, take } = eventsOf();
  take({ event_no: 1, event: 'B', sql_text: 'INSERT' });
  feed.sawWorkers(2);
  const usage = { workers: 8, redo_bytes: 1_048, undo_bytes: 64, sql_text: 'In parallel' };
  take({ event_no: 2, event: 'E', elapsed_ms: 5, row_count: 3, ...usage });
  expect(told.at(-1)).toMatchObject({
    status: 'executed',
    text: 'INSERT',
    rows: 3,
    parallelWorkers: 8,
    redoBytes: 1_048,
    undoBytes: 64,
    remark: 'In parallel',
  });
});

test('workers that were seen count where the target does not tell of any', () => {
  const { told, feed, take } = eventsOf();
  take({ event_no: 1, event: 'B', sql_text: 'INSERT' });
  feed.sawWorkers(2);
  take({ event_no: 2, event: 'E', elapsed_ms: 5, row_count: 3 });
  expect(told.at(-1)).toMatchObject({ parallelWorkers: 2, redoBytes: null, remark: null });
});

test('events come once, however often they are read', () => {
  const { told, take } = eventsOf();
  take({ event_no: 1, event: 'B', sql_text: 'INSERT' });
  take({ event_no: 1, event: 'B' }, { event_no: 2, event: 'E', elapsed_ms: 5, row_count: 3 });
  take({ event_no: 2, event: 'E' });
  expect(told.map(({ status }) => status)).toEqual(['running', 'executed']);
});
