import type { LogEvent } from '../plsql/querier.ts';

/** What dom$run.answer_events says where the events are too many for one answer. */
const TOO_MANY = '+';

const MEANING: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

/**
 * The events that came with a unit's answer, one a line, their fields between tabs; null: they are too many
 * and have to be read from the log.
 */
export function readEventLines(lines: string | null): readonly LogEvent[] | null {
  if (lines === TOO_MANY) return null;
  return (lines ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(eventOf);
}

function eventOf(line: string): LogEvent {
  const [no, event, seq, depth, at, elapsed, rows, workers, redo, undo, code, text = ''] =
    line.split('\t');
  return {
    event_no: Number(no),
    event: event as LogEvent['event'],
    seq: Number(seq),
    depth: Number(depth),
    at_ms: Number(at),
    elapsed_ms: numberOf(elapsed),
    row_count: numberOf(rows),
    workers: numberOf(workers),
    redo_bytes: numberOf(redo),
    undo_bytes: numberOf(undo),
    code: numberOf(code),
    sql_text: text === '' ? null : text.replaceAll(/\\([nt\\])/g, (_, mark) => MEANING[mark] ?? ''),
  };
}

function numberOf(field: string | undefined): number | null {
  return field === undefined || field === '' ? null : Number(field);
}
