import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from '../../../src/repository/embedded/account.ts';

/** The programs that a server of our own is made of. */
export interface MariadbBinaries {
  readonly server: string;
  readonly installer: string;
}

/** Where packages put servers that no user's path leads to. */
export const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
const SERVER_NAMES = ['mariadbd', 'mysqld'];
const INSTALLER_NAMES = ['mariadb-install-db', 'mysql_install_db'];

/** Finds MariaDB on this machine; undefined where it is not installed. */
export async function findMariadb(
  path: string = process.env.PATH ?? '',
  folders: readonly string[] = SERVER_FOLDERS,
): Promise<MariadbBinaries | undefined> {
  const all = [...foldersOf(path), ...folders];
  const installer = (await executables(all, INSTALLER_NAMES))[0];
  if (installer === undefined) return undefined;
  for (const server of await executables(all, SERVER_NAMES)) {
    // MySQL has a server of the same name, which is another engine.
    const { output } = await run(undefined, server, ['--no-defaults', '--version']);
    if (output.includes('MariaDB')) return { server, installer };
  }
  return undefined;
}

/** The folders of a PATH. */
export function foldersOf(path: string): string[] {
  return path.split(delimiter).filter((folder) => folder !== '');
}

/** The programs of these names that can be run, in the order of the names and then of the folders. */
export async function executables(
  folders: readonly string[],
  names: readonly string[],
): Promise<string[]> {
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = await Promise.all(
    candidates.map((file) =>
      access(file, constants.X_OK).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}
