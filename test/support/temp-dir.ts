import { globSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stopServer } from '../../src/repository/embedded/supervisor.ts';
import { killServersBelow } from './mariadb/processes.ts';

/** A directory that is removed with `await using`, or by `remove`. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

const PREFIX = 'odtm-test-';

/** Makes a temporary directory that every user can pass through, a server's own account too. */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(path, 0o755);
  const remove = () => rm(path, { recursive: true, force: true });
  return { path, remove, [Symbol.asyncDispose]: remove };
}

/** Removes what test processes that were killed have left: their directories, and the servers in them. */
export async function removeForgotten(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    // What belongs to another user is that user's own to remove.
    await removeWithServers(join(tmpdir(), name)).catch(() => {});
  }
}

async function removeWithServers(path: string): Promise<void> {
  for (const file of globSync('{.,*,*/*}/cluster/postmaster.pid', { cwd: path })) {
    await stopServer(dirname(dirname(join(path, file))), 'immediate');
  }
  await killServersBelow(path);
  await rm(path, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
