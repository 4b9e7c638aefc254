import { ControllerProcess } from './controller-process.ts';
import { figure, median, printTable } from './figures.ts';
import { INSTANCES, type Stand } from './stand.ts';

const ROUNDS = 2;
const SLOTS = 32;
const UNITS = 'iterator, initial, task, iterator, final';

/** How long do many streams of almost nothing take, from the command to the last one completed? */
export async function benchDispatch(stand: Stand): Promise<void> {
  const rows: string[][] = [];
  for (const controllers of [1, 2]) rows.push(await dispatched(stand, controllers));
  printTable(
    `${INSTANCES} streams of five units (${UNITS}), ${SLOTS} slots in all, medians of ${ROUNDS} rounds`,
    ['controllers', 'all completed', 'streams/s', 'first begins', 'in a stream', 'a slot is empty'],
    rows,
  );
}

interface Round {
  readonly totalMs: number;
  readonly firstMs: number;
  readonly insideMs: number;
  readonly emptyMs: number;
}

async function dispatched(stand: Stand, controllers: number): Promise<string[]> {
  const processes = Array.from(
    { length: controllers },
    () => new ControllerProcess(stand.env, SLOTS / controllers),
  );
  try {
    await Promise.all(processes.map((one) => one.ready()));
    await stand.run('trivial', SLOTS);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measured(stand));
    const middle = (pick: (round: Round) => number): number => median(rounds.map(pick));
    return [
      String(controllers),
      `${figure(middle(({ totalMs }) => totalMs / 1_000))} s`,
      figure(middle(({ totalMs }) => (INSTANCES / totalMs) * 1_000)),
      `${figure(middle(({ firstMs }) => firstMs))} ms`,
      `${figure(middle(({ insideMs }) => insideMs))} ms`,
      `${figure(middle(({ emptyMs }) => emptyMs))} ms`,
    ];
  } finally {
    await Promise.all(processes.map((one) => one.end('SIGTERM')));
  }
}

/** What a slot does in all the time of a run that is not inside of a stream is the price of dispatch. */
async function measured(stand: Stand): Promise<Round> {
  const startedMs = Date.now();
  const runId = await stand.run('trivial', INSTANCES);
  const { rows } = await stand.sql.query<{ began: number; ended: number; inside: number }>(
    `SELECT extract(epoch FROM min(started_at))::float8 * 1000 AS began,
       extract(epoch FROM max(ended_at))::float8 * 1000 AS ended,
       extract(epoch FROM avg(ended_at - started_at))::float8 * 1000 AS inside
     FROM odtm.stream WHERE run_id = $1`,
    [runId],
  );
  const { began, ended, inside } = rows[0] ?? { began: 0, ended: 0, inside: 0 };
  const slotMs = ((ended - began) * SLOTS) / INSTANCES;
  return {
    totalMs: ended - startedMs,
    firstMs: began - startedMs,
    insideMs: inside,
    emptyMs: slotMs - inside,
  };
}
