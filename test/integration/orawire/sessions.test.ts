import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DriverConnection, type DriverPool, oracledb } from '../../support/orawire/driver.ts';
import { OraWireServer } from '../../support/orawire/server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { failureOf, gate, PROFILE_NAMES, PROFILES, Stand, untilAborted } from './stand.ts';

const LOST = /NJS-50[01]|NJS-521|NJS-003/;
const INSERT = 'insert into t (id, name) values (:id, :name)';

describe.each(PROFILE_NAMES)('ends of sessions, and pools: %s', (profile) => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await Stand.start(PROFILES[profile]);
  });

  afterEach(async () => {
    expect(await stand.stop()).toEqual([]);
  });

  test('a session that is killed while idle is rolled back at once, and told by its next call', async () => {
    const { backend, connection, server } = stand;
    await connection.execute(INSERT, { id: 1, name: 'a' });
    await server.kill(stand.lastSession(), 'error');
    expect(backend.table).toEqual([]);
    expect(stand.endings).toEqual(['killed']);
    expect(server.sessions).toEqual([]);
    const error = await failureOf(connection.execute('select 1 from dual'));
    expect(error.message).toMatch(/ORA-00028/);
    expect((await failureOf(connection.ping())).message).toMatch(LOST);
  });

  test.each(['error', 'drop'] as const)('a call that runs is killed: %s', async (how) => {
    const { backend, connection, server } = stand;
    stand.on(/endless/, async ({ signal }) => {
      await untilAborted(signal);
      throw { code: 28 };
    });
    await connection.execute(INSERT, { id: 1, name: 'a' });
    const call = failureOf(connection.execute('begin endless; end;'));
    await waitFor(() => backend.log.length === 2, { pollMs: 1 });
    await server.kill(stand.lastSession(), how);
    expect((await call).message).toMatch(how === 'error' ? /ORA-00028/ : LOST);
    expect(backend.table).toEqual([]);
    expect(stand.endings).toEqual(['killed']);
    expect((await failureOf(connection.ping())).message).toMatch(LOST);
  });

  test.each(['close', 'reset'] as const)(
    'the session outlives a cut connection: %s',
    async (how) => {
      const { backend, connection, server } = stand;
      const held = gate();
      stand.on(/begin work/, async () => {
        await held.opened;
        return {};
      });
      await connection.execute(INSERT, { id: 1, name: 'a' });
      const call = failureOf(connection.execute('begin work; end;'));
      await waitFor(() => backend.log.length === 2, { pollMs: 1 });
      const session = stand.lastSession();
      server.disconnect(session, how);
      expect((await call).message).toMatch(LOST);
      await waitFor(() => session.lost, { pollMs: 1 });
      expect(server.sessions).toEqual([session]);
      expect(backend.table).toHaveLength(1);
      held.open();
      await waitFor(() => server.sessions.length === 0, { pollMs: 1 });
      expect(backend.table).toEqual([]);
      expect(stand.endings).toEqual(['lost']);
    },
  );

  test('a lost session whose call runs on can be killed', async () => {
    const { backend, connection, server } = stand;
    stand.on(/endless/, async ({ signal }) => {
      await untilAborted(signal);
      return {};
    });
    const call = failureOf(connection.execute('begin endless; end;'));
    await waitFor(() => backend.log.length === 1, { pollMs: 1 });
    const session = stand.lastSession();
    server.disconnect(session, 'reset');
    await call;
    await waitFor(() => session.lost, { pollMs: 1 });
    await server.kill(session);
    expect(server.sessions).toEqual([]);
    expect(backend.log[0]?.signal.aborted).toBe(true);
  });

  test('a pool grows, is full, pings, and replaces what is dead', async () => {
    const { backend, calls, server } = stand;
    const pool = await openPool({ poolMin: 2, poolMax: 4, queueTimeout: 1000 });
    const all: DriverConnection[] = [];
    while (all.length < 4) all.push(await pool.getConnection());
    expect(pool.connectionsInUse).toBe(4);
    expect((await failureOf(pool.getConnection())).message).toMatch(/NJS-040/);
    await all[0]?.execute(INSERT, { id: 77, name: 'p' });
    await Promise.all(all.map((each) => each.close()));
    expect(backend.table).toEqual([]);
    calls.length = 0;
    const again = await pool.getConnection();
    expect(calls.map(({ name }) => name)).toEqual(['ping']);
    await again.close();
    for (const session of server.sessions) await server.kill(session);
    const revived = await pool.getConnection();
    expect((await revived.execute('select 1 from dual')).rows).toEqual([['X']]);
    await revived.close();
    await pool.close(1);
  });

  test('a pool gives up a connection whose ping hangs', async () => {
    const pool = await openPool({ poolMin: 1, poolMax: 2, poolPingTimeout: 100 });
    await (await pool.getConnection()).close();
    const session = stand.lastSession();
    const stop = stand.inject('ping', { kind: 'hang' });
    const fresh = await pool.getConnection();
    stop();
    await fresh.ping();
    await waitFor(() => !stand.server.sessions.includes(session));
    await fresh.close();
    await pool.close(0);
  });

  function openPool(attributes: object): Promise<DriverPool> {
    return oracledb.createPool({
      user: 'scott',
      password: 'tiger',
      connectString: stand.server.connectString(),
      poolIncrement: 1,
      poolPingInterval: 0,
      poolAlias: randomUUID(),
      ...attributes,
    });
  }
});

