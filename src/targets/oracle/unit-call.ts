import type { LogEvent, UnitAnswer, UnitBlock } from '../plsql/querier.ts';
import { type DriverResult, driver } from './driver.ts';
import { readEventLines } from './event-lines.ts';

type Execute = (text: string, binds: readonly unknown[]) => Promise<DriverResult>;

const ANSWER =
  'dom$run.answer(:out_unit_id, :out_outcome, :out_status, :out_message, :out_elapsed_ms, :out_rows, ' +
  ':out_statements);';

/** The longest text that PL/SQL gives back in a bind. */
const EVENTS_BYTES = 32_767;
const MESSAGE_BYTES = 4_000;
const WORD_BYTES = 40;

/** An answer with the events that came with it; null: they have to be read from the log. */
export interface UnitCallAnswer {
  readonly answer: UnitAnswer;
  readonly events: readonly LogEvent[] | null;
}

/** Executes the block of a unit with its answer and its events behind it, in one round trip. */
export async function callUnit(
  execute: Execute,
  { text, values }: UnitBlock,
  afterEvent: number,
): Promise<UnitCallAnswer> {
  const after = `:${values.length + 1}`;
  const whole = `${text} ${ANSWER} dom$run.answer_events(${after}, :out_events); END;`;
  const { outBinds = [] } = await execute(whole, bindsOf(values, afterEvent));
  const [unitId, outcome, status, message, elapsedMs, rows, statements, lines] = outBinds;
  const answer = {
    unit_id: unitId,
    outcome,
    status,
    message,
    elapsed_ms: elapsedMs,
    row_count: rows,
    statements,
  } as UnitAnswer;
  return { answer, events: readEventLines(lines as string | null) };
}

function bindsOf(values: UnitBlock['values'], afterEvent: number): unknown[] {
  const { BIND_OUT: dir, NUMBER, STRING: type } = driver();
  const number = { dir, type: NUMBER };
  const word = { dir, type, maxSize: WORD_BYTES };
  const message = { dir, type, maxSize: MESSAGE_BYTES };
  const events = { dir, type, maxSize: EVENTS_BYTES };
  const answer = [number, word, word, message, number, number, number];
  return [...values, ...answer, afterEvent, events];
}
