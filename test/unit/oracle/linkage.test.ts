import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import { argumentsAt, type Code, codeOf, routinesIn } from './plsql-code.ts';

/**
 * There is no Oracle to compile the framework: what its compiler would find first, names that are not there
 * and calls with too many or too few arguments, is looked for here.
 */
const units = globSync('src/targets/oracle/framework/*')
  .sort()
  .flatMap((path) => sourceUnits(readFileSync(path, 'utf8')).map((unit) => ({ ...unit, path })));

const specs = new Map(
  units
    .filter(({ kind }) => kind === 'package')
    .map(({ name, text }) => {
      const code = codeOf(text);
      return [name ?? '', { routines: routinesIn(code), words: new Set(code.map((c) => c.text)) }];
    }),
);
const bodies = units.filter(({ kind }) => kind === 'package body');

/** What a body uses of other packages of the framework and does not find, or calls in a wrong way. */
function wrongUses(path: string, text: string): string[] {
  const code = codeOf(text);
  return code.flatMap(({ text: word, line }, at) => {
    const spec = specs.get(word);
    const member = code[at + 2]?.text ?? '';
    if (spec === undefined || code[at + 1]?.text !== '.' || code[at - 1]?.text === 'end') return [];
    const where = `${path}:${line} ${word}.${member}`;
    if (!spec.words.has(member)) return [`${where} is not in the specification`];
    const routines = spec.routines.filter(({ name }) => name === member);
    const count = argumentsAt(code, at + 3).length;
    const fits = routines.some(({ least, most }) => count >= least && count <= most);
    return routines.length === 0 || fits ? [] : [`${where} is called with ${count} arguments`];
  });
}

describe('the packages of the framework on oracle', () => {
  test.each(bodies)('$name uses of the others what they have', ({ path, text }) => {
    expect(wrongUses(path, text)).toEqual([]);
  });

  test('each routine of a specification has its body, with the same parameters', () => {
    const missing = bodies.flatMap(({ name, text }) => {
      const defined = new Set(routinesIn(codeOf(text)).map(({ header }) => header));
      const declared = specs.get(name ?? '')?.routines ?? [];
      return declared
        .filter(({ header }) => !defined.has(header))
        .map((r) => `${name}.${r.header}`);
    });
    expect(missing).toEqual([]);
    expect(bodies.length).toBe(specs.size - 1);
  });

  test('a name that is not there and a wrong call are found', () => {
    const planted = `CREATE PACKAGE BODY x AS PROCEDURE p IS BEGIN
      dom$current.gone;
      dom.sleep(1, 2); dom.sleep(f(1, 2)); dom$current.hold; dom$journal.began(1);
    END p; END x;`;
    expect(wrongUses('planted', planted)).toEqual([
      'planted:2 dom$current.gone is not in the specification',
      'planted:3 dom.sleep is called with 2 arguments',
      'planted:3 dom$journal.began is called with 1 arguments',
    ]);
  });
});

const BUILT_IN =
  /^(number|varchar2|clob|date|boolean|rowid|pls_integer|integer|char|interval|exception)$/;
const DEFINED = /^(t_\w+|dom\$\w+|dbms_sql)$/;

type Source = Pick<(typeof units)[number], 'path' | 'text' | 'name'>;

function routinesOf(code: readonly Code[]): (readonly Code[])[] {
  const starts = code.flatMap(({ text }, at) => (/^(procedure|function)$/.test(text) ? [at] : []));
  return starts.map((start, index) => code.slice(start, starts[index + 1]));
}

/** Local names that a routine uses and does not declare; no routine of the framework has routines inside. */
function undeclared({ path, text, name }: Source): string[] {
  const code = codeOf(text);
  const own = specs.get(name ?? '')?.words ?? new Set();
  return routinesOf(code).flatMap((routine) => {
    const isDeclaration = (at: number): boolean => {
      const [next = '', behind = ''] = [routine[at + 1]?.text, routine[at + 2]?.text];
      return (
        BUILT_IN.test(next) || DEFINED.test(next) || (/^(in|out)$/.test(next) && behind !== '(')
      );
    };
    const isLocal = ({ text: word }: Code): boolean => /^[vpoe]_/.test(word);
    const declared = new Set(
      routine.filter((word, at) => isLocal(word) && isDeclaration(at)).map((word) => word.text),
    );
    return routine
      .filter(
        (word, at) =>
          isLocal(word) &&
          routine[at - 1]?.text !== '.' &&
          !declared.has(word.text) &&
          !own.has(word.text),
      )
      .map(({ text: word, line }) => `${path}:${line} ${word}`);
  });
}

describe('the routines of the framework on oracle', () => {
  test.each(bodies)('in $name declare the names that they use', (body) => {
    expect(undeclared(body)).toEqual([]);
  });

  test('a name that is declared in another routine is found', () => {
    const planted = `CREATE PACKAGE BODY x AS
      PROCEDURE p (p_a IN NUMBER) IS v_b NUMBER; BEGIN v_b := p_a; END p;
      PROCEDURE q IS BEGIN IF p_a IN (1) THEN v_b := 1; END IF; END q; END x;`;
    expect(undeclared({ path: 'planted', text: planted, name: 'x' })).toEqual([
      'planted:3 p_a',
      'planted:3 v_b',
    ]);
  });
});

const columns = new Map(
  units.flatMap(({ text }) => {
    const [, table] = /^CREATE TABLE (\S+) \(/.exec(text) ?? [];
    const names = [...text.matchAll(/^ {2}([a-z_0-9]+) /gm)].map(([, column = '']) => column);
    return table === undefined ? [] : [[table, new Set(['rowid', ...names])] as const];
  }),
);

/** Columns that a statement asks of a table of the framework, by the table's alias, and that it has not. */
function unknownColumns({ path, text }: Pick<Source, 'path' | 'text'>): string[] {
  return routinesOf(codeOf(text)).flatMap((routine) => {
    const tables = new Map(
      routine.flatMap(({ text: table }, at) => {
        const alias = routine[at + 1]?.text ?? '';
        return columns.has(table) && /^[a-z]$/.test(alias) ? [[alias, table] as const] : [];
      }),
    );
    return routine.flatMap(({ text: alias, line }, at) => {
      const known = columns.get(tables.get(alias) ?? '');
      const column = routine[at + 2]?.text ?? '';
      if (known === undefined || routine[at + 1]?.text !== '.' || known.has(column)) return [];
      return column === '*' ? [] : [`${path}:${line} ${alias}.${column}`];
    });
  });
}

describe('the statements of the framework on oracle', () => {
  test.each(bodies)('in $name know the columns of its tables', (body) => {
    expect(unknownColumns(body)).toEqual([]);
  });

  test('a column that is not there is found', () => {
    const planted = `CREATE PACKAGE BODY x AS PROCEDURE p IS BEGIN
      DELETE FROM dom$unit u WHERE u.handle = 'h'
        AND u.object = '-' AND EXISTS (SELECT s.* FROM dom$statement s); END p; END x;`;
    expect(unknownColumns({ path: 'planted', text: planted })).toEqual(['planted:3 u.object']);
  });
});
