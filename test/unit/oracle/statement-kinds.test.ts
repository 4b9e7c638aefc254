import { describe, expect, test } from 'vitest';
import { ddlPackage, recordOf, SCHEMA } from '../../support/plsql-model/framework.ts';

/**
 * There is no Oracle here to run dom$ddl. Its source is run by a model of PL/SQL: what these rules decide is
 * tested, not that Oracle compiles them (in the table of docs/ORACLE.md: grammar).
 */
const ddl = ddlPackage();

/** The statement, its kind, the object as described, and the other name of an exchange or a rename. */
type Row = readonly [sql: string, kind: string | null, object?: string, other?: string];

function read(sql: string): Record<string, unknown> {
  return recordOf(ddl.call('read', sql)).toObject();
}

const CREATES: readonly Row[] = [
  ['CREATE TABLE app.copy AS SELECT * FROM app.t', 'create', 'table APP.COPY'],
  ['create table t (a number)', 'create', 'table ODTM.T'],
  ['CREATE GLOBAL TEMPORARY TABLE t (a NUMBER)', 'create', 'table ODTM.T'],
  ['CREATE PRIVATE TEMPORARY TABLE ora$ptt_t (a NUMBER)', null],
  ['CREATE TABLE IF NOT EXISTS app.t (a NUMBER)', 'repeatable', 'table APP.T'],
  ['CREATE UNIQUE INDEX app.ix ON app.t (a)', 'create', 'index APP.IX'],
  ['CREATE BITMAP INDEX ix ON app.t (a) LOCAL', 'create', 'index ODTM.IX'],
  ['CREATE INDEX app.ix ON app.t (a) ONLINE', 'other', 'index APP.IX'],
  ['CREATE SEQUENCE app.s', 'create', 'sequence APP.S'],
  ['CREATE VIEW app.v AS SELECT 1 AS one FROM dual', 'create', 'view APP.V'],
  ['CREATE OR REPLACE VIEW app.v AS SELECT 1 AS one FROM dual', 'repeatable', 'view APP.V'],
  ['CREATE OR REPLACE EDITIONABLE PACKAGE BODY app.p AS END;', 'repeatable', 'package body APP.P'],
  ['CREATE OR REPLACE TYPE BODY app.o AS END;', 'repeatable', 'type body APP.O'],
  ['CREATE TRIGGER app.g BEFORE INSERT ON app.t BEGIN NULL; END;', 'create', 'trigger APP.G'],
  ['CREATE PUBLIC SYNONYM s FOR app.t', 'create', 'synonym PUBLIC.S'],
  ['CREATE SYNONYM s FOR app.t', 'create', 'synonym ODTM.S'],
  [
    'CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS o FROM dual',
    'create',
    'materialized view APP.M',
  ],
  ['CREATE MATERIALIZED VIEW LOG ON app.t', 'create', 'materialized view log APP.T'],
  ['CREATE DATABASE LINK l', 'create', 'database link ODTM.L'],
  ['CREATE BIGFILE TABLESPACE ts', 'create', 'tablespace ODTM.TS'],
  ['CREATE TABLE "App"."my table" (a NUMBER)', 'create', 'table App.my table'],
  [
    '/* why */ CREATE -- because\n TABLE /*+ not a hint */ app . t (a NUMBER)',
    'create',
    'table APP.T',
  ],
];

const DROPS: readonly Row[] = [
  ['DROP TABLE app.t CASCADE CONSTRAINTS PURGE', 'drop', 'table APP.T'],
  ['drop table if exists t', 'drop', 'table ODTM.T'],
  ['DROP INDEX app.ix ONLINE', 'drop', 'index APP.IX'],
  ['DROP PUBLIC SYNONYM s', 'drop', 'synonym PUBLIC.S'],
  ['DROP MATERIALIZED VIEW LOG ON app.t', 'drop', 'materialized view log APP.T'],
  ['DROP PACKAGE BODY app.p', 'drop', 'package body APP.P'],
  ['DROP TABLESPACE ts INCLUDING CONTENTS AND DATAFILES', 'drop', 'tablespace ODTM.TS'],
];

