import CliTable from 'cli-table3';
import type { Ends } from './stand.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Units a second while every stream was at work: starts and tails that do not overlap do not count. */
export function steadyRate(ends: Ends): number {
  const from = Math.max(...ends.map((one) => one[0] ?? Number.NaN));
  const to = Math.min(...ends.map((one) => one.at(-1) ?? Number.NaN));
  const inside = ends.flat().filter((end) => end > from && end <= to).length;
  return (inside / (to - from)) * 1_000;
}

/** Thousands with separators, or as many digits as are worth reading. */
export function figure(value: number, digits = value < 10 ? 2 : value < 100 ? 1 : 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** `least … most`. */
export function range(values: readonly number[]): string {
  return `${figure(Math.min(...values))} … ${figure(Math.max(...values))}`;
}

export function printTable(title: string, head: string[], rows: readonly string[][]): void {
  const table = new CliTable({ head, style: { head: [], border: [] } });
  table.push(...rows);
  process.stdout.write(`\n${title}\n${table.toString()}\n`);
}
