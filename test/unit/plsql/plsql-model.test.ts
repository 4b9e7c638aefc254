import { describe, expect, test } from 'vitest';
import { PlsqlPackage } from '../../support/plsql-model/package.ts';

/** The answer of a function with this body and these parameters. */
function run(body: string, ...values: readonly (string | number | null)[]): unknown {
  const names = values.map((_, at) => `p${at + 1} IN VARCHAR2`).join(', ');
  const head = values.length === 0 ? '' : ` (${names})`;
  const source = `CREATE OR REPLACE PACKAGE BODY t AS
    TYPE t_list IS TABLE OF VARCHAR2(10) INDEX BY PLS_INTEGER;
    TYPE t_pair IS RECORD (a VARCHAR2(3), b NUMBER);
    PROCEDURE fill (p_pair IN OUT NOCOPY t_pair, o_text OUT VARCHAR2) IS
    BEGIN p_pair.a := 'abc'; p_pair.b := 7; o_text := p_pair.a || p_pair.b; END fill;
    FUNCTION f${head} RETURN VARCHAR2 IS ${body} END f;
  END t;`;
  return new PlsqlPackage(source).call('f', ...values);
}

describe('the model of PL/SQL', () => {
  test.each([
    ["RETURN CASE WHEN '' IS NULL THEN 'null' ELSE 'empty' END;", 'null'],
    ["RETURN CASE WHEN NULL = NULL THEN 'equal' WHEN NOT NULL = 1 THEN 'not' END;", null],
    ["RETURN CASE WHEN NULL = 1 OR 1 = 1 THEN 'yes' ELSE 'no' END;", 'yes'],
    ["RETURN CASE WHEN NULL = 1 AND 1 = 1 THEN 'yes' ELSE 'no' END;", 'no'],
    ["RETURN CASE WHEN 1 NOT IN (2, NULL) THEN 'yes' ELSE 'no' END;", 'no'],
    ["RETURN SUBSTR('abcdef', -2) || SUBSTR('abc', 0, 1) || NVL(SUBSTR('a', 5), '-');", 'efa-'],
    [
      "RETURN INSTR('a.b.c', '.', 3) || RTRIM('PARTITIONS', 'S') || TRIM('\"' FROM '\"x\"');",
      '4PARTITIONx',
    ],
    ["RETURN REGEXP_SUBSTR(';id=7;ddl=', ';id=([^;]*)', 1, 1, NULL, 1);", '7'],
  ])('knows what Oracle means by %s', (body, answer) => {
    expect(run(`BEGIN ${body}`)).toEqual(answer);
  });

  test('gives back what goes out, and keeps copies apart', () => {
    const body = `v_pair t_pair; v_other t_pair; v_list t_list; v_text VARCHAR2(9); BEGIN
      fill(v_pair, v_text); v_other := v_pair; v_other.b := 8; v_list(2) := 'x';
      IF v_list.EXISTS(1) THEN RETURN 'there'; END IF;
      RETURN v_text || v_pair.b || v_other.b || v_list.COUNT; END f;`;
    expect(run(body.replace(/END f;$/, ''))).toBe('abc7781');
  });

  test('raises where a text is too long for its variable, and lets a handler see it', () => {
    expect(() => run('v VARCHAR2(3); BEGIN v := p1; RETURN v;', 'long')).toThrow(
      /too small: v of 3/,
    );
    const handled =
      "v VARCHAR2(3); BEGIN v := p1; RETURN v; EXCEPTION WHEN OTHERS THEN RETURN 'h';";
    expect(run(handled, 'long')).toBe('h');
  });

  test.each([
    ['FORALL i IN 1 .. 2 DELETE FROM t;', /read for/],
    ['COMMIT;', /the model has no commit/],
    ['RETURN LISTAGG(1);', /the model has no listagg/],
  ])('says what it does not know: %s', (body, message) => {
    expect(() => run(`BEGIN ${body}`)).toThrow(message);
  });
});
