import { execFile } from 'node:child_process';

/** The operating system's user that a server runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** What a finished command said. */
export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

const OWN_ACCOUNT = 'odtm';
const LAST_RESORT = 'nobody';

/**
 * Runs a command to its end, as the account when one is given (only root can), with nothing of our
 * environment: PGPORT and its like would change what the server does. Never rejects.
 */
export function run(
  account: Account | undefined,
  file: string,
  args: readonly string[],
): Promise<CommandResult> {
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile(file, args, { ...identity, env, cwd: '/' }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (error === null) resolve({ code: 0, output });
      else resolve({ code: exitCode(error.code), output: output || error.message });
    });
  });
}

function exitCode(code: unknown): number {
  return typeof code === 'number' ? code : -1;
}

/**
 * The account that servers run as: undefined (ourselves) unless we are root, which PostgreSQL
 * refuses; then a system user of our own, made when it is missing, or else nobody.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp(OWN_ACCOUNT)) ?? (await createOwnAccount()) ?? (await lookUp(LAST_RESORT));
}

async function lookUp(name: string): Promise<Account | undefined> {
  const [user, group] = await Promise.all([
    run(undefined, 'id', ['-u', name]),
    run(undefined, 'id', ['-g', name]),
  ]);
  if (user.code !== 0 || group.code !== 0) return undefined;
  return { name, uid: Number(user.output), gid: Number(group.output) };
}

/** Another process may make the same user at the same moment, so the look-up decides, not the exit code. */
async function createOwnAccount(): Promise<Account | undefined> {
  const shell = ['--shell', '/usr/sbin/nologin', '--home-dir', '/var/lib/odtm', '--no-create-home'];
  await run(undefined, 'useradd', ['--system', '--user-group', ...shell, OWN_ACCOUNT]);
  return lookUp(OWN_ACCOUNT);
}
