import fc from 'fast-check';

const WORDS = (
  'CREATE OR REPLACE PACKAGE BODY p AS IS BEGIN END ; ; EXCEPTION WHEN OTHERS THEN RAISE e PROCEDURE ' +
  'FUNCTION x RETURN NUMBER DATE DEFAULT := ( ) , . % DECLARE IF LOOP CASE FOR i IN 1..2 SELECT INTO v ' +
  'FROM t EXECUTE ' +
  'IMMEDIATE USING DELETE SUBTYPE TYPE CONSTANT PRAGMA EXCEPTION_INIT -1 SYSDATE - + || ' +
  'TO_CHAR TRUNC SQLCODE LISTAGG LTRIM => DOM.get_num_param TABLE COMMENT ON ' +
  'TIMESTAMP WITH TIME ZONE TRIGGER AUTHID SQL%FOUND / * '
).split(' ');

const PIECES = [
  ...WORDS,
  '\n',
  '\n/\n',
  "'a\nb'",
  "q'[c\nd]'",
  "'",
  '"',
  '/*',
  '*/',
  '-- x\n',
  '#',
  '\\',
];

/** Text made of what PL/SQL is made of, in any order: most of it is broken. */
export const plsqlText = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 120 })
  .map((pieces) => pieces.join(' '));
