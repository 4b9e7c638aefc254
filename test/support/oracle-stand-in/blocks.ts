import { lex, type Token } from '../../../src/targets/plsql/tokens.ts';
import type { Bind, ExecuteResult } from '../orawire/server.ts';
import { type Backing, valuesOf } from './backing.ts';
import { withOracleNumbers } from './columns.ts';

/** A block as MariaDB gets it, and which of its binds come back. */
export interface ReadBlock {
  readonly text: string;
  readonly outNames: readonly string[];
  /** The event behind which the block asks for the live log; null: it does not. */
  readonly eventsAfter: number | null;
}

const EVENTS_CALL = /dom\$run\.answer_events\(\s*:(\w+)\s*,\s*:out_events\s*\)\s*;/i;

/** Binds that begin with out_ come back: they are variables of the session. The others stay places. */
export function readBlock(sql: string, binds: readonly Bind[]): ReadBlock {
  const asked = EVENTS_CALL.exec(sql);
  const after = binds.find(({ name }) => name === asked?.[1]?.toUpperCase())?.value;
  const tokens = lex(sql.replace(EVENTS_CALL, ''));
  const outNames: string[] = [];
  const text = tokens.map(({ text: piece }, at) => {
    if (isColon(tokens[at - 1], tokens[at]) && /^out_/i.test(piece)) {
      outNames.push(piece.toLowerCase());
      return `@${piece.toLowerCase()}`;
    }
    return piece === ':' && /^out_/i.test(tokens[at + 1]?.text ?? '') ? '' : piece;
  });
  return { text: text.join(''), outNames, eventsAfter: asked === null ? null : Number(after) };
}

function isColon(before: Token | undefined, token: Token | undefined): boolean {
  return before?.text === ':' && token?.kind === 'word';
}

/** Executes a block with its places, and gives what comes back. */
export async function runBlock(
  backing: Backing,
  sql: string,
  binds: readonly Bind[],
): Promise<ExecuteResult> {
  const { text, outNames, eventsAfter } = readBlock(sql, binds);
  const ins = binds.filter(({ name }) => !isOut(name) && !isEventsPlace(sql, name));
  await backing.connection.execute(text, valuesOf(ins));
  const outs = outNames.length === 0 ? {} : await readOuts(backing, outNames);
  if (typeof outs.out_session_no === 'number') backing.sessionNo = outs.out_session_no;
  if (eventsAfter === null) return resultOf(outs);
  return resultOf({ ...outs, out_events: await eventLines(backing, eventsAfter) });
}

function resultOf(outBinds: Readonly<Record<string, unknown>>): ExecuteResult {
  return { outBinds, pureOut: Object.keys(outBinds) };
}

function isOut(name: string): boolean {
  return name.toLowerCase().startsWith('out_');
}

function isEventsPlace(sql: string, name: string): boolean {
  return EVENTS_CALL.exec(sql)?.[1]?.toUpperCase() === name;
}

async function readOuts(
  { connection }: Backing,
  names: readonly string[],
): Promise<Record<string, unknown>> {
  const columns = names.map((name) => `@${name} AS ${name}`).join(', ');
  const [row] = await connection.query<Record<string, unknown>>(`SELECT ${columns} FROM dual`);
  return row ?? {};
}

interface EventRow {
  readonly [column: string]: unknown;
  readonly sql_text: string | null;
}

const EVENTS_CHARACTERS = 8_000;

/** The events of the session as dom$run.answer_events gives them. */
async function eventLines(
  { connection, sessionNo }: Backing,
  after: number,
): Promise<string | null> {
  const rows = await connection.query<EventRow>(
    `SELECT l.event_no, l.event, l.seq, l.depth, l.at_ms, l.elapsed_ms, l.row_count, l.workers,
       l.redo_bytes, l.undo_bytes, l.code, l.sql_text
     FROM dom$log l WHERE l.session_no = :1 AND l.event_no > :2 ORDER BY l.event_no`,
    [sessionNo, after],
  );
  const lines = rows.map((row) => {
    const { sql_text: text, ...fields } = withOracleNumbers(row);
    return `${[...Object.values(fields), oneLine(text ?? '')].map((field) => field ?? '').join('\t')}\n`;
  });
  const all = lines.join('');
  return all === '' ? null : all.length > EVENTS_CHARACTERS ? '+' : all;
}

function oneLine(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
