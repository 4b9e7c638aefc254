import { figure, median, printTable, range, steadyRate } from './figures.ts';
import type { Cpu, Ends, Stand } from './stand.ts';
import type { Caller } from './targets.ts';
import { TASKS_A_STREAM } from './workloads.ts';

const ROUNDS = 5;

/** One round of one side: tasks a second while all streams worked, and processor time a task. */
interface Measured {
  readonly rate: number;
  readonly cpuMicros: Cpu;
}

/**
 * How much does a task cost through ODTM (leases, gate, the target's record, the central log), compared with
 * a bare loop of the same prepared CALL over as many sessions on the same server?
 */
export async function benchTasks(stand: Stand): Promise<void> {
  const controller = await stand.app.startController(32);
  try {
    await stand.run('trivial', 32);
    const rates: string[][] = [];
    const processors: string[][] = [];
    for (const [streams, tasks] of Object.entries(TASKS_A_STREAM)) {
      const rows = await compared(stand, Number(streams), tasks);
      rates.push(rows.rates);
      processors.push(rows.processors);
    }
    printTable(
      `Tasks of one row and one commit, ${stand.target.name}; medians of ${ROUNDS} interleaved rounds`,
      ['streams', 'bare calls/s', 'ODTM tasks/s', 'time a task', 'ratio of each round'],
      rates,
    );
    printTable(
      'Processor time a task in µs, with the start and the end of the streams',
      ['streams', 'bare: client', 'target', 'ODTM: controller', 'target', 'repository'],
      processors,
    );
  } finally {
    await controller.stop();
  }
}

async function compared(
  stand: Stand,
  streams: number,
  tasks: number,
): Promise<{ rates: string[]; processors: string[] }> {
  const bare: Measured[] = [];
  const odtm: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await measured(stand, streams * tasks, () => bareLoop(stand, streams, tasks)));
    odtm.push(
      await measured(stand, streams * tasks, async () =>
        stand.taskEnds(await stand.run(`work_${streams}`, streams)),
      ),
    );
  }
  const ratios = bare.map(({ rate }, round) => rate / (odtm[round]?.rate ?? Number.NaN));
  const cpu = (side: Measured[], of: keyof Cpu): string =>
    figure(median(side.map(({ cpuMicros }) => cpuMicros[of])), 0);
  return {
    rates: [
      String(streams),
      figure(median(bare.map(({ rate }) => rate))),
      figure(median(odtm.map(({ rate }) => rate))),
      `${figure(median(ratios))}×`,
      range(ratios),
    ],
    processors: [
      String(streams),
      cpu(bare, 'own'),
      cpu(bare, 'target'),
      cpu(odtm, 'own'),
      cpu(odtm, 'target'),
      cpu(odtm, 'repository'),
    ],
  };
}

async function measured(stand: Stand, tasks: number, work: () => Promise<Ends>): Promise<Measured> {
  const before = stand.cpuMs();
  const ends = await work();
  // Sessions that have just ended are counted once their server has noticed.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const after = stand.cpuMs();
  const micros = (of: keyof Cpu): number => ((after[of] - before[of]) * 1_000) / tasks;
  return {
    rate: steadyRate(ends),
    cpuMicros: { own: micros('own'), target: micros('target'), repository: micros('repository') },
  };
}

async function bareLoop(stand: Stand, sessions: number, calls: number): Promise<Ends> {
  const callers = await Promise.all(Array.from({ length: sessions }, () => stand.caller()));
  try {
    return await Promise.all(
      callers.map((caller, index) => callAgain(caller, `bare ${index}`, calls)),
    );
  } finally {
    await Promise.all(callers.map((caller) => caller.end()));
  }
}

async function callAgain(caller: Caller, handle: string, calls: number): Promise<number[]> {
  const ends: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    await caller.call(handle);
    ends.push(performance.now());
  }
  return ends;
}
