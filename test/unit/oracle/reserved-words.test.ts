import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { argumentsAt, codeOf, routinesIn } from './plsql-code.ts';

/**
 * PL/SQL's reserved words, which cannot be names without quotes: Oracle Database PL/SQL Language Reference,
 * appendix D, table D-1. Grammars take some of them for names, and MariaDB knows few.
 */
const RESERVED = new Set(
  `all alter and any as asc at begin between by case check cluster clusters colauth columns compress connect
  crash create current declare default delete desc distinct drop else end exception exclusive exists fetch for
  from function goto grant group having identified if in index indexes insert intersect into is like lock
  minus mode nocompress not nowait null of on option or order overlaps prior procedure public resource revoke
  select share size sql start subtype tabauth table then to type union unique update values view views when
  where with`.split(/\s+/),
);

/** With these a declaration does not begin. */
const STATEMENTS = new Set(
  `alter begin case close commit continue create cursor declare delete drop else elsif end exception execute
  exit fetch for function goto grant if insert is as lock loop merge null open pragma procedure raise return
  rollback savepoint select set subtype type update when while with package not table record ref`.split(
    /\s+/,
  ),
);

const SOURCES = [
  ...globSync('src/targets/oracle/framework/*'),
  ...globSync('examples/*/packages/*/{oracle,plsql}/*'),
  ...globSync('test/scenarios/support/**/*.pk[sb]'),
];

/** Names that a source declares: routines, their parameters, types, fields and variables. */
function declaredIn(text: string): { readonly name: string; readonly line: number }[] {
  const code = codeOf(text);
  const found = routinesIn(code).map(({ name }) => ({ name, line: 0 }));
  code.forEach(({ text: word, line }, at) => {
    const next = code[at + 1]?.text ?? '';
    if (/^(?:procedure|function|record|cursor)$/.test(word)) {
      const first = argumentsAt(code, word === 'record' ? at + 1 : at + 2);
      for (const [name] of first) if (name !== undefined) found.push({ name, line });
    }
    if (/^(?:type|subtype|cursor)$/.test(word) && code[at + 2]?.text === 'is') {
      found.push({ name: next, line });
    }
    const begins = /^(?:;|is|as|declare)$/.test(code[at - 1]?.text ?? '');
    if (begins && /^\w/.test(next) && !STATEMENTS.has(word)) found.push({ name: word, line });
  });
  return found;
}

test.each(SOURCES)('%s declares no name that PL/SQL reserves', (path) => {
  const hits = declaredIn(readFileSync(path, 'utf8')).filter(({ name }) => RESERVED.has(name));
  expect(hits).toEqual([]);
});

test('a reserved word is found wherever it is declared', () => {
  const source = `CREATE OR REPLACE PACKAGE BODY p AS
    TYPE size IS RECORD (mode NUMBER);
    g_ok NUMBER; option VARCHAR2(1) := 'x';
    FUNCTION views (p_ok NUMBER, share NUMBER) RETURN NUMBER IS
      start DATE;
    BEGIN
      RETURN 1;
    END views;
  END p;`;
  const names = declaredIn(source).flatMap(({ name }) => (RESERVED.has(name) ? [name] : []));
  expect([...new Set(names)].sort()).toEqual(['mode', 'option', 'share', 'size', 'start', 'views']);
  expect(declaredIn(source).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['g_ok', 'p_ok']),
  );
});
