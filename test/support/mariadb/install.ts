import { execFile } from 'node:child_process';
import { access, chmod, readFile, rm, writeFile } from 'node:fs/promises';
import {
  executables,
  findMariadb,
  foldersOf,
  type MariadbBinaries,
  SERVER_FOLDERS,
} from './locate.ts';
import { whileAlone } from './machine-lock.ts';

/** What decides how MariaDB gets onto a machine. */
export interface MachineFacts {
  readonly hasMariadb: boolean;
  readonly isRoot: boolean;
  /** Debian and its kin, by their own mark and their package manager. */
  readonly hasApt: boolean;
  readonly hasSystemd: boolean;
}

/** What is to be done to have MariaDB; commands are a program with its arguments. */
export type InstallPlan =
  | { readonly kind: 'ready' }
  | { readonly kind: 'impossible'; readonly reason: string }
  | {
      readonly kind: 'install';
      readonly commands: readonly (readonly [string, ...string[]])[];
      readonly stopService: readonly [string, ...string[]];
    };

/** The places of a machine that an installation looks at; a test has a machine of its own. */
export interface Machine {
  readonly path: string;
  readonly serverFolders: readonly string[];
  readonly isRoot: boolean;
  readonly debianMark: string;
  readonly systemdMark: string;
  /** The file by which a Debian machine forbids packages to start their services. */
  readonly policyFile: string;
  /** Shows a person what happens, and what a failed command said. */
  readonly tell: (text: string) => void;
}

const PACKAGE = 'mariadb-server';
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;
/** Tells our policy from somebody's own, also when the process that wrote it was killed. */
const POLICY_MARK = '# Written while the tests of ODTM install MariaDB.';
const POLICY = `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`;

function thisMachine(): Machine {
  return {
    path: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    serverFolders: SERVER_FOLDERS,
    isRoot: process.getuid?.() === 0,
    debianMark: '/etc/debian_version',
    systemdMark: '/run/systemd/system',
    policyFile: '/usr/sbin/policy-rc.d',
    tell: (text) => process.stderr.write(`${text}\n`),
  };
}

/** What to do on a machine with these facts. */
export function planInstall(facts: MachineFacts): InstallPlan {
  if (facts.hasMariadb) return { kind: 'ready' };
  if (!facts.hasApt) return impossible('this is no Debian on which the tests could install it');
  if (!facts.isRoot) return impossible(`only root can install it: apt-get install ${PACKAGE}`);
  return {
    kind: 'install',
    commands: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', '--no-install-recommends', PACKAGE],
    ],
    stopService: facts.hasSystemd
      ? ['systemctl', 'disable', '--now', 'mariadb']
      : ['service', 'mariadb', 'stop'],
  };
}

function impossible(why: string): InstallPlan {
  return { kind: 'impossible', reason: `MariaDB is not on this machine, and ${why}` };
}

/**
 * MariaDB's programs, installed first where they are missing and that is possible; a reason where it is
 * not. Processes that need it at the same time install it once.
 * @throws when the installation fails; what it said is told.
 */
export async function ensureMariadb(
  machine: Machine = thisMachine(),
): Promise<MariadbBinaries | { readonly reason: string }> {
  const found = await find(machine);
  const plan = planInstall(await factsOf(machine, found));
  if (plan.kind === 'impossible') return plan;
  if (plan.kind === 'ready') return present(found);
  return whileAlone(`mariadb ${machine.policyFile}`, async () => {
    // Another process may have installed it while this one waited.
    if ((await find(machine)) === undefined) await install(machine, plan);
    return present(await find(machine));
  });
}

function find(machine: Machine): Promise<MariadbBinaries | undefined> {
  return findMariadb(machine.path, machine.serverFolders);
}

async function install(
  machine: Machine,
  { commands, stopService }: InstallPlan & { kind: 'install' },
): Promise<void> {
  machine.tell(`odtm: installing ${PACKAGE} by apt-get, once for this machine`);
  await withoutServices(machine.policyFile, async () => {
    for (const command of commands) await must(machine, command);
  });
  // Where somebody's own policy allows services, the package has started its default one.
  await execute(machine, stopService);
}

function present(found: MariadbBinaries | undefined): MariadbBinaries {
  if (found !== undefined) return found;
  throw new Error(`${PACKAGE} was installed, but there is no mariadbd and mariadb-install-db`);
}

async function factsOf(
  machine: Machine,
  found: MariadbBinaries | undefined,
): Promise<MachineFacts> {
  const [isDebian, hasSystemd, managers] = await Promise.all([
    exists(machine.debianMark),
    exists(machine.systemdMark),
    executables(foldersOf(machine.path), ['apt-get']),
  ]);
  const hasApt = isDebian && managers.length > 0;
  return { hasMariadb: found !== undefined, isRoot: machine.isRoot, hasApt, hasSystemd };
}

/** Runs the work while packages may not start services, unless the machine has a policy of its own. */
async function withoutServices(policyFile: string, work: () => Promise<void>): Promise<void> {
  const theirs = await readFile(policyFile, 'utf8').catch(() => '');
  if (theirs !== '' && !theirs.includes(POLICY_MARK)) return work();
  await writeFile(policyFile, POLICY);
  await chmod(policyFile, 0o755);
  try {
    await work();
  } finally {
    await rm(policyFile, { force: true });
  }
}

async function must(machine: Machine, command: readonly [string, ...string[]]): Promise<void> {
  const { code, output } = await execute(machine, command);
  if (code === 0) return;
  machine.tell(output);
  throw new Error(`"${command.join(' ')}" failed with code ${code}; see its output above`);
}

/** With our whole environment, because a proxy is set there. */
function execute(
  machine: Machine,
  [file, ...args]: readonly [string, ...string[]],
): Promise<{ code: number; output: string }> {
  const env = { ...process.env, PATH: machine.path, DEBIAN_FRONTEND: 'noninteractive' };
  return new Promise((resolve) => {
    const options = { env, cwd: '/', maxBuffer: OUTPUT_LIMIT_BYTES };
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ code, output: `${stdout}${stderr}` || (error?.message ?? '') });
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
