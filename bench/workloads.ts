import type { Workload } from './definitions.ts';

export const TASKS_A_ROUND = 50;
/** How many tasks each stream runs, by the number of streams; about two seconds of work. */
export const TASKS_A_STREAM: Readonly<Record<number, number>> = { 1: 2_000, 16: 400, 32: 200 };

/** Rows a statement, statements a unit (as in package/tasks.sql), units a run. */
export const STATEMENT_SIZES = [
  { rows: 1, statements: 1_000, units: 10 },
  { rows: 100, statements: 200, units: 20 },
  { rows: 1_000, statements: 40, units: 20 },
  { rows: 10_000, statements: 4, units: 20 },
] as const;

const works = Array.from({ length: TASKS_A_ROUND }, () => 'work');

export const WORKLOADS: readonly Workload[] = [
  ...Object.entries(TASKS_A_STREAM).map(([streams, tasks]) => ({
    id: 100 + Number(streams),
    name: `work_${streams}`,
    tasks: works,
    rounds: tasks / TASKS_A_ROUND,
  })),
  ...STATEMENT_SIZES.flatMap(({ rows, units }, index) =>
    (['plain', 'logged'] as const).map((how, which) => ({
      id: 200 + 10 * index + which,
      name: `${how}_${rows}`,
      tasks: [`${how}_${rows}`],
      rounds: units,
    })),
  ),
  { id: 300, name: 'trivial', tasks: ['nothing'], rounds: 1 },
  { id: 400, name: 'pauses', tasks: ['pause'], rounds: 10_000 },
];
