import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { oracledb } from '../../support/orawire/driver.ts';
import { PACKET, PacketSplitter } from '../../support/orawire/packets.ts';
import type {
  Column,
  ExecuteRequest,
  ExecuteResult,
  OraWireServer,
} from '../../support/orawire/server.ts';

/** Answers everything that the recorded clients ask. */
export function answerAnything({ kind, sql, binds }: ExecuteRequest): ExecuteResult {
  if (kind === 'plsql') {
    const rows = [[1, 'c']];
    const columns = [{ name: 'A', type: 'NUMBER' } as const, { name: 'C', type: 'CLOB' } as const];
    const values = binds.map(({ type, isArray, value }) => {
      if (type === 'CURSOR') return { columns, rows };
      return isArray ? [] : value;
    });
    return { outBinds: values };
  }
  if (kind !== 'query') return { rowsAffected: 1, outBinds: binds.map(() => [1]) };
  if (sql.includes('nosuch')) throw { code: 942, message: 'no such table', offset: 14 };
  const columns: Column[] = [
    { name: 'N', type: 'NUMBER' },
    { name: 'V', type: 'VARCHAR2', size: 50 },
    { name: 'C', type: 'CLOB' },
  ];
  return {
    columns: sql.includes('plain') ? columns.slice(0, 2) : columns,
    rows: Array.from({ length: 30 }, (_, i) => [i, 'same', `clob ${i}`]),
  };
}

/**
 * Requests of the real driver, each whole: its payload without packets. The driver tells the server the
 * path of its program; with a long one the connect text is a packet of its own.
 */
export async function recordRequests(server: OraWireServer, program: string): Promise<Buffer[]> {
  const requests: Buffer[] = [];
  const relay = await startRecorder(server.port, requests);
  const connection = await oracledb.getConnection({
    user: 'scott',
    password: 'tiger',
    program,
    connectString: `127.0.0.1:${relay.port}/ORCLPDB1`,
  });
  requests.length = 0;
  Object.assign(connection, { module: 'm', action: 'a', clientId: 'c', currentSchema: 's' });
  const out = { dir: oracledb.BIND_OUT };
  await connection.execute('select * from t where a = :a', [1], { fetchArraySize: 7 });
  await connection.execute('select * from t where a = :a', [2]);
  for (const a of [1, 2]) {
    await connection.execute('select * from plain where a = :a', [a]);
    await connection.execute('delete from t where a = :a', [a]);
  }
  await connection.execute('select * from nosuch').catch(() => {});
  const many = [
    [1, 'a', new Date(0)],
    [2, null, new Date(1)],
  ];
  await connection.executeMany('insert into t values (:1, :2, :3)', many);
  await connection.execute('update t set a = 1 returning a into :x', [
    { ...out, type: oracledb.NUMBER },
  ]);
  const clob = { val: 'text', type: oracledb.CLOB };
  const cursor = { ...out, type: oracledb.CURSOR };
  const block = 'begin p(:1, :2, :3, :4, :5); end;';
  const array = { type: oracledb.NUMBER, val: [1, 2], maxArraySize: 3, dir: oracledb.BIND_INOUT };
  const text = { val: 'x', dir: oracledb.BIND_INOUT, maxSize: 100, type: oracledb.STRING };
  await connection.execute(block, [Buffer.from('raw'), clob, cursor, array, text]);
  await connection.execute(block, [Buffer.from('war'), clob, cursor, array, text]);
  const lob = await connection.createLob(oracledb.CLOB);
  await new Promise<void>((resolve) => lob.end('content', () => resolve()));
  await lob.getData();
  await lob.close();
  await connection.ping();
  await connection.commit();
  await connection.rollback();
  await connection.close();
  relay.stop();
  return requests;
}

async function startRecorder(port: number, requests: Buffer[]) {
  const recorder = createServer((client) => {
    const target = connect(port, '127.0.0.1');
    const splitter = new PacketSplitter();
    // Lengths have four bytes from ACCEPT on, which comes alone.
    target.once('data', (bytes: Buffer) => {
      if (bytes.readUInt8(4) === PACKET.accept) splitter.useLongLengths(0xffff);
    });
    client.on('data', (bytes: Buffer) => {
      try {
        splitter.push(bytes);
        for (let packet = splitter.next(); packet; packet = splitter.next()) {
          const hasPayload = packet.type === PACKET.data && packet.body.length > 2;
          if (hasPayload) requests.push(Buffer.from(packet.body.subarray(2)));
        }
      } catch (error) {
        target.destroy();
        client.destroy(error as Error);
      }
    });
    client.pipe(target).pipe(client);
    // Either side may go first, also with a reset, which pipe() does not hand on.
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on('error', () => other.destroy());
    }
  });
  recorder.listen(0, '127.0.0.1');
  await once(recorder, 'listening');
  return { port: (recorder.address() as AddressInfo).port, stop: () => recorder.close() };
}
