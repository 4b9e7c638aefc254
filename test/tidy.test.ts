import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { deadFiles, importRings, upwardImports } from './tidy/imports.ts';
import { drawers, longFiles, longFunctions, longLines } from './tidy/limits.ts';
import { parseSource, type Source, type TextFile, type Violation } from './tidy/source.ts';
import { ambience, engineNames, prints } from './tidy/words.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = '{src,test,bench,examples,scripts,bin,web}';

function read(pattern: string): TextFile[] {
  const paths = globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] });
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const code = read(`${FOLDERS}/**/*.{ts,tsx,mjs}`);
const sql = read(`${FOLDERS}/**/*.{sql,pks,pkb}`);
const sources = code.map(parseSource);

function shown(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, what }) => `${path}:${line} ${what}`);
}

/** A check finds what is planted, and nothing in this repository. */
interface Rule {
  readonly name: string;
  readonly here: () => Violation[];
  readonly planted: () => Violation[];
  readonly finds: readonly string[];
}

function plant(path: string, text: string): Source {
  return parseSource({ path, text });
}

const rules: Rule[] = [
  {
    name: 'functions have at most 70 lines',
    here: () => longFunctions(sources),
    planted: () => {
      const body = '\n'.repeat(70);
      const text = `describe('a', () => {${body}\nconst f = () => {${body}};\n});\nclass A { m() {${body}} }`;
      return longFunctions([plant('src/core/a.ts', text)]);
    },
    finds: ['src/core/a.ts:72 function of 71 lines', 'src/core/a.ts:144 function of 71 lines'],
  },
  {
    name: 'files have at most 400 lines',
    here: () => longFiles([...code, ...sql]),
    planted: () =>
      longFiles([
        { path: 'src/core/fits.ts', text: '\n'.repeat(400) },
        { path: 'src/core/long.ts', text: '\n'.repeat(401) },
      ]),
    finds: ['src/core/long.ts:401 file of 401 lines'],
  },
  {
    name: 'lines have at most 110 characters',
    here: () => longLines([...code, ...sql]),
    planted: () =>
      longLines([{ path: 'src/core/a.ts', text: `${'é'.repeat(110)}\n${'x'.repeat(111)}\n` }]),
    finds: ['src/core/a.ts:2 line of 111 characters'],
  },
  {
    name: 'nothing is called util, helpers, common or lib',
    here: () => drawers([...code, ...sql]),
    planted: () =>
      drawers([
        { path: 'src/core/utils/a.ts', text: '' },
        { path: 'src/cli/common.ts', text: '' },
        { path: 'src/core/library.ts', text: '' },
      ]),
    finds: ['src/core/utils/a.ts:1 is called "utils"', 'src/cli/common.ts:1 is called "common"'],
  },
  {
    name: 'imports go down the layers only',
    here: () => upwardImports(sources),
    planted: () =>
      upwardImports([
        plant('src/core/a.ts', "import type { B } from '../ports/b.ts';\nimport 'zod';"),
        plant('src/executor/b.ts', "export * from '../control/c.ts';\nimport '../ports/p.ts';"),
        plant('src/targets/postgres/t.ts', "await import('../oracle/o.ts'); import 'pg';"),
        plant('src/app/main.ts', "import '../targets/postgres/t.ts';"),
        plant('src/elsewhere/a.ts', ''),
        plant('src/repository/embedded/e.ts', "import '../../../test/support/server.ts';"),
      ]),
    finds: [
      'src/core/a.ts:1 core imports ports',
      'src/core/a.ts:2 core imports the library zod',
      'src/executor/b.ts:1 executor imports control',
      'src/targets/postgres/t.ts:1 targets/postgres imports targets/oracle',
      'src/elsewhere/a.ts:1 "elsewhere" is no layer of the table',
      'src/repository/embedded/e.ts:1 repository imports test/support/server.ts',
    ],
  },
  {
    name: 'no files import each other in a ring',
    here: () => importRings(sources),
    planted: () =>
      importRings([
        plant('src/core/a.ts', "import type { B } from './b.ts';"),
        plant('src/core/b.ts', "import './c.ts'; import './d.ts';"),
        plant('src/core/c.ts', "export { a } from './a.ts';"),
        plant('src/core/d.ts', "import './e.ts';"),
        plant('src/core/e.ts', ''),
      ]),
    finds: [
      'src/core/a.ts:1 import ring: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts',
    ],
  },
  {
    name: 'every file of src is part of the program',
    here: () => deadFiles(sources),
    planted: () =>
      deadFiles([
        plant('src/app/main.ts', "await import('../cli/used.ts');"),
        plant('src/cli/used.ts', "new URL('./worker.ts', import.meta.url);"),
        plant('src/cli/worker.ts', ''),
        plant('src/cli/dead.ts', "import './used.ts';"),
        plant('test/unit/dead.test.ts', "import '../../src/cli/dead.ts';"),
        plant('scripts/make.ts', "import '../src/core/made.ts';"),
        plant('src/core/made.ts', ''),
      ]),
    finds: ['src/cli/dead.ts:1 dead file: the program never imports it'],
  },
  {
    name: 'the rules know no engine by name',
    here: () => engineNames(sources),
    planted: () =>
      engineNames([
        plant('src/executor/a.ts', "// for postgres\nif (engine === 'oracle') x = `mariadb`;"),
        plant('src/control/b.ts', 'startPostgres();'),
        plant('src/targets/postgres/c.ts', "const name = 'postgres';"),
      ]),
    finds: [
      'src/executor/a.ts:2 names the engine oracle',
      'src/executor/a.ts:2 names the engine mariadb',
      'src/control/b.ts:1 names the engine Postgres',
    ],
  },
  {
    name: 'only the faces of the program print',
    here: () => prints(sources),
    planted: () =>
      prints([
        plant('src/executor/a.ts', '\nconsole.log(1);'),
        plant('src/cli/b.ts', 'console.log(1);'),
      ]),
    finds: ['src/executor/a.ts:2 prints to the console'],
  },
  {
    name: 'clock, randomness, timers and process come in through ports',
    here: () => ambience(sources),
    planted: () =>
      ambience([
        plant('src/core/a.ts', 'Date.now();\nnew Date();\nnew Date(5);\nMath.random();'),
        plant('src/executor/b.ts', 'setTimeout(f, 5);\nclock.setTimeout(f);\nprocess.env.X;'),
        plant('src/app/c.ts', 'Date.now();'),
      ]),
    finds: [
      'src/core/a.ts:1 reads the clock',
      'src/core/a.ts:2 reads the clock',
      'src/core/a.ts:4 takes a random value',
      'src/executor/b.ts:1 sets a timer',
      'src/executor/b.ts:3 reads the process',
    ],
  },
];

describe('tidy', () => {
  test.each(rules)('$name', ({ here }) => {
    expect(shown(here())).toEqual([]);
  });

  test.each(rules)('a planted violation is found: $name', ({ planted, finds }) => {
    expect(shown(planted())).toEqual(finds);
  });

  test('looks at the whole repository', () => {
    const folders = new Set(code.map(({ path }) => path.split('/')[0]));
    expect([...folders]).toEqual(expect.arrayContaining(['bin', 'scripts', 'src', 'test']));
  });
});
