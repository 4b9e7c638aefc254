import type { Client } from 'pg';
import { figure, median, printTable, range, steadyRate } from './figures.ts';
import type { Ends, Stand } from './stand.ts';
import { TASKS_A_STREAM } from './workloads.ts';

const ROUNDS = 5;

/**
 * How much does a task cost through ODTM (leases, gate, the target's record, the central log), compared with
 * a bare loop of the same prepared CALL over as many sessions on the same server?
 */
export async function benchTasks(stand: Stand): Promise<void> {
  const controller = await stand.app.startController(32);
  try {
    await stand.run('trivial', 32);
    const rows: string[][] = [];
    for (const [streams, tasks] of Object.entries(TASKS_A_STREAM)) {
      rows.push(await compared(stand, Number(streams), tasks));
    }
    printTable(
      `Tasks of one row and one durable commit, medians of ${ROUNDS} interleaved rounds`,
      ['streams', 'bare calls/s', 'ODTM tasks/s', 'time a task', 'ratio of each round'],
      rows,
    );
  } finally {
    await controller.stop();
  }
}

async function compared(stand: Stand, streams: number, tasks: number): Promise<string[]> {
  const bare: number[] = [];
  const odtm: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(steadyRate(await bareLoop(stand, streams, tasks)));
    const runId = await stand.run(`work_${streams}`, streams);
    odtm.push(steadyRate(await stand.taskEnds(runId)));
  }
  const ratios = bare.map((rate, round) => rate / (odtm[round] ?? Number.NaN));
  return [
    String(streams),
    figure(median(bare)),
    figure(median(odtm)),
    `${figure(median(ratios))}×`,
    range(ratios),
  ];
}

async function bareLoop(stand: Stand, sessions: number, calls: number): Promise<Ends> {
  const clients = await Promise.all(Array.from({ length: sessions }, () => stand.target()));
  try {
    return await Promise.all(
      clients.map((client, index) => callAgain(client, `bare ${index}`, calls)),
    );
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function callAgain(client: Client, handle: string, calls: number): Promise<number[]> {
  const ends: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    await client.query({ name: 'call', text: 'CALL bench.work($1)', values: [handle] });
    ends.push(performance.now());
  }
  return ends;
}
