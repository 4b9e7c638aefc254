import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clientScript } from '../../../src/targets/oracle/client-script.ts';
import { plsqlPackage } from '../../conformance/target/plsql-package.ts';
import { realOraclePackage } from '../../conformance/target/real-oracle-package.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { grammarProblems } from './grammar.ts';
import { AcceptedSources } from './verdicts.ts';

/** A source takes up to a minute on a quick machine, as the grammar learns as it reads. */
const SOURCE_MS = 600_000;

const HAS_PACKAGE = /^CREATE (?:OR REPLACE )?PACKAGE/m;

const HERE = '{src,bench,examples,test}/**';

/** Every file that is PL/SQL by its name, by its folder, or by a package in it. */
const candidates = [
  ...globSync(`${HERE}/*.{pks,pkb}`),
  ...globSync([
    'src/targets/oracle/framework/*.sql',
    `${HERE}/{oracle,plsql}/*.sql`,
    'examples/*/app/oracle.sql',
  ]),
  ...globSync(`${HERE}/*.sql`).filter((path) => HAS_PACKAGE.test(readFileSync(path, 'utf8'))),
].map((path) => path.replaceAll('\\', '/'));

/**
 * What is for MariaDB alone, in words that Oracle does not have; the tests on MariaDB run it. State tables of
 * packages for MariaDB (AUTO_INCREMENT, IF NOT EXISTS) are not PL/SQL, and are no candidates.
 */
const OF_MARIADB: readonly (readonly [path: RegExp, why: string])[] = [
  [/^src\/targets\/mariadb\/framework\//, 'its own framework: lengths in return types, @variables'],
  [/^test\/integration\/target-mariadb\/translate-dom\.sql$/, 'RETURN NUMBER(38,10), ENGINE=Aria'],
];

const sources = [...new Set(candidates)]
  .filter((path) => !OF_MARIADB.some(([pattern]) => pattern.test(path)))
  .sort();
const accepted = new AcceptedSources('node_modules/.cache/odtm-plsql-grammar.json');

/** PL/SQL that stands in texts: what the guide shows, and the packages that the conformance suite makes. */
const texts: readonly (readonly [name: string, text: string])[] = [
  ...guideBlocks().map((text, at) => [`the guide, block ${at + 1}`, text] as const),
  ...[plsqlPackage('oracle', 'app').package, realOraclePackage()].flatMap(({ name, files }) =>
    files.map(({ path, text }) => [`the package ${name}, ${path}`, text] as const),
  ),
];

/** The blocks of SQL with a package in the guide's chapter on PL/SQL. */
function guideBlocks(): string[] {
  const guide = readFileSync('docs/GUIDE.md', 'utf8');
  const chapter = guide.slice(guide.indexOf('# Oracle and MariaDB: packages in PL/SQL'));
  return [...chapter.matchAll(/```sql\n(.*?)```/gs)]
    .map(([, text = '']) => text)
    .filter((text) => HAS_PACKAGE.test(text));
}

const BODY = `-- A body with room for a mistake.
CREATE OR REPLACE PACKAGE BODY purge AS
  PROCEDURE iterator (p_handle IN VARCHAR2) IS
  BEGIN
    NULL;
  END iterator;
END purge;
/
COMMENT ON TABLE t IS 'x'
/
`;

describe('the grammar of PL/SQL accepts, for Oracle,', () => {
  test.each(sources)('%s', { timeout: SOURCE_MS }, (path) => {
    const text = readFileSync(path, 'utf8');
    if (accepted.has(text)) return;
    expect(grammarProblems(text)).toEqual([]);
    accepted.add(text);
  });

  test.each(texts)('%s', { timeout: SOURCE_MS }, (_name, text) => {
    if (accepted.has(text)) return;
    expect(grammarProblems(text)).toEqual([]);
    accepted.add(text);
  });

  test.each([[[]], [['app', 'web']]])(
    'the script of a DBA, with owners %j',
    { timeout: SOURCE_MS },
    (owners) => {
      const script = clientScript({ user: 'odtm', database: 'shop', packages: null, owners });
      const sql = script
        .replaceAll(/^(ACCEPT|SET|WHENEVER|UNDEFINE) .*$/gm, '')
        .replaceAll('&&odtm_tablespace', 'users');
      expect(grammarProblems(sql)).toEqual([]);
    },
  );

  test('all that there is: of the framework, the examples, the benchmarks, the tests and the guide', () => {
    expect(sources).toEqual(
      expect.arrayContaining([
        'bench/package-plsql/bench.sql',
        'examples/drop-partition/app/oracle.sql',
        'examples/drop-partition/packages/drop_partition/mariadb/20-package-body.sql',
        'examples/drop-partition/packages/drop_partition/oracle/20-package-body.sql',
        'examples/drop-partition/packages/drop_partition/oracle/state.sql',
        'examples/purge-events/packages/purge_events/plsql/purge_events.pkb',
        'src/targets/oracle/framework/12-dom$unit.sql',
        'src/targets/oracle/framework/40-dom$run.pks',
        'src/targets/oracle/framework/60-dom$run.pkb',
        'test/bad-input/definitions/package-shared-source-copied/packages/purge/plsql/purge.pks',
        'test/integration/target-mariadb/oracle/constructs.pkb',
        'test/scenarios/support/torture/packages/torture/mariadb/20-torture.pkb',
      ]),
    );
    expect(texts.map(([name]) => name)).toContain('the guide, block 1');
    expect(texts.map(([name]) => name)).toContain('the package real_conf, 20-body.sql');
  });

  test.each(OF_MARIADB)('not %s: %s', { timeout: SOURCE_MS }, (pattern) => {
    const paths = candidates.filter((path) => pattern.test(path));
    const refused = paths.find((path) => grammarProblems(readFileSync(path, 'utf8')).length > 0);
    expect(refused).toBeDefined();
  });
});

describe('the grammar of PL/SQL refuses', { timeout: SOURCE_MS }, () => {
  test('nothing of a whole body', () => {
    expect(grammarProblems(BODY)).toEqual([]);
  });

  test.each([
    ['a statement without its end', BODY.replace('NULL;', 'NULL'), 6],
    ['a block without its end', BODY.replace('  END iterator;\n', ''), 6],
    ['a word out of place', BODY.replace('COMMENT ON TABLE', 'COMMENT UPON TABLE'), 9],
    ['an unknown statement', `${BODY}PURGE EVERYTHING NOW\n/\n`, 11],
  ])('%s, by its line', (_what, text, line) => {
    const problems = grammarProblems(text);
    expect(problems[0]?.line, JSON.stringify(problems)).toBe(line);
  });
});

describe('the memory of accepted sources', () => {
  test('knows a source by its text, in a later run too, and nothing else', async () => {
    await using folder = await tempDir();
    const path = `${folder.path}/below/accepted.json`;
    const first = new AcceptedSources(path);
    expect(first.has(BODY)).toBe(false);
    first.add(BODY);
    expect(first.has(BODY)).toBe(true);
    expect(new AcceptedSources(path).has(BODY)).toBe(true);
    expect(new AcceptedSources(path).has(`${BODY}\n`)).toBe(false);
  });
});
