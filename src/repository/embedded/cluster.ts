import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Account, run, serverAccount } from './account.ts';
import { serverFailure } from './failure.ts';
import type { Install } from './install.ts';
import type { Place } from './location.ts';
import { SERVER_HOST, SERVER_USER } from './server.ts';

/** Settings of every embedded server; the caller's own come after them. */
const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '200',
  shared_buffers: '64MB',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/**
 * The account that the server of this place runs as: the owner of an existing cluster, else the one
 * that servers get here. Undefined means ourselves.
 * @throws EMBEDDED_SERVER_FAILED when the cluster belongs to another user than the one who asks.
 */
export async function accountOf(place: Place): Promise<Account | undefined> {
  const me = process.getuid?.();
  const owner = await stat(place.cluster).catch(() => undefined);
  if (owner === undefined) return serverAccount();
  if (me !== 0 && me !== owner.uid) {
    const reason = `it belongs to the user with id ${owner.uid}, and this command runs as ${me}`;
    throw await serverFailure(place, 'start', reason);
  }
  return me === 0 ? { name: `#${owner.uid}`, uid: owner.uid, gid: owner.gid } : undefined;
}

/**
 * Makes the data directory and its log file. What is ours in it stays ours: the server's account may
 * only pass through, so that nothing it writes can lead a root process astray.
 * @throws EMBEDDED_SERVER_FAILED when the server's account cannot reach the directory.
 */
export async function preparePlace(place: Place, account: Account | undefined): Promise<void> {
  await makeDirectories(place.dataDir);
  await writeFile(place.logFile, '', { flag: 'a', mode: 0o600 });
  if (account === undefined) return;
  await chown(place.logFile, account.uid, account.gid);
  const { code } = await run(account, '/bin/sh', ['-c', 'cd "$1"', 'sh', place.dataDir]);
  if (code === 0) return;
  const reason = [
    `PostgreSQL refuses to run as root, and the user ${account.name} that it runs as cannot reach this`,
    'directory; use one below a directory that is open to all, like /var/lib/odtm',
  ];
  throw await serverFailure(place, 'start', reason.join(' '));
}

/** Whatever the umask is, the directories that are made here can be passed through. */
async function makeDirectories(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  const { uid } = await stat(path);
  if (uid === process.getuid?.()) await chmod(path, mode);
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, mode);
}

/** Whether the place has a whole cluster. An interrupted initdb leaves none. */
export async function hasCluster(place: Place): Promise<boolean> {
  return stat(join(place.cluster, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the cluster beside its place and renames it, so that a killed initdb leaves nothing that
 * looks like one. The password is written first: it is never missing for a cluster that exists.
 * @throws EMBEDDED_SERVER_FAILED with what initdb said.
 */
export async function createCluster(
  place: Place,
  account: Account | undefined,
  install: Install,
): Promise<void> {
  await removeLeftovers(place);
  const password = await keptPassword(place);
  const fresh = `${place.cluster}.new`;
  const passwordCopy = `${place.passwordFile}.new`;
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordCopy, password, { mode: 0o600, flag: 'wx' });
  if (account !== undefined) await chown(fresh, account.uid, account.gid);
  if (account !== undefined) await chown(passwordCopy, account.uid, account.gid);
  const { code, output } = await run(account, join(install, 'bin', 'initdb'), [
    ...['--pgdata', fresh, '--username', SERVER_USER, '--pwfile', passwordCopy],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale'],
  ]);
  await rm(passwordCopy, { force: true });
  if (code !== 0) throw await serverFailure(place, 'create its cluster', output);
  await appendFile(join(fresh, 'postgresql.conf'), "\ninclude = '../odtm.conf'\n");
  await rename(fresh, place.cluster);
}

async function removeLeftovers(place: Place): Promise<void> {
  for (const name of await readdir(place.dataDir)) {
    if (!name.endsWith('.new')) continue;
    await rm(join(place.dataDir, name), { recursive: true, force: true });
  }
}

async function keptPassword(place: Place): Promise<string> {
  const kept = await readFile(place.passwordFile, 'utf8').catch(() => '');
  if (kept !== '') return kept;
  const password = randomBytes(24).toString('hex');
  await replaceFile(place.passwordFile, password, 0o600);
  return password;
}

/** Writes the port and the settings of the next start. */
export async function configure(
  place: Place,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const all = {
    ...DEFAULT_SETTINGS,
    ...settings,
    listen_addresses: SERVER_HOST,
    unix_socket_directories: '',
    port: String(port),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${quoted(value)}\n`);
  await replaceFile(place.settingsFile, lines.join(''), 0o644);
  await replaceFile(place.portFile, String(port), 0o644);
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A reader sees the old file or the new one, never half of one. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await rm(`${path}.new`, { force: true });
  await writeFile(`${path}.new`, text, { mode, flag: 'wx' });
  await chmod(`${path}.new`, mode);
  await rename(`${path}.new`, path);
}
