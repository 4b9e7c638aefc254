/** A privilege that the user of ODTM has, and what it is for. */
export interface Grant {
  readonly privilege: string;
  readonly reason: string;
}

/** Without these nothing works. */
export const SYSTEM_GRANTS: readonly Grant[] = [
  { privilege: 'CREATE SESSION', reason: 'ODTM logs in as this user.' },
  {
    privilege: 'CREATE TABLE',
    reason: 'the record of what has been done here, and the state tables of packages.',
  },
  { privilege: 'CREATE SEQUENCE', reason: 'numbers of units and sessions in that record.' },
  {
    privilege: 'CREATE PROCEDURE',
    reason: 'the framework that package code calls, and the packages themselves.',
  },
];

/** Each may be left out; the reason says what is missed then. */
export const VIEW_GRANTS: readonly Grant[] = [
  {
    privilege: 'SELECT ON sys.v_$session',
    reason:
      'a look whether a lost session still works or has sent its answer into nothing; and the serial ' +
      'number to end it by, where dbms_debug_jdwp does not tell it.',
  },
  {
    privilege: 'SELECT ON sys.v_$pq_sesstat',
    reason: 'how many parallel servers a statement used, for the log.',
  },
  {
    privilege: 'SELECT ON sys.v_$mystat',
    reason: 'how much redo and undo a statement wrote, for the log.',
  },
  {
    privilege: 'SELECT ON sys.v_$statname',
    reason: 'the numbers of those two statistics, which differ from version to version.',
  },
  {
    privilege: 'SELECT ON sys.v_$parameter',
    reason: 'session parameters that a statement has changed are put back.',
  },
  {
    privilege: 'SELECT ON sys.dba_objects',
    reason: 'after a crash in the middle of DDL, object ids tell whether it has taken effect.',
  },
  {
    privilege: 'SELECT ON sys.dba_tablespaces',
    reason: 'the same for DROP TABLESPACE, and whether a tablespace is there.',
  },
];

/** What a package needs to work on the tables of another owner. */
export const OWNER_GRANTS: readonly Grant[] = [
  { privilege: 'SELECT ANY TABLE', reason: 'packages read the rows that they purge or move.' },
  { privilege: 'INSERT ANY TABLE', reason: 'rows that stay are put back.' },
  { privilege: 'UPDATE ANY TABLE', reason: 'rows are repaired.' },
  { privilege: 'DELETE ANY TABLE', reason: 'rows are purged.' },
  { privilege: 'CREATE ANY TABLE', reason: 'tables to exchange partitions with.' },
  {
    privilege: 'ALTER ANY TABLE',
    reason: 'partitions are exchanged, split, moved and dropped; constraints go off and on.',
  },
  {
    privilege: 'DROP ANY TABLE',
    reason: 'DROP TABLE, TRUNCATE, DROP PARTITION and TRUNCATE PARTITION ask for it.',
  },
  {
    privilege: 'CREATE ANY INDEX',
    reason: 'tables to exchange have the indexes of the partition.',
  },
  { privilege: 'ALTER ANY INDEX', reason: 'indexes are rebuilt.' },
  { privilege: 'DROP ANY INDEX', reason: 'indexes go before a load and come back behind it.' },
];

/** For some operations only: the script has them as comments. */
export const RARE_GRANTS: readonly Grant[] = [
  {
    privilege: 'ALTER SYSTEM',
    reason:
      'a statement that does not heed a cancel, and a session that was lost, can be ended by ODTM itself.',
  },
  { privilege: 'ANALYZE ANY', reason: 'packages gather statistics on tables of other owners.' },
  { privilege: 'DROP TABLESPACE', reason: 'packages drop tablespaces that have become empty.' },
];
