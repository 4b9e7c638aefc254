import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clientScript } from '../../../src/targets/oracle/client-script.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { grammarProblems } from './grammar.ts';
import { AcceptedSources } from './verdicts.ts';

/** A source takes up to a minute on a quick machine, as the grammar learns as it reads. */
const SOURCE_MS = 600_000;

const FOLDERS = [
  'src/targets/oracle/framework/*',
  '{examples,test}/**/{oracle,plsql}/*',
  'examples/*/app/oracle',
];
const sources = FOLDERS.flatMap((folder) => globSync(`${folder}.{sql,pks,pkb}`)).sort();
const accepted = new AcceptedSources('node_modules/.cache/odtm-plsql-grammar.json');

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

  test('all that there is: tables, specifications and bodies of the framework, and the example', () => {
    const names = sources.map((path) => path.replaceAll('\\', '/'));
    expect(names).toEqual(
      expect.arrayContaining([
        'src/targets/oracle/framework/12-dom$unit.sql',
        'src/targets/oracle/framework/40-dom$run.pks',
        'src/targets/oracle/framework/60-dom$run.pkb',
        'examples/drop-partition/packages/drop_partition/oracle/20-package-body.sql',
        'examples/purge-events/packages/purge_events/plsql/purge_events.pkb',
      ]),
    );
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
