import { figure, median, printTable, range, steadyRate } from './figures.ts';
import type { Stand } from './stand.ts';
import { STATEMENT_SIZES } from './workloads.ts';

const ROUNDS = 5;

/**
 * What does the statement log cost? The same dynamic statements, once by EXECUTE and once by
 * dom.execute_immediate, both through the executor; the log's way to the repository is part of the price.
 */
export async function benchStatements(stand: Stand): Promise<void> {
  const controller = await stand.app.startController(32);
  try {
    const rows: string[][] = [];
    for (const size of STATEMENT_SIZES) rows.push(await compared(stand, size));
    printTable(
      `Statements with and without the log, one stream, medians of ${ROUNDS} interleaved rounds`,
      ['rows', 'EXECUTE µs', 'execute_immediate µs', 'log µs', 'cost', 'cost of each round'],
      rows,
    );
  } finally {
    await controller.stop();
  }
}

async function compared(
  stand: Stand,
  { rows, statements }: (typeof STATEMENT_SIZES)[number],
): Promise<string[]> {
  const plain: number[] = [];
  const logged: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? [plain, logged] : [logged, plain];
    for (const times of order) {
      const workload = `${times === plain ? 'plain' : 'logged'}_${rows}`;
      times.push(await microsAStatement(stand, workload, statements));
    }
  }
  const costs = plain.map((micros, round) => ((logged[round] ?? Number.NaN) / micros - 1) * 100);
  return [
    figure(rows, 0),
    figure(median(plain)),
    figure(median(logged)),
    figure(median(logged.map((micros, round) => micros - (plain[round] ?? Number.NaN)))),
    `${figure(median(costs), 1)} %`,
    `${range(costs)} %`,
  ];
}

async function microsAStatement(
  stand: Stand,
  workload: string,
  statements: number,
): Promise<number> {
  const client = await stand.target();
  // Each run begins with the same empty table, and none pays for the pages of the one before.
  await client.query('TRUNCATE bench.ledger').catch(() => undefined);
  await client.query('CHECKPOINT');
  await client.end();
  const runId = await stand.run(workload, 1);
  return 1_000_000 / (steadyRate(await stand.taskEnds(runId)) * statements);
}
