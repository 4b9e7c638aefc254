import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOM_INTERFACE } from '../../../src/targets/mariadb/translate/dom-interface.ts';
import { type SourceUnit, sourceUnits } from '../../../src/targets/plsql/source-units.ts';

function unitsOf(engine: 'oracle' | 'mariadb'): SourceUnit[] {
  return globSync(`src/targets/${engine}/framework/*`)
    .sort()
    .flatMap((path) => sourceUnits(readFileSync(path, 'utf8')));
}

const ORACLE = unitsOf('oracle');
const MARIADB = unitsOf('mariadb');

/** A routine as `name(parameter mode type, …) type`, without sizes and defaults. */
function routinesOf(units: readonly SourceUnit[], name: string): string[] {
  const spec = units.find((unit) => unit.kind === 'package' && unit.name === name)?.text ?? '';
  const code = spec.replaceAll(/--.*/g, '');
  const found = code.matchAll(
    /(?:PROCEDURE|FUNCTION)\s+([\w$]+)\s*(?:\(([^;]*?)\))?(?:\s*RETURN\s+(\w+)(?:\([\d, ]+\))?)?\s*;/g,
  );
  return [...found].map(([, routine, parameters = '', returns = '']) => {
    const list = parameters.split(',').map((text) => text.replace(/\s+DEFAULT[\s\S]*$/, '').trim());
    return `${routine}(${list.join(', ').replaceAll(/\s+/g, ' ')}) ${returns}`.trim();
  });
}

function columnsOf(units: readonly SourceUnit[], table: string): string[] {
  const create = units.find(({ text }) =>
    new RegExp(`^CREATE TABLE (IF NOT EXISTS )?${table.replace('$', '\\$')} \\(`).test(text),
  );
  const lines = create?.text.split('\n').slice(1) ?? [];
  return lines
    .map((line) => /^ {2}([a-z_0-9]+) /.exec(line)?.[1])
    .filter((name) => name !== undefined);
}

const TABLES = ['stream', 'unit', 'statement', 'parameter', 'chunk', 'session', 'log', 'installed'];

describe('the framework on oracle has what the blocks of the controller call, as on mariadb:', () => {
  test.each(['dom$run', 'dom$split', 'dom$control'])('package %s', (name) => {
    const oracle = routinesOf(ORACLE, name);
    const others = routinesOf(MARIADB, name);
    const notShared =
      /^(preview|check_attempt|hold|send_answer|answer_events|session_lock|live_sessions|alive)\(/;
    expect(oracle.filter((routine) => !notShared.test(routine))).toEqual(
      others.filter((routine) => !notShared.test(routine)),
    );
    expect(oracle.length).toBeGreaterThan(1);
  });

  test.each(TABLES)('table dom$%s, with its columns in their order', (name) => {
    const columns = columnsOf(ORACLE, `dom$${name}`);
    expect(columns).toEqual(columnsOf(MARIADB, `dom$${name}`));
    expect(columns.length).toBeGreaterThan(4);
  });
});

describe('the framework on oracle', () => {
  test('has DOM as packages know it, with defaults and overloads', () => {
    const oracle = routinesOf(ORACLE, 'dom').map((routine) => routine.replaceAll(' IN ', ' '));
    const known = (DOM_INTERFACE.DOM ?? []).map(({ name, parameters, returns }) =>
      `${name}(${parameters.map((p) => `${p.name} ${p.type}`).join(', ')}) ${returns ?? ''}`
        .trim()
        .toLowerCase(),
    );
    const lower = oracle.map((routine) => routine.toLowerCase());
    expect(lower.toSorted()).toEqual(expect.arrayContaining(known.toSorted()));
    const spec = ORACLE.find((unit) => unit.kind === 'package' && unit.name === 'dom')?.text ?? '';
    expect(spec.match(/ DEFAULT /g)).toHaveLength(6);
  });

  test('says of every table and column what it is', () => {
    const comments = ORACLE.flatMap(({ text }) => {
      const [, what, name] = /^COMMENT ON (TABLE|COLUMN) (\S+) IS\s+'/.exec(text) ?? [];
      return what === undefined || name === undefined ? [] : [name];
    });
    const expected = TABLES.flatMap((name) => [
      `dom$${name}`,
      ...columnsOf(ORACLE, `dom$${name}`).map((column) => `dom$${name}.${column}`),
    ]);
    expect(comments.toSorted()).toEqual(expected.toSorted());
  });

  test('has one object a file, under its name, specifications before bodies', () => {
    const paths = globSync('src/targets/oracle/framework/*').sort();
    const wrong = paths.filter((path) => {
      const name = basename(path)
        .replace(/^\d+-/, '')
        .replace(/\.\w+$/, '');
      const created = sourceUnits(readFileSync(path, 'utf8'))
        .filter(({ text }) => text.startsWith('CREATE'))
        .map((unit) => unit.name ?? /^CREATE \w+ (\S+)/.exec(unit.text)?.[1]);
      return created.length !== 1 || created[0] !== name;
    });
    expect(wrong).toEqual([]);
    const kinds = paths.map((path) => path.slice(-4));
    expect(kinds).toEqual(kinds.toSorted((a, b) => rankOf(a) - rankOf(b)));
  });
});

function rankOf(kind: string): number {
  return ['.sql', '.pks', '.pkb'].indexOf(kind);
}