test('the loss of the client ends its call where the options say so', async () => {
  const stand = await Stand.start({ lostClient: 'abort' });
  stand.on(/endless/, async ({ signal }) => {
    await untilAborted(signal);
    return {};
  });
  const call = failureOf(stand.connection.execute('begin endless; end;'));
  await waitFor(() => stand.backend.log.length === 1, { pollMs: 1 });
  stand.server.disconnect(stand.lastSession());
  await call;
  await waitFor(() => stand.server.sessions.length === 0, { pollMs: 1 });
  expect(stand.endings).toEqual(['lost']);
  expect(await stand.stop()).toEqual([]);
});

test('a server that is closed waits for no backend that does not end', async () => {
  const stand = await Stand.start({ cancelGraceMs: 50 });
  stand.on(/stuck/, () => new Promise(() => {}));
  const call = failureOf(stand.connection.execute('begin stuck; end;'));
  await waitFor(() => stand.backend.log.length === 1, { pollMs: 1 });
  await stand.server.close();
  expect((await call).message).toMatch(LOST);
});

test('a backend that does not end its cancelled call keeps the client no longer than the grace', async () => {
  const stand = await Stand.start({ cancelGraceMs: 50 });
  const held = gate();
  stand.on(/deaf/, async () => {
    await held.opened;
    return {};
  });
  const call = failureOf(stand.connection.execute('begin deaf; end;'));
  await waitFor(() => stand.backend.log.length === 1, { pollMs: 1 });
  await stand.connection.break();
  expect(await call).toMatchObject({ errorNum: 1013 });
  held.open();
  expect((await stand.connection.execute('select 1 from dual')).rows).toEqual([['X']]);
  expect(await stand.stop()).toEqual([]);
});

test('what the backend refuses at logon, ping, commit and rollback is told to the client', async () => {
  const refuse = (code: number, message: string) => () => {
    throw { code, message };
  };
  let isLocked = false;
  const server = new OraWireServer({
    users: { SCOTT: 'tiger' },
    execute: () => ({}),
    onOpen: () => {
      if (isLocked) refuse(28000, 'the account is locked')();
    },
    ping: refuse(3135, 'connection lost contact'),
    commit: refuse(2091, 'transaction rolled back'),
    rollback: refuse(1013, 'user requested cancel of current operation'),
  });
  await server.listen();
  const attributes = { user: 'scott', password: 'tiger', connectString: server.connectString() };
  const connection = await oracledb.getConnection(attributes);
  isLocked = true;
  const locked = await failureOf(oracledb.getConnection(attributes));
  expect(locked).toMatchObject({ errorNum: 28000 });
  expect(server.sessions).toHaveLength(1);
  expect(await failureOf(connection.commit())).toMatchObject({ errorNum: 2091 });
  expect(await failureOf(connection.rollback())).toMatchObject({ errorNum: 1013 });
  const pinged = await failureOf(connection.ping());
  expect(pinged.message).toMatch(/NJS-500: .*\n.*ORA-03135/);
  await server.close();
  expect(server.failures).toEqual([]);
});
