// Plain JavaScript for every Node from 20 on: it runs before the project's own Node is found.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with package.json. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** The first Node that runs TypeScript as it is. */
export const NEEDED_NODE = '22.18.0';

/** Whether a Node of this version (as in process.versions.node) runs the project. */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

/** The Node that the project brings along for this platform. */
export function nodePackage() {
  return `node-${process.platform}-${process.arch}`;
}

/** The path of the Node to use: the project's own, else the running one if it is recent enough. */
export function findNode() {
  // Packages may be hoisted when odtm is itself installed below another project's node_modules.
  for (const folder of [join(projectRoot, 'node_modules'), join(projectRoot, '..')]) {
    const own = join(folder, nodePackage(), 'bin', 'node');
    if (existsSync(own)) return own;
  }
  return isRecent(process.versions.node) ? process.execPath : undefined;
}

/** The environment in which `node` and the project's tools are the first on the path. */
export function projectEnvironment() {
  const bin = join(projectRoot, 'node_modules', '.bin');
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
}

/** Runs a command in our place: same input and output, signals passed on, its exit code is ours. */
export function runInPlace(file, args, env = process.env) {
  const child = spawn(file, args, { stdio: 'inherit', env });
  passSignals(child);
  child.on('error', (error) => {
    console.error(`odtm: ${file} cannot be started: ${error.message}`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0));
  });
}

function passSignals(child) {
  // Ctrl-C on a terminal reaches the child by itself; passed on as well it would count twice.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT']) {
    process.on(signal, () => {
      const fromKeyboard = onTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!fromKeyboard) child.kill(signal);
    });
  }
}
