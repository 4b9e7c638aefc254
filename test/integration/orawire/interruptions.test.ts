import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DriverConnection, oracledb } from '../../support/orawire/driver.ts';
import type { Call, Column, Fault } from '../../support/orawire/server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { failureOf, gate, PROFILE_NAMES, PROFILES, Stand, untilAborted } from './stand.ts';

const NUMBERS: Column[] = [{ name: 'A', type: 'NUMBER' }];
const LOST = /NJS-50[01]|NJS-521|NJS-003/;
const CANCELLED = { code: 1013, message: 'user requested cancel of current operation' };

describe.each(PROFILE_NAMES)('interruptions: %s', (profile) => {
  let stand: Stand;
  let connection: DriverConnection;

  beforeEach(async () => {
    stand = await Stand.start(PROFILES[profile]);
    connection = stand.connection;
  });

  afterEach(async () => {
    expect(await stand.stop()).toEqual([]);
  });

  /** A block that runs until it is cancelled; `begun` waits until the server has it. */
  function endless(end: () => object = () => ({})) {
    const before = stand.backend.log.length;
    stand.on(/endless/, async ({ signal }) => {
      await untilAborted(signal);
      return end();
    });
    return { begun: () => waitFor(() => stand.backend.log.length > before, { pollMs: 1 }) };
  }

  async function works(which = connection): Promise<void> {
    expect((await which.execute('select 1 from dual')).rows).toEqual([['X']]);
  }

  test('break() cancels the running call, the backend is told, and the session lives on', async () => {
    for (let time = 1; time <= 5; time++) {
      const { begun } = endless(() => {
        throw CANCELLED;
      });
      const call = failureOf(connection.execute('begin endless; end;'));
      await begun();
      await connection.break();
      expect(await call).toMatchObject({ errorNum: 1013 });
      await works();
      expect(stand.backend.breaks).toHaveLength(time);
    }
  });

  test('a cancelled call that ends well is cancelled all the same', async () => {
    const { begun } = endless();
    const call = failureOf(connection.execute('begin endless; end;'));
    await begun();
    await connection.break();
    expect(await call).toMatchObject({ errorNum: 1013 });
    await works();
  });

  test('a block that makes an error of its own of its cancel is heard', async () => {
    const { begun } = endless(() => {
      throw { code: 20001, message: 'ORA-20001: cleaned up' };
    });
    const call = failureOf(connection.execute('begin endless; end;'));
    await begun();
    await connection.break();
    expect(await call).toMatchObject({ errorNum: 20001 });
    await works();
  });

  test('others go on while one call runs long', async () => {
    const held = gate();
    stand.on(/long/, async () => {
      await held.opened;
      return { columns: NUMBERS, rows: [[1]] };
    });
    const long = connection.execute('select long');
    const other = await stand.open();
    for (let time = 0; time < 10; time++) await works(other);
    held.open();
    expect((await long).rows).toEqual([[1]]);
  });

  test('break() that races with the end of a call: either wins, the connection is never broken', async () => {
    stand.on(/quick/, async () => {
      await turns(3);
      return { columns: NUMBERS, rows: [[1]] };
    });
    for (let time = 0; time < 60; time++) {
      const call = connection.execute('select quick').then(
        ({ rows }) => rows[0]?.[0],
        ({ errorNum }) => errorNum,
      );
      await turns(time % 12);
      await connection.break();
      expect([1, 1013]).toContain(await call);
      // A break that comes when nothing runs hits the next call: so is the driver made.
      const next = await connection.ping().catch(({ errorNum }) => errorNum);
      expect([undefined, 1013]).toContain(next);
      await works();
    }
  });

  test('callTimeout cancels a call and a fetch, and leaves the session usable', async () => {
    endless();
    connection.callTimeout = 60;
    for (let time = 0; time < 2; time++) {
      const late = await failureOf(connection.execute('begin endless; end;'));
      expect(late.message).toMatch(/NJS-123/);
    }
    stand.on(/drip/, ({ signal }) => ({
      columns: NUMBERS,
      rows: (async function* () {
        for (let i = 0; i < 10; i++) yield [i];
        await untilAborted(signal);
      })(),
    }));
    // The signal of the execution is not that of the fetch that hangs, so this one is let go by hand.
    const held = gate();
    stand.on(/seep/, () => ({
      columns: NUMBERS,
      rows: (async function* () {
        for (let i = 0; i < 10; i++) yield [i];
        await held.opened;
      })(),
    }));
    const options = { prefetchRows: 20, fetchArraySize: 20 };
    const drip = await failureOf(connection.execute('select drip', [], options));
    expect(drip.message).toMatch(/NJS-123/);
    const few = { prefetchRows: 5, fetchArraySize: 20 };
    const seep = failureOf(connection.execute('select seep', [], few));
    await waitFor(() => stand.backend.breaks.length === 4, { pollMs: 1 });
    held.open();
    expect((await seep).message).toMatch(/NJS-123/);
    connection.callTimeout = 0;
    await works();
  });

  const calls: readonly [Call['name'], (client: DriverConnection) => Promise<unknown>][] = [
    ['execute', (client) => client.execute('select 1 from dual')],
    ['execute', (client) => client.execute('begin block(:o); end;', [{ dir: oracledb.BIND_OUT }])],
    ['fetch', (client) => client.execute('select many', [], { fetchArraySize: 10 })],
    ['commit', (client) => client.commit()],
    ['rollback', (client) => client.rollback()],
    ['ping', (client) => client.ping()],
    ['lob', (client) => client.createLob(oracledb.CLOB)],
  ];

  test.each(calls)('loss before and after the call %s', async (name, call) => {
    const rows = Array.from({ length: 500 }, (_, i) => [i]);
    stand.on(/many/, () => ({ columns: NUMBERS, rows }));
    stand.on(/block/, () => ({ outBinds: ['x'] }));
    for (const at of ['before', 'after'] as const) {
      const client = await stand.open();
      await client.execute('insert into t (id, name) values (1, 2)');
      const stop = stand.inject(name, { kind: 'drop', at });
      const error = await failureOf(call(client));
      stop();
      expect(error.message).toMatch(LOST);
      expect(error.isRecoverable).toBe(true);
      expect((await failureOf(client.ping())).message).toMatch(LOST);
      await waitFor(() => stand.server.sessions.length === 1);
      const isCommitted = name === 'commit' && at === 'after';
      expect(stand.backend.table).toHaveLength(isCommitted ? 1 : 0);
      stand.backend.table = [];
    }
    await works();
  });

  test('loss at every call of a logon', async () => {
    for (const name of ['connect', 'auth'] as const) {
      for (const at of ['before', 'after'] as const) {
        const stop = stand.inject(name, { kind: 'drop', at });
        const error = await failureOf(stand.open());
        stop();
        expect(error.message).toMatch(LOST);
      }
    }
    await waitFor(() => stand.server.sessions.length === 1);
    await works();
  });

  test.each(['before', 'after'] as const)('an error can be injected %s a call', async (at) => {
    const stop = stand.inject('execute', { kind: 'error', error: { code: 54 }, at });
    const error = await failureOf(connection.execute('select 1 from dual'));
    stop();
    expect(error.message).toMatch(/^ORA-00054/);
    expect(stand.backend.log).toHaveLength(at === 'after' ? 1 : 0);
    await works();
  });

  const endlessFaults: readonly Fault[] = [
    { kind: 'hang' },
    { kind: 'delay', delayMs: 60_000 },
    { kind: 'hold', until: new Promise(() => {}) },
  ];

  test.each(endlessFaults)(
    'a break ends the fault %o, before a call and after it',
    async (fault) => {
      for (const at of ['before', 'after'] as const) {
        const seen = stand.calls.length;
        const run = stand.backend.log.length;
        const stop = stand.inject('execute', { ...fault, at });
        const call = failureOf(connection.execute('select 1 from dual'));
        await waitFor(() => stand.calls.length > seen, { pollMs: 1 });
        if (at === 'after') await waitFor(() => stand.backend.log.length > run, { pollMs: 1 });
        await connection.break();
        expect(await call).toMatchObject({ errorNum: 1013 });
        stop();
        expect(stand.backend.log).toHaveLength(at === 'after' ? run + 1 : run);
        await works();
      }
    },
  );

  test('a held call goes on when it is let go', async () => {
    const held = gate();
    const stop = stand.inject('execute', { kind: 'hold', until: held.opened });
    const call = connection.execute('select 1 from dual');
    await waitFor(() => stand.calls.length > 0);
    expect(stand.backend.log).toHaveLength(0);
    held.open();
    expect((await call).rows).toEqual([['X']]);
    stop();
  });

  test('a server that answers not even a break keeps the driver waiting until the socket dies', async () => {
    const { begun } = endless();
    stand.inject('break', { kind: 'hang' });
    const call = failureOf(connection.execute('begin endless; end;'));
    await begun();
    await connection.break();
    await waitFor(() => stand.calls.some(({ name }) => name === 'break'));
    await works(await stand.open());
    await stand.server.kill(stand.backend.log[0]?.session ?? stand.lastSession());
    expect((await call).message).toMatch(LOST);
  });
});

/** Lets the loop of events turn so many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
