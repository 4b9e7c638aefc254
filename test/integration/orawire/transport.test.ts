import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oracledb } from '../../support/orawire/driver.ts';
import type { Column } from '../../support/orawire/server.ts';
import { startRelay } from './relay.ts';
import { failureOf, PROFILE_NAMES, PROFILES, Stand } from './stand.ts';

const CONTENT: Column[] = [
  { name: 'ID', type: 'NUMBER' },
  { name: 'S', type: 'VARCHAR2', size: 300 },
  { name: 'C', type: 'CLOB' },
];
const ROWS = Array.from({ length: 120 }, (_, i) => [i, `text ${i}`.padEnd(i, 'é'), `clob ${i}`]);

function fixture(name: string): string {
  const url = new URL(`../../support/orawire/tls/${name}`, import.meta.url);
  return readFileSync(fileURLToPath(url), 'utf8');
}

/** A walk through everything that has bytes of its own. */
async function walk(stand: Stand, attributes: object): Promise<void> {
  stand.on(/content/, () => ({ columns: CONTENT, rows: ROWS }));
  stand.on(/block/, ({ binds }) => ({ outBinds: { o: `${binds[0]?.value}!` } }));
  const connection = await stand.open(attributes);
  const options = { fetchInfo: { C: { type: oracledb.STRING } }, fetchArraySize: 50 };
  expect((await connection.execute('select content', [], options)).rows).toEqual(ROWS);
  const o = { dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 32_000 };
  const i = 'x'.repeat(20_000);
  const { outBinds } = await connection.execute('begin block(:i, :o); end;', { i, o });
  expect(outBinds).toEqual({ o: `${i}!` });
  const error = await failureOf(connection.execute('select * from nosuch'));
  expect(error).toMatchObject({ errorNum: 942 });
  const many = await connection.executeMany('insert into t values (:1, :2)', [
    [1, i],
    [2, i],
  ]);
  expect(many.rowsAffected).toBe(2);
  await connection.rollback();
  await connection.close();
}

describe.each(PROFILE_NAMES)('transport: %s', (profile) => {
  test('the stream may be cut anywhere', async () => {
    const stand = await Stand.start(PROFILES[profile]);
    const relay = await startRelay(stand.server.port);
    await walk(stand, { connectString: `127.0.0.1:${relay.port}/ORCLPDB1` });
    expect(await stand.stop()).toEqual([]);
    relay.stop();
  });

  test('TLS: the client checks the certificate', async () => {
    const cert = fixture('cert.pem');
    const key = fixture('key.pem');
    const tls = { cert, key };
    const walletContent = key + cert;
    const stand = new Stand({ ...PROFILES[profile], tls });
    await stand.server.listen();
    const connectString = `tcps://localhost:${stand.server.port}/ORCLPDB1`;
    await walk(stand, { connectString, walletContent });
    const unknown = await failureOf(stand.open({ connectString }));
    expect(unknown.message).toMatch(/self-signed certificate/);
    const elsewhere = `tcps://127.0.0.1:${stand.server.port}/ORCLPDB1?ssl_server_cert_dn="CN=elsewhere"`;
    const wrong = await failureOf(stand.open({ connectString: elsewhere, walletContent }));
    expect(wrong.message).toMatch(/NJS-5/);
    expect(await stand.stop()).toEqual([]);
  });
});

describe.each(['UTC', 'Asia/Kolkata', 'America/St_Johns'])('dates in the zone %s', (zone) => {
  const before = process.env.TZ;

  beforeAll(() => {
    process.env.TZ = zone;
  });

  afterAll(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  const columns: Column[] = [
    { name: 'D', type: 'DATE' },
    { name: 'TS', type: 'TIMESTAMP' },
    { name: 'TZ', type: 'TIMESTAMP_TZ' },
    { name: 'LTZ', type: 'TIMESTAMP_LTZ' },
  ];
  const instant = new Date('2024-02-29T12:34:56.789Z');

  test.each(PROFILE_NAMES)('are read as the client means them: %s', async (profile) => {
    const stand = await Stand.start(PROFILES[profile]);
    stand.on(/dates/, () => ({
      columns,
      rows: [
        ['2024-02-29 23:59:58', '1999-12-31T01:02:03.004', instant, instant],
        [null, null, null, null],
        ['0001-01-01', '9999-12-31T23:59:59.999', instant.toISOString(), instant.getTime()],
      ],
    }));
    const { rows } = await stand.connection.execute('select dates');
    const [first, second, third] = rows;
    const wall = [new Date(2024, 1, 29, 23, 59, 58), new Date(1999, 11, 31, 1, 2, 3, 4)];
    expect(first).toEqual([...wall, instant, instant]);
    expect(second).toEqual([null, null, null, null]);
    expect(third?.slice(1)).toEqual([new Date(9999, 11, 31, 23, 59, 59, 999), instant, instant]);
    expect(await stand.stop()).toEqual([]);
  });

  test.each(PROFILE_NAMES)('are bound as the client means them: %s', async (profile) => {
    const stand = await Stand.start(PROFILES[profile]);
    stand.on(/echo/, ({ binds }) => ({
      columns,
      rows: [binds.slice(0, 4).map(({ value }) => value)],
    }));
    const date = new Date(2020, 5, 7, 8, 9, 10);
    const stamp = new Date(2020, 5, 7, 8, 9, 10, 11);
    const binds = [
      { val: date, type: oracledb.DB_TYPE_DATE },
      { val: stamp, type: oracledb.DB_TYPE_TIMESTAMP },
      { val: instant, type: oracledb.DB_TYPE_TIMESTAMP_TZ },
      { val: instant, type: oracledb.DB_TYPE_TIMESTAMP_LTZ },
      date,
    ];
    const { rows } = await stand.connection.execute('select echo(:a, :b, :c, :d, :e)', binds);
    expect(rows).toEqual([[date, stamp, instant, instant]]);
    const arrived = stand.backend.last().binds;
    const types = ['DATE', 'TIMESTAMP', 'TIMESTAMP_TZ', 'TIMESTAMP_LTZ', 'TIMESTAMP'];
    expect(arrived.map(({ type }) => type)).toEqual(types);
    const [wall, fraction] = ['2020-06-07T08:09:10', '2020-06-07T08:09:10.011'];
    expect(arrived.map(({ value }) => value)).toEqual([wall, fraction, instant, instant, wall]);
    expect(await stand.stop()).toEqual([]);
  });
});
