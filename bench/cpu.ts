import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The kernel counts in ticks of a hundredth of a second. */
const TICK_MS = 10;

/**
 * Processor time that a server has used so far, with what its ended sessions used; null where the machine
 * has no /proc. Waiting and the work of others on the machine are not in it.
 */
export function serverCpuMs(dataDir: string): number | null {
  if (process.platform !== 'linux') return null;
  let ticks = 0;
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid)) ticks += ticksOf(pid, dataDir);
  }
  return ticks * TICK_MS;
}

function ticksOf(pid: string, dataDir: string): number {
  try {
    if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dataDir}/`)) return 0;
    return ticksOfStat(pid);
  } catch {
    // The process has ended meanwhile: its parent counts it.
    return 0;
  }
}

function ticksOfStat(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  // User and system time of the process itself and of its children that have ended.
  return [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
}

/** Processor time that one process has used so far; null where the machine has no /proc. */
export function pidCpuMs(pid: number): number | null {
  return process.platform === 'linux' ? ticksOfStat(String(pid)) * TICK_MS : null;
}

/** Processor time of this process. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
