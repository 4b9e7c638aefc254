import { createHash } from 'node:crypto';
import type { PackageFile, PackageVersion } from '../../../src/core/definitions/model.ts';
import type { Engine } from '../../../src/core/engine.ts';
import type { TargetFixture } from './fixture.ts';

/** The package of the suite in PL/SQL, one source for all engines that speak it. */
const PACKAGE = 'conf';

const STATE = `-- Rows that the procedures write, in their order.
CREATE TABLE written (
  id NUMBER(10) NOT NULL,
  handle VARCHAR2(64),
  txt VARCHAR2(400) NOT NULL,
  CONSTRAINT written_pk PRIMARY KEY (id)
)
/
CREATE SEQUENCE written_seq
/
`;

const SPEC = `CREATE OR REPLACE PACKAGE conf AS
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2);
  PROCEDURE initial (p_handle VARCHAR2);
  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N');
  PROCEDURE write_row (p_handle VARCHAR2);
  PROCEDURE three_rows (p_handle VARCHAR2);
  PROCEDURE fail (p_handle VARCHAR2);
  PROCEDURE hold (p_handle VARCHAR2);
  PROCEDURE caught (p_handle VARCHAR2);
  PROCEDURE nothing (p_handle VARCHAR2);
  PROCEDURE read_params (p_handle VARCHAR2);
  PROCEDURE read_missing (p_handle VARCHAR2);
  PROCEDURE read_named (p_handle VARCHAR2);
  PROCEDURE read_either (p_handle VARCHAR2);
  PROCEDURE use_chunk (p_handle VARCHAR2);
END conf;
/
`;

function body(owner: string): string {
  return bodyOfUnits(owner) + bodyOfTasks(owner);
}

function bodyOfUnits(owner: string): string {
  return `CREATE OR REPLACE PACKAGE BODY conf AS
  PROCEDURE put (p_text VARCHAR2) IS
  BEGIN
    INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, p_text);
  END put;

  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2) IS
    v_done   NUMBER(10);
    v_object VARCHAR2(200) := 'of nothing';
  BEGIN
    IF p_owner IS NOT NULL THEN
      v_object := p_owner||'.'||p_object_name;
    END IF;
    SELECT COUNT(*) INTO v_done FROM written w WHERE w.handle = p_handle AND w.txt LIKE 'iterator%';
    DOM.execute_immediate(p_handle, 'INSERT INTO written (id, handle, txt) VALUES (written_seq.NEXTVAL, '''
      ||p_handle||''', ''iterator '||v_object||''')');
    IF v_done >= DOM.get_num_param(p_handle, 'rounds') THEN
      raise_application_error(-20100, 'all rounds done');
    END IF;
  END iterator;

  PROCEDURE initial (p_handle VARCHAR2) IS
  BEGIN
    put('initial');
  END initial;

  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N') IS
  BEGIN
    put('final '||p_after_error);
  END final;

  PROCEDURE write_row (p_handle VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'conformance', 'write_row');
    DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''row'')');
  END write_row;

  PROCEDURE three_rows (p_handle VARCHAR2) IS
  BEGIN
    FOR i IN 1 .. 3 LOOP
      DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt) SELECT written_seq.NEXTVAL, ''three '||i
        ||''' FROM ${owner}.keys k WHERE k.id <= '||i);
    END LOOP;
  END three_rows;

  PROCEDURE fails_here (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle,
      'INSERT INTO written (id, txt) VALUES (1 / 0, ''never'')');
  END fails_here;

  PROCEDURE fail (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle,
      'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''before the failure'')');
    fails_here(p_handle);
  END fail;

`;
}

