import { followLog, type LogQuery, readStatements, readTasks } from '../../control/read-log.ts';
import type { LogFilter, LoggedStatement, LoggedUnit, LogPage } from '../../ports/run-queries.ts';
import {
  argument,
  type CommandSpec,
  EXIT,
  type Invocation,
  JSON_OPTION,
  REPOSITORY_OPTIONS,
  RUN_ARGUMENT,
} from '../command.ts';
import { statementDocument, unitDocument } from '../render/documents.ts';
import { statementText, unitLine, unitsTable } from '../render/log-text.ts';
import type { CliSession } from '../services.ts';

const DEFAULT_LIMIT = 1000;

export const logCommand: CommandSpec = {
  name: 'log',
  summary: 'Show the tasks of a run, or the statements of a task',
  arguments: [RUN_ARGUMENT],
  options: [
    { flags: '--instance <name>', description: 'only this instance' },
    { flags: '--task <name>', description: 'the statements of this task' },
    { flags: '--statement <text>', description: 'statements whose text contains this' },
    { flags: '--statements', description: 'the statements of the whole run' },
    { flags: '--failed', description: 'only what failed' },
    { flags: '--follow', description: 'go on with what comes, until the run stops' },
    { flags: '--limit <number>', description: `how many rows at most (default: ${DEFAULT_LIMIT})` },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: [
    'odtm log last',
    'odtm log 17 --instance shop_eu --task purge_rows',
    'odtm log 17 --failed --statements',
    'odtm log 17 --statement "delete from" --follow',
  ],
  async run(invocation) {
    const query = logQuery(invocation);
    const { options } = invocation;
    const session = await invocation.session();
    const statements =
      options.flag('statements') || options.given('task') || options.given('statement');
    if (options.flag('follow')) await follow(invocation, session, query, statements);
    else if (statements) showStatements(invocation, query, await readStatements(session, query));
    else showTasks(invocation, query, await readTasks(session, query));
    return EXIT.completed;
  },
};

function logQuery(invocation: Invocation): LogQuery {
  const { options } = invocation;
  const instance = options.text('instance');
  const task = options.text('task');
  const statement = options.text('statement');
  return {
    run: argument(invocation, 0),
    ...(instance === undefined ? {} : { instance }),
    ...(task === undefined ? {} : { task }),
    ...(statement === undefined ? {} : { statement }),
    failedOnly: options.flag('failed'),
    limit: options.integer('limit', 1, 1_000_000) ?? DEFAULT_LIMIT,
  };
}

function showTasks({ output }: Invocation, query: LogQuery, page: LogPage<LoggedUnit>): void {
  output.either(
    () => ({ tasks: page.rows.map(unitDocument), position: page.position }),
    () => unitsTable(page.rows, output.paint),
  );
  sayWhetherCut(output.note.bind(output), query, page.rows.length);
}

function showStatements(
  { output }: Invocation,
  query: LogQuery,
  page: LogPage<LoggedStatement>,
): void {
  output.either(
    () => ({ statements: page.rows.map(statementDocument), position: page.position }),
    () =>
      page.rows.length === 0
        ? 'No statements.'
        : page.rows.map((row) => statementText(row, output.paint)).join('\n'),
  );
  sayWhetherCut(output.note.bind(output), query, page.rows.length);
}

function sayWhetherCut(note: (text: string) => void, query: LogQuery, rows: number): void {
  if (rows < query.limit) return;
  note(`These are the first ${query.limit} rows; there may be more: raise --limit.`);
}

async function follow(
  invocation: Invocation,
  session: CliSession,
  query: LogQuery,
  statements: boolean,
): Promise<void> {
  const { output } = invocation;
  if (statements) {
    await followRows(
      invocation,
      session,
      query,
      (filter) => session.queries.statements(filter),
      (row) =>
        output.json
          ? output.jsonLine(statementDocument(row))
          : output.text(statementText(row, output.paint)),
    );
  } else {
    await followRows(
      invocation,
      session,
      query,
      (filter) => session.queries.units(filter),
      (row) =>
        output.json ? output.jsonLine(unitDocument(row)) : output.text(unitLine(row, output.paint)),
    );
  }
}

async function followRows<Row>(
  { services }: Invocation,
  session: CliSession,
  query: LogQuery,
  read: (filter: LogFilter) => Promise<LogPage<Row>>,
  write: (row: Row) => void,
): Promise<void> {
  const leaving = new AbortController();
  const stopListening = services.onSignal(() => leaving.abort());
  try {
    for await (const rows of followLog(session, query, read, leaving.signal)) rows.forEach(write);
  } finally {
    stopListening();
  }
}