const PARTITIONS: readonly Row[] = [
  [
    'ALTER TABLE app.t ADD PARTITION p VALUES LESS THAN (7)',
    'create partition',
    'table partition APP.T.P',
  ],
  ['ALTER TABLE app.t ADD PARTITION VALUES LESS THAN (7)', 'other', 'table APP.T'],
  [
    'ALTER TABLE app.t DROP PARTITION p UPDATE INDEXES',
    'drop partition',
    'table partition APP.T.P',
  ],
  ['ALTER TABLE app.t DROP PARTITIONS p, q', 'drop partition', 'table partition APP.T.P'],
  ['ALTER TABLE app.t DROP PARTITION FOR (7)', 'other', 'table APP.T'],
  ['ALTER TABLE app.t DROP SUBPARTITION "s 1"', 'drop partition', 'table subpartition APP.T.s 1'],
  [
    'ALTER TABLE app.t EXCHANGE PARTITION p WITH TABLE app.x INCLUDING INDEXES',
    'exchange',
    'table partition APP.T.P',
    'APP.X',
  ],
  [
    'ALTER TABLE t EXCHANGE SUBPARTITION s WITH TABLE x',
    'exchange',
    'table subpartition ODTM.T.S',
    'ODTM.X',
  ],
  ['ALTER TABLE app.t EXCHANGE PARTITION FOR (7) WITH TABLE x', 'other', 'table APP.T'],
  ['ALTER TABLE app.t TRUNCATE PARTITION p', 'repeatable', 'table APP.T'],
  ['ALTER TABLE app.t MOVE PARTITION p COMPRESS', 'repeatable', 'table APP.T'],
  ['ALTER TABLE app.t SPLIT PARTITION p AT (7) INTO (PARTITION a, PARTITION b)', 'telling'],
  ['ALTER TABLE app.t MERGE PARTITIONS a, b INTO PARTITION p', 'telling'],
  ['ALTER TABLE app.t COALESCE PARTITION', 'other'],
  ['ALTER TABLE app.t RENAME PARTITION p TO q', 'telling'],
  ['ALTER TABLE app.t MODIFY PARTITION p ADD SUBPARTITION', 'other'],
  ['ALTER TABLE app.t SET INTERVAL (100)', 'repeatable'],
  ["ALTER TABLE app.t MODIFY PARTITION p ADD VALUES ('x')", 'telling'],
  ["ALTER TABLE app.t MODIFY PARTITION p DROP VALUES ('x')", 'telling'],
  ['ALTER TABLE app.t MODIFY PARTITION p NOLOGGING', 'repeatable'],
];

const ALTERS: readonly Row[] = [
  ['ALTER TABLE app.t ADD (note VARCHAR2(10))', 'telling', 'table APP.T'],
  ['ALTER TABLE app.t ADD note VARCHAR2(10)', 'telling'],
  ['ALTER TABLE app.t DROP COLUMN note', 'telling'],
  ['ALTER TABLE app.t DROP CONSTRAINT c', 'telling'],
  ['ALTER TABLE app.t DROP PRIMARY KEY', 'telling'],
  ['ALTER TABLE app.t ADD CONSTRAINT c CHECK (a > 0)', 'telling'],
  ['ALTER TABLE app.t ADD CHECK (a > 0)', 'nameless'],
  ['ALTER TABLE app.t ADD (CHECK (a > 0))', 'nameless'],
  ['ALTER TABLE app.t ADD UNIQUE (a)', 'nameless'],
  ['ALTER TABLE app.t ADD FOREIGN KEY (a) REFERENCES app.u', 'nameless'],
  ['ALTER TABLE app.t ADD PRIMARY KEY (a)', 'telling'],
  ['ALTER TABLE app.t MODIFY a NOT NULL', 'telling'],
  ['ALTER TABLE app.t MODIFY (a NULL)', 'telling'],
  ['ALTER TABLE app.t MODIFY a VARCHAR2(20)', 'repeatable'],
  ['ALTER TABLE app.t MODIFY (a NOT NULL, b NULL)', 'repeatable'],
  ['ALTER TABLE app.t MODIFY a NUMBER CHECK (a > 0)', 'nameless'],
  ['ALTER TABLE app.t MODIFY a NUMBER CONSTRAINT c CHECK (a > 0)', 'telling'],
  ['ALTER TABLE app.t MODIFY CONSTRAINT c DISABLE', 'repeatable'],
  ['ALTER TABLE app.t ENABLE ROW MOVEMENT', 'repeatable'],
  ['ALTER TABLE app.t MOVE TABLESPACE ts', 'repeatable'],
  ['ALTER TABLE app.t SHRINK SPACE', 'repeatable'],
  ['ALTER TABLE app.t NOLOGGING ADD CHECK (a > 0)', 'nameless'],
  ['ALTER TABLE app.t RENAME TO u', 'rename', 'table APP.T', 'APP.U'],
  ['ALTER TABLE app.t RENAME COLUMN a TO b', 'telling', 'table APP.T'],
  ['RENAME t TO u', 'rename', 'object ODTM.T', 'ODTM.U'],
  ['ALTER INDEX app.ix RENAME TO iy', 'rename', 'index APP.IX', 'APP.IY'],
  ['ALTER INDEX app.ix REBUILD ONLINE', 'repeatable', 'index APP.IX'],
  ['ALTER INDEX app.ix UNUSABLE', 'repeatable'],
  ['ALTER INDEX app.ix COALESCE PARTITION', 'other'],
  ['ALTER INDEX app.ix ADD PARTITION', 'other'],
  ['ALTER INDEX app.ix DROP PARTITION p', 'telling'],
  ['ALTER TRIGGER app.g DISABLE', 'repeatable', 'trigger APP.G'],
  ['ALTER PACKAGE app.p COMPILE BODY', 'repeatable', 'package APP.P'],
  ['ALTER SEQUENCE app.s INCREMENT BY 10', 'repeatable', 'sequence APP.S'],
  ["ALTER TABLESPACE ts ADD DATAFILE '/a'", 'other', 'tablespace ODTM.TS'],
  ['ALTER TABLESPACE ts READ ONLY', 'telling', 'tablespace ODTM.TS'],
  ['ALTER TABLESPACE ts ONLINE', 'repeatable', 'tablespace ODTM.TS'],
  ['ALTER TABLE app.t READ ONLY', 'telling', 'table APP.T'],
  ['ALTER TABLE app.t SET UNUSED (note)', 'telling', 'table APP.T'],
  ['ALTER TABLE IF EXISTS app.t MOVE', 'repeatable', 'table APP.T'],
  ['ALTER VIEW app.v COMPILE', 'repeatable', 'view APP.V'],
];