function bodyOfTasks(owner: string): string {
  return `  PROCEDURE hold (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle,
      'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''before the gate'')');
    DOM.execute_immediate(p_handle, 'UPDATE ${owner}.gate SET passed = passed + 1 WHERE id = 1');
    DOM.execute_immediate(p_handle,
      'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''behind the gate'')');
  END hold;

  PROCEDURE caught (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''first'')');
    SAVEPOINT before_it;
    BEGIN
      DOM.execute_immediate(p_handle,
        'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''taken back'')');
      DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt) VALUES (1 / 0, ''never'')');
    EXCEPTION
      WHEN OTHERS THEN
        ROLLBACK TO SAVEPOINT before_it;
    END;
    DOM.execute_immediate(p_handle, 'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, ''last'')');
  END caught;

  PROCEDURE nothing (p_handle VARCHAR2) IS
  BEGIN
    put('never seen');
    raise_application_error(-20007, 'no partition is old enough');
  END nothing;

  PROCEDURE read_params (p_handle VARCHAR2) IS
  BEGIN
    put(DOM.get_string_param(p_handle, 'place')||' '||(DOM.get_num_param(p_handle, 'rounds') + 0.5)||' '
      ||TO_CHAR(DOM.get_date_param(p_handle, 'since') + INTERVAL '1' DAY, 'YYYY-MM-DD HH24:MI:SS')||' '
      ||DOM.get_string_param(p_handle, 'app.other', 'place'));
  END read_params;

  PROCEDURE read_missing (p_handle VARCHAR2) IS
  BEGIN
    put(DOM.get_string_param(p_handle, 'nowhere'));
  END read_missing;

  PROCEDURE read_named (p_handle VARCHAR2) IS
  BEGIN
    put(DOM.get_string_param(p_handle, 'orders', 'place')||', '
      ||DOM.get_string_param(p_handle, 'archive.orders', 'place')||', '
      ||DOM.get_string_param(p_handle, 'other', 'place')||', '
      ||DOM.get_num_param(p_handle, 'archive.orders', 'rounds'));
  END read_named;

  PROCEDURE read_either (p_handle VARCHAR2) IS
  BEGIN
    put(DOM.get_string_param(p_handle, 'twin', 'place'));
  END read_either;

  PROCEDURE use_chunk (p_handle VARCHAR2) IS
  BEGIN
    put(DOM.chunk_low(p_handle)||' to '||DOM.chunk_high(p_handle));
  END use_chunk;
END conf;
/
`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A version of a package with these files; those of state have names that begin so. */
export function packageOf(
  engine: Engine,
  texts: Readonly<Record<string, string>>,
  name = PACKAGE,
): PackageVersion {
  const files = Object.entries(texts).map(
    ([path, text]): PackageFile => ({
      path,
      role: path.startsWith('state') ? 'state' : 'code',
      text,
      sha256: hash(text),
    }),
  );
  return { name, engine, files, sha256: hash(JSON.stringify(files)) };
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

/** What the fixtures of all engines with PL/SQL have in common; `owner` has the tables of the application. */
export function plsqlPackage(
  engine: Engine,
  owner: string,
): Pick<TargetFixture, 'package' | 'variants' | 'failsAt' | 'failsIn' | 'texts'> {
  const tasks = body(owner);
  const files = { '10-spec.sql': SPEC, '20-body.sql': tasks, 'state.sql': STATE };
  const fails = `DOM.execute_immediate(p_handle,\n      'INSERT INTO written (id, txt) VALUES (1 / 0`;
  const broken = tasks.replace("'conformance', 'write_row');", "'conformance', 'write_row';");
  return {
    package: packageOf(engine, files),
    variants: {
      changed: packageOf(engine, {
        ...files,
        '20-body.sql': tasks.replace("''row''", "''new row''"),
      }),
      broken: {
        package: packageOf(engine, { ...files, '20-body.sql': broken }),
        file: '20-body.sql',
        line: lineOf(tasks, "'conformance', 'write_row');"),
        reason: /;/,
      },
      incomplete: packageOf(engine, {
        ...files,
        '10-spec.sql': SPEC.replace('PROCEDURE initial (', 'PROCEDURE begin_it ('),
        '20-body.sql': tasks
          .replace('PROCEDURE initial (', 'PROCEDURE begin_it (')
          .replace('END initial;', 'END begin_it;'),
      }),
    },
    failsIn: 'fails_here',
    failsAt: { file: '20-body.sql', line: lineOf(tasks, fails) },
    texts: {
      insertPlain: "INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, 'plain');",
      written: /^INSERT INTO written/,
      gate: `UPDATE ${owner}.gate`,
      failing: "INSERT INTO written (id, txt) VALUES (1 / 0, 'never')",
      commitsByItself: 'TRUNCATE TABLE written',
    },
  };
}
