import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasMariadb } from '../../support/mariadb/database.ts';
import { Workshop } from './workshop.ts';

/** What the catalogue tells of a statement before it takes effect, and then of the same facts behind it. */
const VERDICTS: readonly [sql: string, before: string, behind: string][] = [
  ['CREATE TABLE t2 (id INTEGER)', 'again', 'done'],
  ['create table if not exists t2 (id integer)', 'again', 'again'],
  ['CREATE OR REPLACE TABLE t1 (other INTEGER)', 'again', 'again'],
  ['CREATE VIEW v2 AS SELECT * FROM t1', 'again', 'done'],
  ['CREATE SEQUENCE s2', 'again', 'done'],
  ['CREATE UNIQUE INDEX "t1_b" ON "t1" (b)', 'again', 'done'],
  ['/* why */ DROP TABLE `t1` -- and more', 'again', 'done'],
  ['DROP TABLE IF EXISTS t1', 'again', 'again'],
  ['DROP INDEX t1_a ON t1', 'again', 'done'],
  ['RENAME TABLE t1 TO t9', 'again', 'done'],
  ['ALTER TABLE t1 RENAME TO t9', 'again', 'done'],
  ['ALTER TABLE t1 ADD (c INTEGER)', 'again', 'try'],
  ['ALTER TABLE t1 ADD INDEX named (b)', 'again', 'try'],
  ['ALTER TABLE t1 RENAME COLUMN b TO c', 'again', 'try'],
  // Executed once more these would add the same thing once more, under another name.
  ['ALTER TABLE t1 ADD INDEX (b)', 'again', 'unknown'],
  ['ALTER TABLE t1 ADD UNIQUE KEY (b)', 'again', 'unknown'],
  ['ALTER TABLE t1 ADD CHECK (b > 0)', 'again', 'unknown'],
  ['ALTER TABLE hashed ADD PARTITION PARTITIONS 2', 'again', 'unknown'],
  ['ALTER TABLE parts DROP PARTITION p1', 'again', 'done'],
  ['ALTER TABLE parts DROP PARTITION p1, p2', 'again', 'done'],
  ['ALTER TABLE parts ADD PARTITION (PARTITION p4 VALUES LESS THAN (40))', 'again', 'done'],
  ['ALTER TABLE parts TRUNCATE PARTITION p1', 'again', 'again'],
  ['ALTER TABLE parts EXCHANGE PARTITION p1 WITH TABLE alone', 'again', 'done'],
  // Two names that change places would change back.
  ['ALTER TABLE t1 RENAME COLUMN a TO b, RENAME COLUMN b TO a', 'again', 'unknown'],
  ['ALTER TABLE t1 CHANGE a b INTEGER, CHANGE b a INTEGER', 'again', 'unknown'],
  ['SET STATEMENT lock_wait_timeout = 9 FOR DROP TABLE t1', 'again', 'done'],
  [
    'set statement lock_wait_timeout=9, max_statement_time=0 for ALTER TABLE t1 ADD (c INTEGER)',
    'again',
    'try',
  ],
  ['ANALYZE TABLE t1', 'again', 'again'],
  ['COMMIT', 'again', 'again'],
  ['ALTER SEQUENCE s1 INCREMENT BY 7', 'unknown', 'unknown'],
  ['DROP TABLE t1, hashed', 'unknown', 'unknown'],
];

const TABLES = [
  'DROP TABLE IF EXISTS t1, t2, t9, hashed, parts, alone',
  'DROP VIEW IF EXISTS v2',
  'DROP SEQUENCE IF EXISTS s1, s2',
  'CREATE SEQUENCE s1',
  'CREATE TABLE t1 (a INTEGER, b INTEGER, INDEX t1_a (a))',
  'CREATE TABLE hashed (a INTEGER) PARTITION BY HASH (a) PARTITIONS 2',
  `CREATE TABLE parts (a INTEGER) PARTITION BY RANGE (a) (PARTITION p1 VALUES LESS THAN (10),
    PARTITION p2 VALUES LESS THAN (20), PARTITION p3 VALUES LESS THAN (30))`,
  'CREATE TABLE alone (a INTEGER)',
];

describe.skipIf(!hasMariadb())('the facts that are kept with the intent of a statement', () => {
  let shop: Workshop;

  beforeAll(async () => {
    shop = await Workshop.open();
    await shop.stand.attach();
    await shop.dba.query(`SET SESSION sql_mode = 'ORACLE', SESSION sql_notes = 0`);
  });
  beforeEach(async () => {
    for (const statement of TABLES) await shop.dba.query(statement);
  });
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
  });

  async function verdict(sql: string, facts: unknown): Promise<unknown> {
    await shop.dba.query('CALL dom$ddl.resolve(?, ?, @verdict, @because)', [sql, facts]);
    return (await shop.column('SELECT @verdict FROM dual'))[0];
  }

  test.each(VERDICTS)('%s', async (sql, before, behind) => {
    await shop.dba.query('CALL dom$ddl.facts(?, @facts)', [sql]);
    const [facts] = await shop.column('SELECT @facts FROM dual');
    expect(await verdict(sql, facts)).toBe(before);
    await shop.dba.query(sql);
    expect(await verdict(sql, facts)).toBe(behind);
  });
});
