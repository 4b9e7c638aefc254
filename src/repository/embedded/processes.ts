import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './account.ts';
import type { Place } from './location.ts';

const POLL_MS = 20;

/** The postmaster of this place, if its process lives and is what the pid file says it is. */
export async function livePostmaster(place: Place): Promise<number | undefined> {
  const pid = await recordedPid(place);
  if (pid === undefined) return undefined;
  return (await isPostmaster(pid, place)) ? pid : undefined;
}

/** The process id in the cluster's own pid file, alive or not. */
async function recordedPid(place: Place): Promise<number | undefined> {
  const text = await readFile(join(place.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** A pid may have gone to a stranger since the file was written, so the process itself must tell. */
async function isPostmaster(pid: number, place: Place): Promise<boolean> {
  const command = await commandLine(pid);
  if (process.platform !== 'linux') return command.includes(`postgres -D ${place.cluster}`);
  const program = command.split('\0')[0] ?? '';
  return /(^|\/)postgres$/.test(program) && (await workingDirectory(pid)) === place.cluster;
}

async function workingDirectory(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/cwd`).catch(() => '');
}

/** The command line of a process; empty when it is gone, and also when it is only a zombie. */
async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  }
  const { code, output } = await run(undefined, 'ps', ['-o', 'command=', '-p', String(pid)]);
  return code === 0 ? output : '';
}

/** All processes of the cluster, orphans of a killed postmaster too. */
export async function clusterProcesses(place: Place): Promise<number[]> {
  if (process.platform === 'linux') return workingIn(place.cluster);
  return withChildren(await livePostmaster(place));
}

/** Every process of a PostgreSQL server works in its data directory, and no other process does. */
async function workingIn(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if ((await workingDirectory(pid)) !== directory) return [];
      return /postgres/.test(await commandLine(pid)) ? [pid] : [];
    }),
  );
  return found.flat();
}

async function withChildren(postmaster: number | undefined): Promise<number[]> {
  if (postmaster === undefined) return [];
  const { output } = await run(undefined, 'ps', ['-axo', 'pid=,ppid=']);
  const pairs = output.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.filter(([, parent]) => parent === postmaster).map(([pid]) => pid ?? 0);
  return [postmaster, ...children.filter((pid) => pid > 0)];
}

/** Sends a signal; a process that has just gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills every process of the cluster, as a crash of the machine would, and waits until they are gone. */
export async function killCluster(place: Place): Promise<void> {
  const postmaster = await livePostmaster(place);
  // The postmaster goes first, or it would start to recover from the death of its children.
  if (postmaster !== undefined) signal(postmaster, 'SIGKILL');
  for (const pid of await clusterProcesses(place)) signal(pid, 'SIGKILL');
  await until(async () => (await clusterProcesses(place)).length === 0, 10_000);
}

/** Polls until the condition holds; false when it did not within the time. */
export async function until(condition: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; ; await delay(POLL_MS)) {
    if (await condition()) return true;
    if (Date.now() >= end) return false;
  }
}
