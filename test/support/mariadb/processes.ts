import { readdir, readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { run } from '../../../src/repository/embedded/account.ts';
import { signal, until } from '../../../src/repository/embedded/processes.ts';

const GONE_MS = 20_000;
const DATA_OPTION = '--datadir=';

/** The MariaDB servers whose data lies in the folder or below it, by what their command lines say. */
export async function serversBelow(folder: string): Promise<number[]> {
  const lines = process.platform === 'linux' ? await linuxCommands() : await otherCommands();
  const inside = folder.endsWith(sep) ? folder : `${folder}${sep}`;
  return lines.flatMap(({ pid, words }) => {
    if (!/(^|\/)(mariadbd|mysqld)$/.test(words[0] ?? '')) return [];
    const data = words.find((word) => word.startsWith(DATA_OPTION))?.slice(DATA_OPTION.length);
    return data !== undefined && `${data}${sep}`.startsWith(inside) ? [pid] : [];
  });
}

/** Kills the servers whose data lies in the folder, and waits until they are gone. */
export async function killServersBelow(folder: string): Promise<void> {
  for (const pid of await serversBelow(folder)) signal(pid, 'SIGKILL');
  const gone = await until(async () => (await serversBelow(folder)).length === 0, GONE_MS);
  if (!gone) throw new Error(`A MariaDB server in ${folder} survives SIGKILL`);
}

interface Command {
  readonly pid: number;
  readonly words: readonly string[];
}

/** A zombie has no command line, so a server that has ended is never taken for one that runs. */
async function linuxCommands(): Promise<Command[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), words: text.split('\0') };
    }),
  );
}

async function otherCommands(): Promise<Command[]> {
  const { output } = await run(undefined, 'ps', ['-axo', 'pid=,command=']);
  return output.split('\n').map((line) => {
    const [pid, ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), words };
  });
}
