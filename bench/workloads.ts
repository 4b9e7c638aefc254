import type { Workload } from './definitions.ts';

export const TASKS_A_ROUND = 50;
/** How many tasks each stream runs, by the number of streams; about two seconds of work. */
export const TASKS_A_STREAM: Readonly<Record<number, number>> = { 1: 2_000, 16: 600, 32: 600 };

/** Rows a statement, and statements a unit as in package/tasks.sql; a unit takes about 0.1 s. */
export const STATEMENT_SIZES = [
  { rows: 1, statements: 500 },
  { rows: 100, statements: 150 },
  { rows: 1_000, statements: 30 },
  { rows: 10_000, statements: 4 },
] as const;
const PAIRS_A_ROUND = 5;
const ROUNDS_OF_PAIRS = 8;

const works = Array.from({ length: TASKS_A_ROUND }, () => 'work');

/** The smallest tasks, in as many streams as are compared. */
const TASKS: readonly Workload[] = Object.entries(TASKS_A_STREAM).map(([streams, tasks]) => ({
  id: 100 + Number(streams),
  name: `work_${streams}`,
  tasks: works,
  rounds: tasks / TASKS_A_ROUND,
}));

const TRIVIAL: Workload = { id: 300, name: 'trivial', tasks: ['nothing'], rounds: 1 };

export const MARIADB_WORKLOADS: readonly Workload[] = [...TASKS, TRIVIAL];

export const WORKLOADS: readonly Workload[] = [
  ...TASKS,
  ...STATEMENT_SIZES.map(({ rows }, index) => ({
    id: 200 + index,
    name: `statements_${rows}`,
    tasks: Array.from({ length: PAIRS_A_ROUND }, () => [`plain_${rows}`, `logged_${rows}`]).flat(),
    rounds: ROUNDS_OF_PAIRS,
  })),
  TRIVIAL,
  { id: 400, name: 'pauses', tasks: ['pause'], rounds: 10_000 },
];
