import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { oracledb } from '../../support/orawire/driver.ts';
import { failureOf, PROFILE_NAMES, PROFILES, Stand } from './stand.ts';

const ONE_ROW = { columns: [{ name: 'X', type: 'NUMBER' }], rows: [[1]] } as const;

/** Lengths around every border of the wire: short and chunked values, packets, sizes of strings. */
const LENGTHS = [
  0, 1, 251, 252, 253, 254, 255, 256, 3999, 4000, 4001, 8180, 8192, 16384, 32766, 32767, 32768,
  65536, 100_000,
];

describe.each(PROFILE_NAMES)('binds and DML: %s', (profile) => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await Stand.start(PROFILES[profile]);
  });

  afterEach(async () => {
    expect(await stand.stop()).toEqual([]);
  });

  test('binds by name, by position, repeated and quoted; not in comments, strings and names', async () => {
    stand.on(/sel/, () => ONE_ROW);
    const { connection } = stand;
    const sql = `select /* :no */ ':no', q'[it's :no]', -- :no
      "a:no", :b, :a, :b from sel where x = :"Mixed"`;
    await connection.execute(sql, { a: 1, b: 'two', '"Mixed"': null });
    const named = [
      ['B', 'two'],
      ['A', 1],
      ['B', 'two'],
      ['Mixed', null],
    ];
    expect(stand.lastBinds()).toEqual(named);
    const bytes = Buffer.of(0, 1, 255);
    await connection.execute('select sel(:1, :2, :3, :4)', ['é€😀', bytes, null, -7.25]);
    const values = stand.lastBinds().map(([, value]) => value);
    expect(values).toEqual(['é€😀', bytes, null, -7.25]);
    const national = { val: 'nå😀', type: oracledb.DB_TYPE_NVARCHAR };
    await connection.execute('select sel(:n)', { n: national });
    expect(stand.lastBinds()).toEqual([['N', 'nå😀']]);
    expect(stand.backend.last().binds[0]).toMatchObject({
      position: 0,
      type: 'NVARCHAR2',
      dir: 'in',
    });
    const missing = await failureOf(connection.execute('select sel(:a, :b)', [1]));
    expect(missing.message).toMatch(/NJS-098|ORA-01008/);
  });

  test.each(LENGTHS)('texts of %i bytes arrive whole, in DML and in blocks', async (length) => {
    stand.on(/sink/, () => ({ rowsAffected: 1 }));
    const text = 'abcdefghij'.repeat(length / 10 + 1).slice(0, length);
    const binds = { a: 1, b: text, c: 'tail' };
    const arrived = [
      ['A', 1],
      ['B', text === '' ? null : text],
      ['C', 'tail'],
    ];
    await stand.connection.execute('insert into sink values (:a, :b, :c)', binds);
    expect(stand.lastBinds()).toEqual(arrived);
    await stand.connection.execute('begin sink(:a, :b, :c); end;', binds);
    expect(stand.lastBinds()).toEqual(arrived);
    const bytes = Buffer.alloc(length + 1, 7);
    await stand.connection.execute('insert into sink values (:a, :b, :c)', { ...binds, b: bytes });
    expect(stand.lastBinds()[1]).toEqual(['B', bytes]);
  });

  test('DML: rows, rowid, commit, rollback, autoCommit, transactionInProgress', async () => {
    const { backend, connection } = stand;
    const insert = 'insert into t (id, name) values (:id, :name)';
    const result = await connection.execute(insert, { id: 1, name: 'a' });
    expect(result).toMatchObject({ rowsAffected: 1, lastRowid: 'AAAR3sAAEAAAACXAAA' });
    expect(connection.transactionInProgress).toBe(true);
    await connection.rollback();
    expect(connection.transactionInProgress).toBe(false);
    expect(backend.table).toEqual([]);
    for (const id of [1, 2, 3]) await connection.execute(insert, { id, name: `n${id}` });
    const all = await connection.execute('update t set name = :name', { name: 'z' });
    expect(all.rowsAffected).toBe(3);
    const update = 'update t set name = :name where id = :id';
    expect((await connection.execute(update, { name: 'z', id: 99 })).rowsAffected).toBe(0);
    await connection.commit();
    await connection.execute('delete from t', [], { autoCommit: true });
    expect(backend.last().commitOnSuccess).toBe(true);
    for (const id of [4, 5]) {
      await connection.execute(insert, { id, name: 'x' }, { autoCommit: true });
      expect(backend.last().commitOnSuccess).toBe(true);
      expect(connection.transactionInProgress).toBe(false);
    }
    await connection.rollback();
    const other = await stand.open();
    const rows = [
      [4, 'x'],
      [5, 'x'],
    ];
    expect((await other.execute('select id, name from t')).rows).toEqual(rows);
  });

  test('RETURNING INTO gives none, one and many rows', async () => {
    let count = 0;
    const ids = () => Array.from({ length: count }, (_, i) => i + 10);
    const names = () => Array.from({ length: count }, (_, i) => (i ? `n${i}` : null));
    stand.on(/returning id/i, () => ({
      rowsAffected: count,
      outBinds: { rid: ids(), rname: names() },
    }));
    const sql = 'update t set name = :v where x = :w returning id, name into :rid, :rname';
    const rid = { dir: oracledb.BIND_OUT, type: oracledb.NUMBER };
    const rname = { dir: oracledb.BIND_OUT, type: oracledb.STRING };
    for (count of [1, 3, 0, 2]) {
      const result = await stand.connection.execute(sql, { v: 'q', w: 2, rid, rname });
      expect(result.outBinds).toEqual({ rid: ids(), rname: names() });
      expect(result.rowsAffected).toBe(count);
      const directions = stand.backend.last().binds.map(({ name, dir }) => [name, dir]);
      expect(directions).toEqual([
        ['V', 'in'],
        ['W', 'in'],
        ['RID', 'returning'],
        ['RNAME', 'returning'],
      ]);
    }
  });

  test('executeMany: counts of each row, errors with their places', async () => {
    const { backend, connection } = stand;
    const insert = 'insert into t (id, name) values (:1, :2)';
    const rows = [
      [1, 'a'],
      [2, null],
      [3, 'c'],
    ];
    const done = await connection.executeMany(insert, rows, { autoCommit: true });
    expect(done.rowsAffected).toBe(3);
    expect(backend.table.map(({ id, name }) => [id, name])).toEqual(rows);
    const some = [
      [4, 'a'],
      [2, 'dup'],
      [5, 'c'],
      [1, 'dup'],
    ];
    const options = { batchErrors: true, dmlRowCounts: true };
    const result = await connection.executeMany(insert, some, options);
    expect(result.dmlRowCounts).toEqual([1, 0, 1, 0]);
    expect(result.batchErrors.map(({ offset }) => offset)).toEqual([1, 3]);
    expect(result.batchErrors[0]?.message).toMatch(/^ORA-00001: unique constraint \(SCOTT.T_PK\)/);
    const twice = [
      [9, 'a'],
      [9, 'dup'],
    ];
    expect(await failureOf(connection.executeMany(insert, twice))).toMatchObject({ errorNum: 1 });
    expect(connection.transactionInProgress).toBe(true);
  });

  test('executeMany: RETURNING, and 20,000 rows in one call', async () => {
    const { backend, connection } = stand;
    stand.on(/^update u/, ({ binds }) => ({
      rowsAffected: 2,
      outBinds: { o: [binds[0]?.value, 'x'] },
    }));
    const text = { type: oracledb.STRING, maxSize: 10 };
    const bindDefs = { i: text, o: { ...text, dir: oracledb.BIND_OUT } };
    const sql = 'update u set a = :i returning b into :o';
    const returned = await connection.executeMany(sql, [{ i: 'p' }, { i: 'q' }], { bindDefs });
    expect(returned.outBinds).toEqual([{ o: ['p', 'x'] }, { o: ['q', 'x'] }]);
    const big = Array.from({ length: 20_000 }, (_, i) => [i, `name-${i}`]);
    stand.on(/^insert into big/, () => ({ rowsAffected: 1 }));
    const before = backend.log.length;
    const result = await connection.executeMany('insert into big values (:1, :2)', big);
    expect(result.rowsAffected).toBe(20_000);
    const arrived = backend.log.slice(before).map(({ binds }) => binds.map(({ value }) => value));
    expect(arrived).toEqual(big);
  });
});
