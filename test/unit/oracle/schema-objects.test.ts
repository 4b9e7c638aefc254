import { describe, expect, test } from 'vitest';
import { quoteIdentifier } from '../../../src/targets/oracle/quoting.ts';
import { createdBy, createText, isCode } from '../../../src/targets/oracle/schema-objects.ts';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';

describe('what a statement creates, as the catalogue names it:', () => {
  test.each<[string, string | null]>([
    ['CREATE TABLE written (id NUMBER)', 'table WRITTEN'],
    ['create global temporary table "Kept" (id NUMBER)', 'table KEPT'],
    ['CREATE PRIVATE TEMPORARY TABLE ora$ptt_x (id NUMBER)', 'table ORA$PTT_X'],
    ['CREATE SEQUENCE written_seq', 'sequence WRITTEN_SEQ'],
    ['CREATE OR REPLACE FORCE VIEW v AS SELECT 1 AS n FROM dual', 'view V'],
    ['CREATE OR REPLACE NO FORCE EDITIONABLE VIEW v AS SELECT 1 AS n FROM dual', 'view V'],
    ['CREATE OR REPLACE SYNONYM s FOR app.t', 'synonym S'],
    ['CREATE OR REPLACE PACKAGE purge AS END purge;', 'package PURGE'],
    ['CREATE OR REPLACE PACKAGE BODY purge AS END purge;', 'package body PURGE'],
    ['CREATE TYPE t AS OBJECT (n NUMBER);', 'type T'],
    ['CREATE OR REPLACE TYPE BODY t AS END;', 'type body T'],
    ['CREATE PROCEDURE p IS BEGIN NULL; END p;', 'procedure P'],
    ['CREATE INDEX i ON written (txt)', null],
    ["COMMENT ON TABLE written IS 'CREATE TABLE x'", null],
    ["INSERT INTO written (txt) VALUES ('CREATE TABLE x')", null],
    ['BEGIN NULL; END;', null],
  ])('%s', (text, expected) => {
    const [unit] = sourceUnits(text);
    if (unit === undefined) throw new Error('no unit');
    const object = createdBy(unit);
    expect(object === null ? null : `${object.kind} ${object.name}`).toBe(expected);
  });

  test('code is replaced as a whole, data is not', () => {
    const kinds = ['package', 'package body', 'type body', 'view', 'table', 'sequence', 'synonym'];
    expect(kinds.filter((kind) => isCode({ kind, name: 'X' }))).toEqual(kinds.slice(0, 4));
  });

  test('the server keeps a source without its first words, and a view with them', () => {
    expect(createText({ kind: 'package', name: 'P' }, 'PACKAGE p AS END;')).toBe(
      'CREATE OR REPLACE PACKAGE p AS END;',
    );
    const view = 'CREATE OR REPLACE VIEW v AS SELECT 1 AS n FROM dual';
    expect(createText({ kind: 'view', name: 'V' }, view)).toBe(view);
  });
});

describe('names in statements', () => {
  test('mean what they mean without quotes', () => {
    expect(quoteIdentifier('orders')).toBe('"ORDERS"');
    expect(quoteIdentifier('dom$unit')).toBe('"DOM$UNIT"');
    expect(quoteIdentifier('größe')).toBe('"GRÖSSE"');
  });

  test.each(['', 'a"b', 'a\0b', 'x'.repeat(129), 'ü'.repeat(65)])('%j is none', (name) => {
    expect(() => quoteIdentifier(name)).toThrow(/cannot be a name in Oracle/);
  });
});
