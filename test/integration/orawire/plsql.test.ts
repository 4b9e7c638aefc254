import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DriverResultSet, oracledb } from '../../support/orawire/driver.ts';
import type { Column } from '../../support/orawire/server.ts';
import { failureOf, PROFILE_NAMES, PROFILES, Stand } from './stand.ts';

const TEXT = 'Größe 😀 '.repeat(200_000);
const BYTES = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 255));
const OUT = oracledb.BIND_OUT;

describe.each(PROFILE_NAMES)('PL/SQL and LOBs: %s', (profile) => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await Stand.start(PROFILES[profile]);
  });

  afterEach(async () => {
    expect(await stand.stop()).toEqual([]);
  });

  test('IN, OUT and IN OUT binds, run again with other values and types', async () => {
    const date = new Date(2020, 1, 2);
    stand.on(/calc\(/, ({ binds }) => {
      const [i, io] = binds.map(({ value }) => value);
      const o = i === null ? null : Number(i) * 2;
      const outBinds = { o, io: `${io}!`, s: `out:${i}`, d: date, r: Buffer.from('ab') };
      return { outBinds, pureOut: ['o', 's', 'd', 'r'] };
    });
    const binds = (i: unknown, io: string) => ({
      i,
      io: { dir: oracledb.BIND_INOUT, val: io, type: oracledb.STRING, maxSize: 50 },
      o: { dir: OUT, type: oracledb.NUMBER },
      s: { dir: OUT, type: oracledb.STRING, maxSize: 200 },
      d: { dir: OUT, type: oracledb.DATE },
      r: { dir: OUT, type: oracledb.BUFFER, maxSize: 20 },
    });
    const sql = 'begin calc(:i, :io, :o, :s, :d, :r); end;';
    for (const [i, io] of [
      [21, 'a'],
      [4, 'bb'],
      [null, 'ccc'],
      ['7', 'd'],
      [8, 'e'],
    ] as const) {
      const { outBinds } = await stand.connection.execute(sql, binds(i, io));
      const o = i === null ? null : Number(i) * 2;
      const r = Buffer.from('ab');
      expect(outBinds).toEqual({ io: `${io}!`, o, s: `out:${i}`, d: date, r });
    }
    const described = stand.backend.last().binds.map(({ name, type, maxSize, dir }) => ({
      name,
      type,
      maxSize,
      dir,
    }));
    expect(described[3]).toEqual({ name: 'S', type: 'VARCHAR2', maxSize: 200, dir: 'any' });
  });

  test('functions, texts of 32K, and an OUT bind that is too small for its value', async () => {
    const { connection } = stand;
    stand.on(/:ret := func/, ({ binds }) => ({
      outBinds: { ret: `${binds[1]?.value}/${binds[2]?.value}` },
    }));
    const ret = { dir: OUT, type: oracledb.STRING };
    const called = await connection.execute('begin :ret := func(:a, :b); end;', {
      ret,
      a: 'x',
      b: 1,
    });
    expect(called.outBinds).toEqual({ ret: 'x/1' });
    stand.on(/big_out/, () => ({ outBinds: ['x'.repeat(30)] }));
    const bigOut = (maxSize: number) =>
      connection.execute('begin big_out(:1); end;', [{ ...ret, maxSize }]);
    expect(await failureOf(bigOut(10))).toMatchObject({ errorNum: 6502 });
    expect((await bigOut(30)).outBinds).toEqual(['x'.repeat(30)]);
    stand.on(/noop/, () => ({}));
    expect((await connection.execute('begin noop; end;')).outBinds).toBeUndefined();
    stand.on(/big32k/, ({ binds }) => ({ outBinds: { o: `${binds[0]?.value}#` } }));
    const i = 'y'.repeat(32_000);
    const o = { ...ret, maxSize: 32_767 };
    const { outBinds } = await connection.execute('begin big32k(:i, :o); end;', { i, o });
    expect(outBinds).toEqual({ o: `${i}#` });
  });

  test('array binds, executeMany of a block, and of a block without binds', async () => {
    stand.on(/arr\(/, ({ binds }) => {
      const given = binds[0]?.value;
      expect(binds[0]).toMatchObject({ isArray: true });
      return { outBinds: { o: Array.isArray(given) ? given.map((x) => x * 10) : [] } };
    });
    const i = { type: oracledb.NUMBER, dir: oracledb.BIND_IN, val: [1, 2, 3] };
    const o = { type: oracledb.NUMBER, dir: OUT, maxArraySize: 5 };
    const { outBinds } = await stand.connection.execute('begin arr(:i, :o); end;', { i, o });
    expect(outBinds).toEqual({ o: [10, 20, 30] });
    stand.on(/each\(/, ({ binds }) => ({ outBinds: { o: Number(binds[0]?.value) + 1 } }));
    const number = { type: oracledb.NUMBER };
    const bindDefs = { i: number, o: { ...number, dir: OUT } };
    const rows = [{ i: 1 }, { i: 5 }, { i: 9 }];
    const sql = 'begin each(:i, :o); end;';
    const many = await stand.connection.executeMany(sql, rows, { bindDefs });
    expect(many.outBinds).toEqual([{ o: 2 }, { o: 6 }, { o: 10 }]);
    stand.on(/tick/, () => ({}));
    const before = stand.backend.log.length;
    await stand.connection.executeMany('begin tick; end;', 7);
    expect(stand.backend.log.length - before).toBe(7);
  });

  test('REF CURSORs and implicit results', async () => {
    const rows = Array.from({ length: 250 }, (_, i) => [i, `r${i}`]);
    const columns: Column[] = [
      { name: 'A', type: 'NUMBER' },
      { name: 'B', type: 'VARCHAR2', size: 20 },
    ];
    stand.on(/refcur/, () => ({ outBinds: { c: { columns, rows } } }));
    for (let time = 0; time < 3; time++) {
      const c = { type: oracledb.CURSOR, dir: OUT };
      const { outBinds } = await stand.connection.execute('begin refcur(:c); end;', { c });
      const cursor = outBinds.c as DriverResultSet;
      expect(cursor.metaData.map(({ name }) => name)).toEqual(['A', 'B']);
      expect(await cursor.getRows(0)).toEqual(rows);
      await cursor.close();
    }
    stand.on(/implicit/, () => ({
      implicitResults: [
        { columns: [{ name: 'A', type: 'NUMBER' }], rows: [[1], [2]] },
        { columns: [{ name: 'B', type: 'VARCHAR2' }], rows: [['x']] },
      ],
    }));
    const { implicitResults } = await stand.connection.execute('begin implicit; end;');
    expect(implicitResults).toEqual([[[1], [2]], [['x']]]);
  });

  test('LOB columns as locators, streams, texts and buffers', async () => {
    const { connection } = stand;
    const columns: Column[] = [
      { name: 'ID', type: 'NUMBER' },
      { name: 'C', type: 'CLOB' },
      { name: 'N', type: 'NCLOB' },
      { name: 'B', type: 'BLOB' },
    ];
    const rows = [
      [1, TEXT, 'ncló', BYTES],
      [2, null, null, null],
      [3, 'short', 'n', Buffer.from('b')],
    ];
    stand.on(/lobs/, () => ({ columns, rows }));
    const options = {
      fetchInfo: {
        C: { type: oracledb.STRING },
        N: { type: oracledb.STRING },
        B: { type: oracledb.BUFFER },
      },
    };
    for (let time = 0; time < 2; time++) {
      expect((await connection.execute('select lobs as_text', [], options)).rows).toEqual(rows);
    }
    const [first = [], second, third = []] = (await connection.execute('select lobs')).rows;
    const [, clob, nclob, blob] = first as { length: number; getData(): Promise<unknown> }[];
    expect(clob?.length).toBe(TEXT.length);
    expect((await clob?.getData()) === TEXT).toBe(true);
    expect(await nclob?.getData()).toBe('ncló');
    expect(await blob?.getData()).toEqual(BYTES);
    expect(second).toEqual(rows[1]);
    const stream = third[1] as AsyncIterable<string> & { setEncoding(name: string): void };
    stream.setEncoding('utf8');
    let streamed = '';
    for await (const chunk of stream) streamed += chunk;
    expect(streamed).toBe('short');
    const many = Array.from({ length: 150 }, (_, i) => [i, `clob${i}`]);
    stand.on(/manyl/, () => ({ columns: columns.slice(0, 2), rows: many }));
    const few = { ...options, fetchArraySize: 40 };
    expect((await connection.execute('select manyl', [], few)).rows).toEqual(many);
  });

  test('temporary LOBs: written, bound, freed', async () => {
    const { calls, connection } = stand;
    stand.on(/insert into l/, () => ({ rowsAffected: 1 }));
    const insert = (c: unknown) => connection.execute('insert into l values (:c)', { c });
    const lob = await connection.createLob(oracledb.CLOB);
    lob.write('first ä, ');
    lob.end('second 😀');
    await once(lob, 'finish');
    await insert(lob);
    expect(stand.lastBinds()).toEqual([['C', 'first ä, second 😀']]);
    await lob.close();
    await insert({ val: 'x'.repeat(200_000), type: oracledb.CLOB });
    expect(stand.lastBinds()).toEqual([['C', 'x'.repeat(200_000)]]);
    expect(stand.backend.last().binds[0]?.type).toBe('CLOB');
    const bytes = Buffer.alloc(100_000, 3);
    await insert({ val: bytes, type: oracledb.BLOB });
    expect(stand.lastBinds()).toEqual([['C', bytes]]);
    await connection.ping();
    expect(calls.some(({ name }) => name === 'freeLobs')).toBe(true);
  });

  test('LOBs come out of blocks, as values and in the rows of a REF CURSOR', async () => {
    const { connection } = stand;
    const long = 'q'.repeat(40_000);
    stand.on(/lobout/, ({ binds }) => ({
      outBinds: { c: `the clob of ${binds[2]?.value}`, s: long },
    }));
    const binds = {
      c: { dir: OUT, type: oracledb.CLOB },
      s: { dir: OUT, type: oracledb.STRING, maxSize: 50_000 },
      i: { val: 'in', type: oracledb.CLOB },
    };
    const { outBinds } = await connection.execute('begin lobout(:c, :s, :i); end;', binds);
    const clob = outBinds.c as { getData(): Promise<unknown> };
    expect(await clob.getData()).toBe('the clob of in');
    expect(outBinds.s).toBe(long);
    const rows = [
      [1, 'one'],
      [2, 'two'],
      [3, null],
    ];
    const columns: Column[] = [
      { name: 'A', type: 'NUMBER' },
      { name: 'B', type: 'CLOB' },
    ];
    stand.on(/lobcur/, () => ({ outBinds: { c: { columns, rows } } }));
    const c = { type: oracledb.CURSOR, dir: OUT };
    const cursor = (await connection.execute('begin lobcur(:c); end;', { c })).outBinds
      .c as DriverResultSet;
    const fetched: unknown[][] = [];
    for (;;) {
      const part = await cursor.getRows(10);
      if (part.length === 0) break;
      fetched.push(...part);
    }
    const [, second = []] = fetched;
    expect(fetched.map(([number]) => number)).toEqual([1, 2, 3]);
    expect(await (second[1] as typeof clob).getData()).toBe('two');
  });
});
