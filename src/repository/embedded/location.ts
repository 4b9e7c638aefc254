import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** The files of one server, all inside its data directory. */
export interface Place {
  readonly dataDir: string;
  /** The directory that PostgreSQL itself owns. */
  readonly cluster: string;
  readonly passwordFile: string;
  readonly portFile: string;
  readonly settingsFile: string;
  readonly logFile: string;
}

/** Where ODTM keeps what must outlive a command: for root in /var/lib, for a user in its home. */
export function dataHome(): string {
  if (process.getuid?.() === 0) return '/var/lib/odtm';
  const base = process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return join(base, 'odtm');
}

/** The data directory of a server that nobody has given another one. */
export function defaultDataDir(name: string): string {
  return join(dataHome(), name);
}

/** The files of the server with this data directory. */
export function placeOf(dataDir: string): Place {
  const base = withoutLinks(resolve(dataDir));
  return {
    dataDir: base,
    cluster: join(base, 'cluster'),
    passwordFile: join(base, 'password'),
    portFile: join(base, 'port'),
    settingsFile: join(base, 'odtm.conf'),
    logFile: join(base, 'server.log'),
  };
}

/** One directory has one name, however it was reached: locks and processes are compared by it. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // What does not exist yet is named below its nearest directory that does.
    return path === dirname(path) ? path : join(withoutLinks(dirname(path)), basename(path));
  }
}
