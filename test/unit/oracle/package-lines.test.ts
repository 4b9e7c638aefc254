import { describe, expect, test } from 'vitest';
import { linesOf, placeOf } from '../../../src/targets/oracle/package-lines.ts';

const SPEC = `-- The specification.
CREATE OR REPLACE PACKAGE purge AS
  PROCEDURE iterator (p_handle VARCHAR2);
END purge;
/
`;

const BODY = `-- The body.

CREATE OR REPLACE
/* of the package */
PACKAGE BODY "PURGE" AS
  PROCEDURE iterator (p_handle VARCHAR2) IS
  BEGIN
    NULL;
  END iterator;
END purge;
/
CREATE TABLE t (x NUMBER);
CREATE OR REPLACE FUNCTION app.quota RETURN NUMBER IS
BEGIN
  RETURN 1;
END quota;
/
`;

const LINES = linesOf([
  { path: '20-body.sql', text: BODY },
  { path: '10-spec.sql', text: SPEC },
]);

describe('lines of Oracle sources', () => {
  test('a source begins where the server begins to count, and of a package the body counts', () => {
    expect(LINES.routines).toEqual({
      PURGE: { file: '20-body.sql', line: 5 },
      QUOTA: { file: '20-body.sql', line: 13 },
    });
  });

  test('a package without a body has the lines of its specification', () => {
    expect(linesOf([{ path: '10-spec.sql', text: SPEC }]).routines).toEqual({
      PURGE: { file: '10-spec.sql', line: 2 },
    });
  });

  test('an error stack counts the lines of a trigger from its block', () => {
    const text = [
      ...['-- before', 'CREATE TRIGGER keep_notes', '  BEFORE INSERT ON notes'],
      ...['DECLARE', '  v NUMBER;', 'BEGIN', '  v := 1 / 0;', 'END;', '/', ''],
    ].join('\n');
    const lines = linesOf([{ path: '40-trigger.sql', text }]);
    const stack = 'ORA-06512: at "ODTM.KEEP_NOTES", line 4';
    const line = text.split('\n').indexOf('  v := 1 / 0;') + 1;
    expect(placeOf(lines, stack)).toEqual({ file: '40-trigger.sql', line });
  });

  test.each([
    ['ORA-06512: at "ODTM.PURGE", line 4', 8],
    ['ORA-06512: at "ODTM.DOM", line 9\nORA-06512: at "ODTM.QUOTA", line 3', 15],
    ['ORA-06512: en "ODTM.PURGE", línea 1', 5],
    ['ORA-06512: at "PURGE", line 2', 6],
  ])('%s', (stack, line) => {
    expect(placeOf(LINES, stack)).toEqual({ file: '20-body.sql', line });
  });

  test.each([
    null,
    '',
    'ORA-06512: at line 1',
    'ORA-06512: at "ODTM.OTHER", line 4',
    'ORA-00942: no',
  ])('no place in %s', (stack) => {
    expect(placeOf(LINES, stack)).toBeNull();
  });
});
