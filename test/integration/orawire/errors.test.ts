import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DriverResultSet, oracledb } from '../../support/orawire/driver.ts';
import type { Column } from '../../support/orawire/server.ts';
import { failureOf, PROFILE_NAMES, PROFILES, Stand } from './stand.ts';

const NUMBERS: Column[] = [{ name: 'A', type: 'NUMBER' }];

describe.each(PROFILE_NAMES)('errors and sessions: %s', (profile) => {
  let stand: Stand;

  beforeEach(async () => {
    stand = await Stand.start(PROFILES[profile]);
  });

  afterEach(async () => {
    expect(await stand.stop()).toEqual([]);
  });

  test('an error has code, message and offset, and leaves connection and statement usable', async () => {
    const { connection } = stand;
    for (let time = 0; time < 3; time++) {
      const error = await failureOf(connection.execute('select * from nosuch'));
      expect(error).toMatchObject({ errorNum: 942, code: 'ORA-00942', offset: 14 });
      expect(error.message).toMatch(/^ORA-00942: table or view does not exist/);
      expect(error.isRecoverable).not.toBe(true);
    }
    const insert = 'insert into t (id, name) values (:id, :name)';
    await connection.execute(insert, { id: 1, name: 'a' });
    const duplicate = await failureOf(connection.execute(insert, { id: 1, name: 'a' }));
    expect(duplicate).toMatchObject({ errorNum: 1, code: 'ORA-00001' });
    expect((await connection.execute(insert, { id: 2, name: 'b' })).rowsAffected).toBe(1);
    const stack = 'ORA-20001: custom ä error\nORA-06512: at "SCOTT.P", line 1';
    stand.on(/boom/, () => {
      throw { code: 20001, message: stack };
    });
    const raised = await failureOf(connection.execute('begin boom; end;'));
    expect(raised.errorNum).toBe(20001);
    expect(raised.message).toContain(stack);
    expect((await connection.execute('select 1 from dual')).rows).toEqual([['X']]);
  });

  test('an error amid the rows fails the fetch, and so does a value that cannot be encoded', async () => {
    const { connection } = stand;
    stand.on(/latefail/, () => ({
      columns: NUMBERS,
      rows: (function* () {
        yield [1];
        yield [2];
        throw { code: 1555, message: 'snapshot too old' };
      })(),
    }));
    const late = await failureOf(connection.execute('select latefail'));
    expect(late).toMatchObject({ errorNum: 1555 });
    stand.on(/nonsense/, () => ({ columns: NUMBERS, rows: [['no number']] }));
    const nonsense = await failureOf(connection.execute('select nonsense'));
    expect(nonsense).toMatchObject({ errorNum: 1722 });
    expect((await connection.execute('select 1 from dual')).rows).toEqual([['X']]);
  });

  test('DDL, the warning "compiled with errors", and a description without execution', async () => {
    const { backend, connection } = stand;
    for (let time = 0; time < 2; time++) await connection.execute('create table x (a number)');
    stand.on(/procedure bad/, () => ({ compileWarning: true }));
    const bad = 'create or replace procedure bad as begin null end;';
    expect((await connection.execute(bad)).warning.message).toMatch(/compilation errors/);
    const query = await connection.getStatementInfo('select id, name from t where id = :x');
    expect(query).toMatchObject({ statementType: oracledb.STMT_TYPE_SELECT, bindNames: ['X'] });
    expect(query.metaData.map(({ name }) => name)).toEqual(['ID', 'NAME']);
    expect(backend.last().describeOnly).toBe(true);
    const before = backend.log.length;
    const statement = await connection.getStatementInfo('delete from t');
    expect(statement.statementType).toBe(oracledb.STMT_TYPE_DELETE);
    expect(backend.log).toHaveLength(before);
  });

  test('a statement is sent once; cursors that the driver forgets are closed', async () => {
    const { calls, connection } = stand;
    for (let k = 0; k < 5; k++) await connection.execute('select id from t where 1 = :k', [k]);
    const again = calls
      .filter(({ name }) => name === 'execute')
      .map(({ detail }) => (detail as { isReexecute: boolean }).isReexecute);
    expect(again).toEqual([false, true, true, true, true]);
    expect(stand.lastSession().openCursors).toBe(1);
    for (let k = 0; k < 60; k++) await connection.execute(`select id from t where ${k} = ${k}`);
    await connection.ping();
    expect(stand.lastSession().openCursors).toBeLessThanOrEqual(31);
    expect(calls.some(({ name }) => name === 'closeCursors')).toBe(true);
  });

  test('too many cursors are ORA-01000, until some are closed', async () => {
    const { connection } = stand;
    stand.on(/leak/, () => ({ columns: NUMBERS, rows: [[1], [2], [3]] }));
    const held: DriverResultSet[] = [];
    const leak = async () => {
      for (let k = 0; k < 310; k++) {
        const { resultSet } = await connection.execute(`select leak ${k}`, [], { resultSet: true });
        held.push(resultSet);
      }
    };
    expect(await failureOf(leak())).toMatchObject({ errorNum: 1000 });
    for (const resultSet of held) await resultSet.close();
    await connection.ping();
    expect((await connection.execute('select leak after')).rows).toEqual([[1], [2], [3]]);
  });

  test('module, action, client and schema of the session are those that the client sets', async () => {
    const { calls, connection } = stand;
    const metrics = {
      module: 'mod',
      action: 'act-é',
      clientId: 'cid',
      clientInfo: 'info',
      dbOp: 'op',
    };
    Object.assign(connection, metrics);
    await connection.execute('select 1 from dual');
    const session = stand.lastSession();
    expect(session).toMatchObject(metrics);
    expect(stand.backend.last().session).toBe(session);
    connection.action = '';
    connection.currentSchema = 'OTHER';
    await connection.ping();
    expect(session).toMatchObject({ module: 'mod', action: '', schema: 'OTHER' });
    expect(calls.some(({ name }) => name === 'metrics')).toBe(true);
  });

  test('30 sessions at once do not mix', async () => {
    stand.on(/who/, async ({ session, binds }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const columns: Column[] = [
        { name: 'S', type: 'NUMBER' },
        { name: 'V', type: 'VARCHAR2' },
      ];
      const count = Number(session.store.get('count') ?? 0) + 1;
      session.store.set('count', count);
      return { columns, rows: [[session.id * 1000 + count, binds[0]?.value]] };
    });
    const connections = await Promise.all(Array.from({ length: 30 }, () => stand.open()));
    const seen = await Promise.all(
      connections.map(async (connection, i) => {
        const answers: unknown[] = [];
        for (let k = 0; k < 20; k++) {
          const { rows } = await connection.execute('select who(:v)', [`${i}.${k}`]);
          answers.push(rows[0]);
        }
        return answers as [number, string][];
      }),
    );
    for (const [i, answers] of seen.entries()) {
      const first = answers[0]?.[0] ?? 0;
      expect(answers).toEqual(answers.map((_, k) => [first + k, `${i}.${k}`]));
    }
    expect(stand.server.sessions).toHaveLength(31);
  });
});

test('what is no error of Oracle is told as ORA-00604, and kept for the author of the backend', async () => {
  const stand = await Stand.start();
  const bug = new TypeError('backend bug');
  stand.on(/bug/, () => {
    throw bug;
  });
  const error = await failureOf(stand.connection.execute('select bug'));
  expect(error.message).toMatch(/^ORA-00604: .*\nbackend bug/);
  expect(await stand.stop()).toEqual([bug]);
});
