import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import { lex, stringValue } from '../../../src/targets/plsql/tokens.ts';
import { plsqlText } from './plsql-text.ts';

function kinds(text: string): string[] {
  return lex(text)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, text: token }) => `${kind} ${token}`);
}

describe('tokens of PL/SQL', () => {
  test('joined, they are the text again, and they count its lines', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), plsqlText), (text) => {
        const tokens = lex(text);
        expect(tokens.map((token) => token.text).join('')).toBe(text);
        let before = '';
        for (const token of tokens) {
          expect(token.line).toBe(before.split('\n').length);
          before += token.text;
        }
      }),
    );
  });

  test('q-quotes end with their own sign, and quotes in them are text', () => {
    expect(kinds("q'[it's]' Q'{a}'b nq'!x!'")).toEqual([
      "string q'[it's]'",
      "string Q'{a}'",
      'word b',
      "string nq'!x!'",
    ]);
    expect(stringValue("q'[it's]'")).toBe("it's");
    expect(stringValue("N'it''s'")).toBe("it's");
  });

  test('a range is no number with a point, names may hold $ and #', () => {
    expect(kinds('1..2 1.5e3 a$b#c')).toEqual([
      'number 1',
      'symbol ..',
      'number 2',
      'number 1.5e3',
      'word a$b#c',
    ]);
  });

  test.each([["'open"], ['/* open'], ['"open'], ["q'[open"]])(
    'what nobody ends reaches to the end: %s',
    (text) => {
      expect(lex(`${text};\n/\nDROP`)).toHaveLength(1);
    },
  );
});

describe('units of a file', () => {
  test('PL/SQL ends with a slash alone on its line, plain statements with a semicolon too', () => {
    const text = [
      '-- state',
      "CREATE TABLE t (a NUMBER); COMMENT ON TABLE t IS 'a;b';",
      'CREATE OR REPLACE EDITIONABLE PACKAGE "OWN"."Pkg" AS',
      '  PROCEDURE p;',
      'END;',
      '  / ',
      'create package body own.pkg as procedure p is begin x := 4 / 2; end; end;',
      '/',
      'CREATE TRIGGER trg BEFORE INSERT ON t FOR EACH ROW BEGIN NULL; END;',
      '/',
      'CREATE TYPE ty AS OBJECT (a NUMBER);',
      '/',
      'DECLARE a NUMBER; BEGIN NULL; END;',
    ].join('\r\n');
    expect(
      sourceUnits(text).map(({ kind, owner, name, line }) => [kind, owner, name, line]),
    ).toEqual([
      ['sql', null, 't', 2],
      ['sql', null, null, 2],
      ['package', 'OWN', 'Pkg', 3],
      ['package body', 'own', 'pkg', 7],
      ['trigger', null, 'trg', 9],
      ['type', null, 'ty', 11],
      ['block', null, null, 13],
    ]);
  });

  test('standalone routines, and a slash in a comment or literal that ends nothing', () => {
    const text =
      "CREATE FUNCTION f RETURN NUMBER IS\n/*\n/\n*/\nBEGIN RETURN LENGTH('\n/\n'); END;\n/\n";
    const [unit, ...more] = sourceUnits(text);
    expect(more).toEqual([]);
    expect(unit).toMatchObject({ kind: 'function', name: 'f', line: 1 });
    expect(unit?.text.endsWith('END;')).toBe(true);
  });

  test('commands to SQL*Plus are no units', () => {
    const text =
      "SET DEFINE OFF\nPROMPT it's here\nREM x;\n@other.sql\nDROP TABLE t;\nSHOW ERRORS\nEXIT";
    expect(sourceUnits(text).map((unit) => [unit.text, unit.line])).toEqual([['DROP TABLE t', 5]]);
  });

  test('only blanks, comments and slashes are no unit', () => {
    expect(sourceUnits('\n-- x\n/\n;\n/* y */\n/\n')).toEqual([]);
  });
});
