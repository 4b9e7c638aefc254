import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { packageOf } from './plsql-package.ts';

const STATE = `-- Rows that the tasks write.
CREATE TABLE real_rows (
  id  NUMBER(10)     NOT NULL,
  txt VARCHAR2(200),
  CONSTRAINT real_rows_pk PRIMARY KEY (id)
)
/
`;

const SPEC = `CREATE OR REPLACE PACKAGE real_conf AS
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2);
  PROCEDURE initial (p_handle VARCHAR2);
  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N');
  PROCEDURE insert_rows (p_handle VARCHAR2);
  PROCEDURE query_in_parallel (p_handle VARCHAR2);
  PROCEDURE delete_in_parallel (p_handle VARCHAR2);
  PROCEDURE write_dates (p_handle VARCHAR2);
  PROCEDURE name_session (p_handle VARCHAR2);
END real_conf;
/
`;

const BODY = `CREATE OR REPLACE PACKAGE BODY real_conf AS
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2) IS
  BEGIN
    raise_application_error(-20100, 'nothing left');
  END iterator;

  PROCEDURE initial (p_handle VARCHAR2) IS
  BEGIN
    NULL;
  END initial;

  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N') IS
  BEGIN
    NULL;
  END final;

  PROCEDURE insert_rows (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'DELETE FROM real_rows');
    DOM.execute_immediate(p_handle, 'INSERT INTO real_rows (id, txt)'
      || ' SELECT LEVEL, RPAD(''x'', 200) FROM dual CONNECT BY LEVEL <= 1000');
  END insert_rows;

  PROCEDURE query_in_parallel (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'INSERT INTO real_rows (id, txt)'
      || ' SELECT /*+ PARALLEL(r 2) FULL(r) */ -COUNT(*), ''counted'' FROM real_rows r');
  END query_in_parallel;

  PROCEDURE delete_in_parallel (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'DELETE /*+ PARALLEL(r 2) */ FROM real_rows r', 'ENABLE PARALLEL DML');
  END delete_in_parallel;

  PROCEDURE write_dates (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'DELETE FROM real_rows');
    DOM.execute_immediate(p_handle,
      'INSERT INTO real_rows (id, txt) SELECT 1, TO_CHAR(DATE ''2026-02-01'') FROM dual');
    DOM.execute_immediate(p_handle,
      'INSERT INTO real_rows (id, txt) SELECT 2, TO_CHAR(DATE ''2026-02-01'') FROM dual',
      'NLS_DATE_FORMAT = ''"on" YYYY/MM/DD''');
    DOM.execute_immediate(p_handle,
      'INSERT INTO real_rows (id, txt) SELECT 3, TO_CHAR(DATE ''2026-02-01'') FROM dual');
  END write_dates;

  PROCEDURE name_session (p_handle VARCHAR2) IS
  BEGIN
    DOM.initialise(p_handle, 'purge', 'drop_old');
    DOM.execute_immediate(p_handle, 'UPDATE gate SET passed = passed + 1 WHERE id = 1');
  END name_session;
END real_conf;
/
`;

/** Procedures for what only Oracle itself can show. */
export function realOraclePackage(): PackageVersion {
  return packageOf(
    'oracle',
    { '10-spec.sql': SPEC, '20-body.sql': BODY, 'state.sql': STATE },
    'real_conf',
  );
}
