import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { oracledb } from '../../support/orawire/driver.ts';
import { decodeNumber, encodeNumber } from '../../support/orawire/number-codec.ts';
import type { Column } from '../../support/orawire/server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { failureOf, LONG_PASSWORD, PROFILE_NAMES, PROFILES, Stand } from './stand.ts';

describe.each(PROFILE_NAMES)('logon and queries: %s', (profile) => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await Stand.start(PROFILES[profile]);
  });

  afterEach(async () => {
    expect(await stand.stop()).toEqual([]);
  });

  test('logs on: the password is checked both ways, version and service are right', async () => {
    const { connection, server } = stand;
    const isNew = PROFILES[profile]?.profile === '23';
    expect(connection.oracleServerVersionString).toBe(isNew ? '23.5.0.24.7' : '19.3.0.0.0');
    expect(connection.serviceName).toBe('orclpdb1');
    const [session] = server.sessions;
    expect([session?.user, session?.service.toUpperCase()]).toEqual(['SCOTT', 'ORCLPDB1']);
    expect(session?.client.get('SESSION_CLIENT_DRIVER_NAME')).toMatch(/node-oracledb.*thn/);
    expect(session?.client.has('AUTH_PASSWORD')).toBe(false);
    const attributes = { user: '"MixedCase"', password: LONG_PASSWORD };
    const mixed = await stand.open(attributes);
    await mixed.ping();
  });

  test.each([
    { password: 'wrong' },
    { password: 'tigerx' },
    { user: 'nobody' },
    { user: '__proto__' },
  ])('refuses %o with ORA-01017', async (attributes) => {
    expect(await failureOf(stand.open(attributes))).toMatchObject({ errorNum: 1017 });
    expect(stand.server.sessions).toHaveLength(1);
  });

  test('refuses a service that it does not have, and takes a descriptor longer than one packet', async () => {
    const unknown = stand.server.connectString('nosuch');
    const refused = await failureOf(stand.open({ connectString: unknown }));
    expect(refused.message).toMatch(/NJS-518/);
    const address = `(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=${stand.server.port}))`;
    const data = `(SERVICE_NAME=ORCLPDB1)(CID=(PROGRAM=${'p'.repeat(200)}))`;
    const connectString = `(DESCRIPTION=${address}(CONNECT_DATA=${data}))`;
    const connection = await stand.open({ connectString });
    await connection.ping();
  });

  test('rolls an open transaction back at the end, and sees the logoff', async () => {
    const { backend, calls, connection, server } = stand;
    await connection.ping();
    await connection.execute('insert into t (id, name) values (:id, :name)', { id: 1, name: 'a' });
    await connection.close();
    expect(calls.map(({ name }) => name)).toEqual(['ping', 'execute', 'rollback', 'logoff']);
    expect(backend.table).toEqual([]);
    await waitFor(() => server.sessions.length === 0);
    expect(stand.endings).toEqual(['logoff']);
  });

  test('sends values of every kind, NULLs and metadata', async () => {
    const columns: Column[] = [
      { name: 'V', type: 'VARCHAR2', size: 40, nullable: false },
      { name: 'NV', type: 'NVARCHAR2', size: 40 },
      { name: 'C', type: 'CHAR', size: 5 },
      { name: 'N', type: 'NUMBER', precision: 10, scale: 2 },
      { name: 'BF', type: 'BINARY_FLOAT' },
      { name: 'BD', type: 'BINARY_DOUBLE' },
      { name: 'R', type: 'RAW', size: 10 },
      { name: 'RID', type: 'ROWID' },
      { name: 'Größe', type: 'NUMBER' },
      { name: 'YM', type: 'INTERVAL_YM' },
      { name: 'DS', type: 'INTERVAL_DS' },
      { name: 'B', type: 'BOOLEAN' },
    ];
    const yearMonths = { years: -3, months: -4 };
    const daySeconds = { days: 5, hours: 6, minutes: 7, seconds: 8, fseconds: 9_000_000 };
    const bytes = Buffer.from('00ff10', 'hex');
    const rowid = 'AAAR3sAAEAAAACXAAB';
    const texts = ['héllo €😀', 'ナ😀', 'abc  '];
    const numbers = [-12345678.25, 1.5, -Math.E];
    const row = [...texts, ...numbers, bytes, rowid, 7n, yearMonths, daySeconds, true];
    stand.on(/kinds/, () => ({ columns, rows: [row, columns.map(() => null)] }));
    const { rows, metaData } = await stand.connection.execute('select kinds');
    const [values = [], nulls] = rows;
    expect(values.slice(0, 9)).toEqual([...texts, ...numbers, bytes, rowid, 7]);
    expect(values[9]).toMatchObject(yearMonths);
    expect(values[10]).toMatchObject(daySeconds);
    expect(values[11]).toBe(true);
    expect(nulls).toEqual(columns.map(() => null));
    expect(metaData[0]).toMatchObject({ name: 'V', nullable: false, byteSize: 40 });
    expect(metaData[3]).toMatchObject({ precision: 10, scale: 2, dbTypeName: 'NUMBER' });
  });

  test('numbers of any size keep every digit, both ways', async () => {
    const texts = [
      '0',
      '1',
      '-1',
      '100',
      '0.01',
      '-0.01',
      '123456789.000000001',
      '1e125',
      '1e-129',
    ];
    const nines = '9'.repeat(38);
    texts.push(nines, `-${nines}`, `0.${nines}`, '1234567890123456789012345678901234567890');
    for (let digits = 1; digits <= 38; digits++) {
      for (let point = 0; point <= digits; point += 3) {
        const whole = nines.slice(0, point) || '0';
        texts.push(`${digits % 2 ? '-' : ''}${whole}.${'7'.repeat(digits - point)}1`);
      }
    }
    stand.on(/nums/, () => ({
      columns: [{ name: 'N', type: 'NUMBER' }],
      rows: texts.map((text) => [text]),
    }));
    const fetchInfo = { N: { type: oracledb.STRING } };
    const { rows } = await stand.connection.execute('select nums', [], { fetchInfo });
    const exact = (text: string) => text.replace(/^(-?)\./, '$10.');
    const sent = texts.map((text) => exact(decodeNumber(encodeNumber(text))));
    expect(rows.map(([text]) => exact(String(text)))).toEqual(sent);
    stand.on(/echo/, ({ binds }) => ({
      columns: [{ name: 'N', type: 'NUMBER' }],
      rows: [[binds[0]?.value]],
    }));
    for (const number of [0, -1, 0.1, -0.1, 123456.789, 1e21, 1e-7, -1.5e-10, 2 ** 53 - 1, 100]) {
      const { rows: echoed } = await stand.connection.execute('select echo(:n)', [number]);
      expect(echoed).toEqual([[number]]);
      expect(Number(stand.lastBinds()[0]?.[1])).toBe(number);
    }
  });

  test('rows come in as many fetches as it takes, and only as far as they are wanted', async () => {
    let produced = 0;
    const row = (i: number) => [i, 'const'.repeat(20), i % 3 ? 'a' : null];
    async function* produce() {
      for (; produced < 1003; produced++) yield row(produced);
    }
    stand.on(/many/, () => {
      produced = 0;
      const columns: Column[] = [
        { name: 'I', type: 'NUMBER' },
        { name: 'SAME', type: 'VARCHAR2', size: 300 },
        { name: 'X', type: 'VARCHAR2', size: 10 },
      ];
      return { columns, rows: produce() };
    });
    const all = Array.from({ length: 1003 }, (_, i) => row(i));
    const { connection } = stand;
    for (const [prefetchRows, fetchArraySize] of [
      [2, 100],
      [0, 1000],
      [2000, 100],
      [1003, 100],
      [17, 29],
      [2, 1001],
    ]) {
      const options = { prefetchRows, fetchArraySize };
      expect((await connection.execute('select many', [], options)).rows).toEqual(all);
    }
    const options = { resultSet: true, fetchArraySize: 10 };
    const { resultSet } = await connection.execute('select many', [], options);
    const got = [await resultSet.getRow(), ...(await resultSet.getRows(5))];
    got.push(...(await resultSet.getRows(2000)));
    expect(got).toEqual(all);
    await resultSet.close();
    const streamed: unknown[] = [];
    const stream = connection.queryStream('select many', [], { fetchArraySize: 100 });
    for await (const each of stream) streamed.push(each);
    expect(streamed).toEqual(all);
    expect((await connection.execute('select many', [], { maxRows: 7 })).rows).toHaveLength(7);
    const few = { resultSet: true, prefetchRows: 5, fetchArraySize: 5 };
    const begun = await connection.execute('select many', [], few);
    await begun.resultSet.getRow();
    await begun.resultSet.close();
    expect(produced).toBeLessThan(50);
  });

  test('replies are cut over many packets: 400 columns, and three megabytes', async () => {
    const value = (row: number, column: number) =>
      column % 2 ? `v${row}.${column}`.padEnd(column % 180, 'z') : row * column;
    const columns = Array.from({ length: 400 }, (_, i): Column => {
      const name = `COLUMN_WITH_A_LONG_NAME_${i}`;
      return i % 2 ? { name, type: 'VARCHAR2', size: 200 } : { name, type: 'NUMBER' };
    });
    const rows = Array.from({ length: 40 }, (_, row) => columns.map((_, i) => value(row, i)));
    stand.on(/wide/, () => ({ columns, rows }));
    expect((await stand.connection.execute('select wide')).rows).toEqual(rows);
    const bulk = Array.from({ length: 1000 }, (_, i) => [String(i).padEnd(3000, 'x')]);
    stand.on(/bulky/, () => ({
      columns: [{ name: 'S', type: 'VARCHAR2', size: 4000 }],
      rows: bulk,
    }));
    const options = { fetchArraySize: 250 };
    expect((await stand.connection.execute('select bulky', [], options)).rows).toEqual(bulk);
  });
});
