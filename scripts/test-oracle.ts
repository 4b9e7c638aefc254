/**
 * Runs the conformance suite of targets on a real Oracle and prints a table of what passed:
 * npm run test:oracle -- --connect <EZConnect, descriptor or alias> --user <name> [--option name=value …]
 * The schema of the user belongs to the suite: whatever ODTM has installed there is removed. The password
 * comes from ODTM_ORACLE_PASSWORD, or is asked for.
 */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { addCounts, type Counts } from './test-counts.ts';
import { root, runVitest, type TestRun } from './vitest-run.ts';

interface Row {
  readonly name: string;
  readonly counts: Counts;
}

const USAGE =
  'Usage: npm run test:oracle -- --connect <string> --user <name> [--option name=value]';

function settings(): Record<string, string> {
  const { values } = parseArgs({
    options: {
      connect: { type: 'string' },
      user: { type: 'string' },
      option: { type: 'string', multiple: true },
    },
  });
  const { connect, user, option = [] } = values;
  if (connect === undefined || user === undefined) throw new Error(USAGE);
  const more = option.map((text) => {
    const [name = '', ...rest] = text.split('=');
    return [name, rest.join('=')];
  });
  const options = { connect_string: connect, ...Object.fromEntries(more) };
  return { ODTM_TEST_ORACLE: JSON.stringify(options), ODTM_TEST_ORACLE_USER: user };
}

/** What is typed is not shown. */
async function password(): Promise<string> {
  const { ODTM_ORACLE_PASSWORD: given } = process.env;
  if (given) return given;
  process.stderr.write('Password: ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const answer = await line.question('');
  line.close();
  process.stderr.write('\n');
  return answer;
}

/** Tests of other engines are skipped here for their names, which says nothing; a failure always counts. */
function countsOf({ suites, engines }: Pick<TestRun, 'suites' | 'engines'>): Counts {
  const { failed } = addCounts([...suites.values()]);
  return { passed: 0, skipped: 0, ...engines.get('oracle'), failed };
}

async function testAll(env: Readonly<Record<string, string>>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of globSync('test/conformance/target/*.test.ts', { cwd: root }).sort()) {
    const run = await runVitest(
      ['--project', 'conformance', join(root, file), '-t', 'oracle'],
      env,
    );
    rows.push({ name: basename(file, '.test.ts'), counts: countsOf(run) });
  }
  return rows;
}

try {
  const env = { ...settings(), ODTM_ORACLE_PASSWORD: await password() };
  const rows = await testAll(env);
  console.log('\nReal Oracle   passed  failed  skipped');
  for (const { name, counts } of rows) {
    const { passed, failed, skipped } = counts;
    const numbers = [
      String(passed).padStart(6),
      String(failed).padStart(7),
      String(skipped).padStart(8),
    ];
    console.log(`${name.padEnd(13)} ${numbers.join(' ')}`);
  }
  const { passed, failed } = addCounts(rows.map(({ counts }) => counts));
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
