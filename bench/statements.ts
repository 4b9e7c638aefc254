import { figure, median, printTable } from './figures.ts';
import type { Stand } from './stand.ts';
import { STATEMENT_SIZES } from './workloads.ts';

/**
 * What does the statement log cost? The same dynamic statements by EXECUTE and by dom.execute_immediate, in
 * tasks that follow each other in one stream, so that noise of the machine meets both of a pair.
 */
export async function benchStatements(stand: Stand): Promise<void> {
  const controller = await stand.app.startController(32);
  try {
    const rows: string[][] = [];
    for (const size of STATEMENT_SIZES) rows.push(await compared(stand, size));
    printTable(
      'Statements with and without the log, one stream; medians of pairs of tasks side by side',
      [
        'rows',
        'pairs',
        'EXECUTE µs',
        'execute_immediate µs',
        'log µs',
        'cost',
        'middle half of costs',
      ],
      rows,
    );
  } finally {
    await controller.stop();
  }
}

interface Pair {
  readonly plain: number;
  readonly logged: number;
}

async function compared(
  stand: Stand,
  { rows, statements }: (typeof STATEMENT_SIZES)[number],
): Promise<string[]> {
  const runId = await stand.run(`statements_${rows}`, 1);
  const pairs = await readPairs(stand, runId, statements);
  const costs = pairs.map(({ plain, logged }) => (logged / plain - 1) * 100).sort((a, b) => a - b);
  const quarter = Math.floor(costs.length / 4);
  const middle = costs.slice(quarter, costs.length - quarter);
  return [
    figure(rows, 0),
    String(pairs.length),
    figure(median(pairs.map(({ plain }) => plain))),
    figure(median(pairs.map(({ logged }) => logged))),
    figure(median(pairs.map(({ plain, logged }) => logged - plain))),
    `${figure(median(costs), 1)} %`,
    `${figure(middle[0] ?? Number.NaN, 1)} … ${figure(middle.at(-1) ?? Number.NaN, 1)} %`,
  ];
}

/** Microseconds a statement, as the executor has waited for the units; the first round warms up. */
async function readPairs(stand: Stand, runId: string, statements: number): Promise<Pair[]> {
  const { rows } = await stand.sql.query<Pair>(
    `SELECT plain.ms * 1000 / $2 AS plain, logged.ms * 1000 / $2 AS logged
     FROM (SELECT u.*, extract(epoch FROM ended_at - started_at)::float8 * 1000 AS ms,
             split_part(task, '_', 3)::int AS place
           FROM odtm.unit_log u WHERE run_id = $1 AND task LIKE 'plain%') AS plain
     JOIN (SELECT u.*, extract(epoch FROM ended_at - started_at)::float8 * 1000 AS ms,
             split_part(task, '_', 3)::int AS place
           FROM odtm.unit_log u WHERE run_id = $1 AND task LIKE 'logged%') AS logged
       ON logged.iteration = plain.iteration AND logged.place = plain.place + 1
     WHERE plain.iteration > 1`,
    [runId, statements],
  );
  return rows;
}
