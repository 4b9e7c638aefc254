import { type StatementRecord, UNKNOWN_USAGE } from '../src/core/run/log-records.ts';
import { figure, median, printTable } from './figures.ts';
import type { Stand } from './stand.ts';

const ROUNDS = 5;
const BATCHES = 8;
const BATCH_SIZES = [50, 500, 5_000];
const TEXT = 'DELETE FROM app_owner.orders WHERE order_date < $1 AND customer_id BETWEEN $2 AND $3';

/** How many statement rows a second does the central log take, by the size of a flush? */
export async function benchLogWrites(stand: Stand): Promise<void> {
  const runId = await stand.start('pauses', 1);
  const { rows } = await stand.sql.query<{ id: string }>(
    'SELECT id FROM odtm.stream WHERE run_id = $1',
    [runId],
  );
  const { streams, runs } = stand.app.repository;
  const stream = await streams.acquire(rows[0]?.id ?? '', 'bench', 600_000);
  if (stream === null) throw new Error('the stream cannot be acquired');
  const lease = { streamId: stream.streamId, token: stream.token };
  let unit = 0;
  const write = (statements: number): Promise<unknown> => {
    unit += 1;
    const records = Array.from({ length: statements }, (_, seq) => record(unit, seq + 1));
    return streams.write([{ lease, units: [], statements: records, progress: null, closed: [] }]);
  };
  const table: string[][] = [];
  for (const size of BATCH_SIZES) {
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedMs = performance.now();
      for (let batch = 0; batch < BATCHES; batch += 1) await write(size);
      rates.push((BATCHES * size * 1_000) / (performance.now() - startedMs));
    }
    table.push([figure(size, 0), figure(median(rates), 0), figure((size * 1_000) / median(rates))]);
  }
  await streams.end(lease, {
    status: 'halted',
    message: null,
    failedUnit: null,
    failure: null,
    finalFailure: null,
    finalDue: false,
  });
  await runs.wish(runId, 'cancel', 'bench');
  printTable(
    `Statement rows into the central log by one writer, medians of ${ROUNDS} rounds`,
    ['rows a flush', 'rows/s', 'a flush takes, ms'],
    table,
  );
}

function record(iteration: number, seq: number): StatementRecord {
  const now = new Date();
  return {
    unit: { object: 'app_owner.orders', iteration, task: 'delete_orders', chunk: 0, attempt: 0 },
    streamAttempt: 1,
    try: 1,
    seq,
    text: `${TEXT} /* ${seq} */`,
    status: 'committed',
    startedAt: now,
    endedAt: now,
    elapsedMs: 12.5,
    rows: 1_000,
    ...UNKNOWN_USAGE,
    failure: null,
  };
}
