import { describe, expect, test } from 'vitest';
import { hintOf } from '../../../src/targets/oracle/error-hints.ts';

type Row = readonly [number: number, message: string, hint: string];

/** Messages as Oracle writes them; those of 23ai and later have words of their own for some. */
const ROOM: readonly Row[] = [
  [
    1650,
    'unable to extend rollback segment R01 by 64 in tablespace RBS',
    'Tablespace RBS has no room for rollback segment R01.',
  ],
  [
    1652,
    'unable to extend temp segment by 128 in tablespace TEMP',
    'Tablespace TEMP has no room for a temporary segment: a sort or a join, or a table or index',
  ],
  [
    1652,
    'unable to grow table APP.COPY in tablespace USERS by 1MB during operation with SQL ID : 4g2, …',
    'Tablespace USERS has no room for table APP.COPY.',
  ],
  [
    1653,
    'unable to extend table APP.ORDERS by 128 in tablespace USERS',
    'Tablespace USERS has no room for table APP.ORDERS. Enlarge a data file',
  ],
  [
    1653,
    'unable to increase tablespace USERS by 1MB during insert or update on table APP.ORDERS',
    'Tablespace USERS has no room for table APP.ORDERS.',
  ],
  [
    1654,
    'unable to extend index APP.ORDERS_IX by 8 in tablespace IDX',
    'Tablespace IDX has no room for index APP.ORDERS_IX.',
  ],
  [
    1655,
    'unable to extend cluster APP.C$1 by 8 in tablespace USERS',
    'Tablespace USERS has no room for cluster APP.C$1.',
  ],
  [
    1658,
    'unable to create INITIAL extent for segment in tablespace USERS',
    'Tablespace USERS has no room for a new segment.',
  ],
  [
    1658,
    'unable to create INITIAL extent for TABLE by 8 blocks in tablespace USERS',
    'Tablespace USERS has no room for a new segment.',
  ],
  [
    1659,
    'unable to allocate MINEXTENTS beyond 3 in tablespace USERS',
    'Tablespace USERS has no room for a new segment.',
  ],
  [
    1680,
    'unable to extend LOB segment by 16 in tablespace LOBS',
    'Tablespace LOBS has no room for a new segment.',
  ],
  [
    1683,
    'unable to extend index APP.IX partition P_2024 by 8 in tablespace IDX',
    'Tablespace IDX has no room for index APP.IX partition P_2024.',
  ],
  [
    1688,
    'unable to extend table APP.ORDERS partition P_2024 by 128 in tablespace OLD',
    'Tablespace OLD has no room for table APP.ORDERS partition P_2024.',
  ],
  [
    1691,
    'unable to extend lob segment APP.SYS_LOB0001$$ by 16 in tablespace LOBS',
    'Tablespace LOBS has no room for lob segment APP.SYS_LOB0001$$.',
  ],
  [
    1692,
    'Unable to extend the LOB segment APP.SYS_LOB0001$$ partition P1 by 16 in tablespace LOBS.',
    'Tablespace LOBS has no room for lob segment APP.SYS_LOB0001$$ partition P1.',
  ],
  [
    3233,
    'unable to extend table APP.T subpartition S1 by 8 in tablespace USERS',
    'Tablespace USERS has no room for table APP.T subpartition S1.',
  ],
  [
    3234,
    'unable to extend index APP.IX subpartition S1 by 8 in tablespace IDX',
    'Tablespace IDX has no room for index APP.IX subpartition S1.',
  ],
  [
    3238,
    'unable to extend LOB segment APP.L subpartition S1 by 8 in tablespace LOBS',
    'Tablespace LOBS has no room for lob segment APP.L subpartition S1.',
  ],
  [
    1536,
    "space quota exceeded for tablespace 'USERS'",
    'no quota left in tablespace USERS: raise it (ALTER USER … QUOTA … ON USERS).',
  ],
  [
    1950,
    "no privileges on tablespace 'USERS'",
    'no quota left in tablespace USERS: raise it (ALTER USER … QUOTA … ON USERS).',
  ],
  [
    1950,
    'The user ODTM has insufficient quota on tablespace USERS.',
    'no quota left in tablespace USERS: raise it (ALTER USER … QUOTA … ON USERS).',
  ],
  [
    30_036,
    "unable to extend segment by 8 in undo tablespace 'UNDOTBS1'",
    'The undo tablespace UNDOTBS1 is full (8 blocks more were wanted): enlarge it',
  ],
];