const OTHERS: readonly Row[] = [
  ['ALTER SESSION ENABLE PARALLEL DML', null],
  ['ALTER SYSTEM SWITCH LOGFILE', null],
  ['TRUNCATE TABLE app.t', 'repeatable'],
  ['GRANT SELECT ON app.t TO u', 'repeatable'],
  ['REVOKE SELECT ON app.t FROM u', 'telling'],
  ['COMMENT ON TABLE app.t IS ' + "'x'", 'repeatable'],
  ['ANALYZE TABLE app.t COMPUTE STATISTICS', 'repeatable'],
  ['PURGE RECYCLEBIN', 'telling'],
  ['FLASHBACK TABLE app.t TO BEFORE DROP', 'other'],
  ['INSERT INTO app.t VALUES (1)', null],
  ['DELETE /*+ PARALLEL(4) */ FROM app.t', null],
  ['SELECT 1 FROM dual', null],
  ['WITH a AS (SELECT 1 FROM dual) SELECT * FROM a', null],
  ["-- DROP TABLE app.t\nUPDATE app.t SET a = 'DROP TABLE app.t'", null],
  ['', null],
  ['/* nothing but a comment', null],
];

describe('what a statement is, by the rules of dom$ddl for oracle', () => {
  test.each([...CREATES, ...DROPS, ...PARTITIONS, ...ALTERS, ...OTHERS])(
    '%s: %s',
    (sql, kind, object, other) => {
      const found = recordOf(ddl.call('read', sql ?? ''));
      expect(found.get('kind')).toBe(kind);
      if (object !== undefined) expect(ddl.call('described', found)).toBe(object);
      const { other_owner: owner, other_name: name } = found.toObject();
      const told = name === null ? undefined : `${String(owner)}.${String(name)}`;
      expect(told).toBe(other);
    },
  );

  test.each([
    ['BEGIN NULL; END;', true],
    ['DECLARE v NUMBER; BEGIN NULL; END;', true],
    ['CALL app.work()', true],
    ['<<outer>> BEGIN NULL; END;', true],
    ['INSERT INTO app.t VALUES (1)', false],
    ['DROP TABLE app.t', false],
  ])('a block has no number of rows: %s: %s', (sql, isBlock) => {
    expect(read(sql)).toMatchObject({ is_block: isBlock });
  });

  test('an ALTER so long that its end is not read may add what has no name', () => {
    const columns = Array.from({ length: 40 }, (_, i) => `c${i} NUMBER`).join(', ');
    expect(read(`ALTER TABLE app.t MODIFY (${columns})`)).toMatchObject({ kind: 'nameless' });
  });

  test('a name as long as Oracle takes, and a longer one, which is cut', () => {
    const name = 'N'.repeat(128);
    expect(read(`DROP TABLE ${name}`)).toMatchObject({ owner: SCHEMA, name });
    expect(read(`DROP TABLE ${name}N`)).toMatchObject({ name });
  });
});