const EXTENTS: readonly Row[] = [
  [1628, 'max # extents (505) reached for rollback segment R01', 'in rollback segment R01 as'],
  [
    1630,
    'max # extents (505) reached in temp segment in tablespace T',
    'a segment in tablespace T',
  ],
  [1631, 'max # extents (505) reached in table APP.ORDERS', 'extents in table APP.ORDERS as'],
  [1632, 'max # extents (505) reached in index APP.IX', 'extents in index APP.IX as it may have'],
  [1656, 'max # extents (505) reached in cluster APP.C', 'extents in cluster APP.C as it may have'],
  [1681, 'max # extents (505) reached in LOB segment in tablespace L', 'a segment in tablespace L'],
  [1684, 'max # extents (505) reached in table A.T partition P', 'in table A.T partition P as'],
  [1685, 'max # extents (505) reached in index A.I partition P', 'in index A.I partition P as'],
  [1693, 'max # extents (505) reached in lob segment A.L', 'extents in lob segment A.L as'],
  [
    1694,
    'maximum number of extents 505 reached in the LOB segment A.L partition P',
    'extents in lob segment A.L partition P as it may have: raise MAXEXTENTS',
  ],
  [
    3235,
    'max # extents (505) reached in table A.T subpartition S',
    'in table A.T subpartition S as',
  ],
  [
    3236,
    'max # extents (505) reached in index A.I subpartition S',
    'in index A.I subpartition S as',
  ],
  [
    3239,
    'maximum number of extents 505 reached in LOB segment A.L subpartition S',
    'extents in lob segment A.L subpartition S as',
  ],
];

const OTHERS: readonly Row[] = [
  [18, 'maximum number of sessions exceeded', 'raise SESSIONS, or run fewer streams'],
  [20, 'maximum number of processes (300) exceeded', 'raise PROCESSES, or run fewer streams'],
  [257, 'Archiver error. Connect AS SYSDBA only until resolved.', 'free room where archived logs'],
  [600, 'internal error code, arguments: [kcbz]', 'look into its alert log'],
  [942, 'table or view does not exist', 'may not see it'],
  [1031, 'insufficient privileges', 'granted to it directly, not by a role'],
  [1555, 'snapshot too old: rollback segment number 4 too small', 'retry_on: ["ORA-01555"] in'],
  [4021, 'timeout occurred while waiting to lock object APP.P', 'see dba_ddl_locks'],
  [4031, 'unable to allocate 4096 bytes of shared memory', 'The shared pool is out of memory'],
  [4043, 'object APP.P does not exist', 'may not see it'],
  [4061, 'existing state of package "APP.P" has been invalidated', 'a fresh session runs the unit'],
  [
    4065,
    'not executed, altered or dropped stored procedure "APP.P"',
    'a fresh session runs the unit',
  ],
  [4068, 'existing state of packages has been discarded', 'a fresh session runs the unit again'],
  [7445, 'exception encountered: core dump [kxsx]', 'look into its alert log'],
  [12_838, 'cannot read/modify an object after modifying it in parallel', 'in a task of its own'],
  [
    12_841,
    'Cannot alter the session parallel DML state',
    'p_alter_session of DOM.execute_immediate',
  ],
  [19_502, 'write error on file "/u1/a.dbf", block number 7', 'The disk of the database is full'],
  [19_504, 'failed to create file "/u1/a.dbf"', 'see the disk of the database'],
  [19_809, 'limit exceeded for recovery files', 'raise DB_RECOVERY_FILE_DEST_SIZE'],
  [20_100, 'nothing left', 'Only the iterator may call DOM.operation_complete'],
];

const HINTS = [...ROOM, ...EXTENTS, ...OTHERS];
const ORA_MAX = 65_999;

describe('what a person can do', () => {
  test.each(HINTS)('ORA %i: %s', (number, message, hint) => {
    expect(hintOf(number, `ORA-${String(number).padStart(5, '0')}: ${message}`)).toContain(hint);
  });

  test('every number that has a hint stands in a table of this test', () => {
    const told = new Set(HINTS.map(([number]) => number));
    const all = Array.from({ length: ORA_MAX + 1 }, (_, number) => number);
    expect(all.filter((number) => hintOf(number, '') !== null && !told.has(number))).toEqual([]);
  });

  test.each([
    [1653, 'APP.T kann nicht erweitert werden', 'The tablespace has no room for a new segment.'],
    [1652, '', 'The tablespace has no room for a temporary segment'],
    [1536, '', 'no quota left in its tablespace: raise it (ALTER USER … QUOTA … ON …)'],
    [1631, '', 'extents in a segment in its tablespace as it may have'],
    [30_036, '', 'The undo tablespace is full: enlarge it'],
  ])('ORA %i in words that are not known names nothing: %s', (number, message, hint) => {
    expect(hintOf(number, message)).toContain(hint);
  });
});
