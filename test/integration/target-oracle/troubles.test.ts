import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import { openConnection } from '../../../src/targets/oracle/connection.ts';
import { oracleParts } from '../../../src/targets/oracle/parts.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { callOf, run, Stand, sqlCall } from '../../conformance/target/stand.ts';
import type { Call, Fault } from '../../support/orawire/server.ts';
import { waitFor } from '../../support/wait-for.ts';

const DISCARDED = {
  code: 4068,
  message:
    'ORA-04068: existing state of packages has been discarded\n' +
    'ORA-04065: not executed, altered or dropped package body "ODTM.CONF"',
};

describe('troubles on oracle', () => {
  let fixture: StandInFixture;
  let stand: Stand;

  beforeAll(async () => {
    fixture = await oracleFixture();
  });
  beforeEach(() => {
    stand = new Stand(fixture);
  });
  afterEach(async () => {
    fixture.standIn.inject(() => undefined);
    await stand.close();
  });
  afterAll(() => fixture.drop());

  function options(changes: object = {}) {
    const { instance, secret } = fixture;
    return { instance, secret, connectTimeoutMs: 10_000, ...changes };
  }

  function isUnit({ sql }: Call): boolean {
    return sql?.includes('dom$run.claim(') === true;
  }

  /** Injects a fault into the next call that is meant. */
  function once(isMeant: (call: Call) => boolean, fault: Fault): void {
    let isOver = false;
    fixture.standIn.inject((call) => {
      if (isOver || !isMeant(call)) return undefined;
      isOver = true;
      return fault;
    });
  }

  function unitCalls(): number {
    return fixture.standIn.calls.filter(isUnit).length;
  }

  test('a unit with its answer and its events is one round trip', async () => {
    const session = await (await stand.attach()).session();
    await run(session, callOf('write_row'));
    fixture.standIn.calls.length = 0;
    const { statements } = await run(session, callOf('three_rows'));
    expect(statements.map(({ status }) => status)).toEqual(['executed', 'executed', 'executed']);
    const own = fixture.standIn.calls.filter(({ sql }) => !sql?.includes('FETCH FIRST'));
    expect(own.map(({ name }) => name)).toEqual(['execute']);
    expect(isUnit(own[0] as Call)).toBe(true);
  });

  test('events that are too long for the answer are read from the log, in full', async () => {
    const session = await (await stand.attach()).session();
    const sql = `/* ${'long '.repeat(4_000)}*/ ${fixture.texts.insertPlain}`.replace(';', '');
    const { result, statements } = await run(session, sqlCall(sql));
    expect(result?.statements).toBe(1);
    expect(statements).toMatchObject([{ text: sql, status: 'executed', rows: 1 }]);
  });

  test('a package compiled anew beneath a session is met with a fresh session', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    await run(session, callOf('write_row'));
    once(isUnit, { kind: 'error', error: DISCARDED });
    const first = await run(session, callOf('three_rows'));
    expect(first.error).toMatchObject({ kind: 'lost', failure: { code: 'ORA-04068' } });
    const fresh = await attachment.session(session);
    expect((await run(fresh, callOf('three_rows', { try: 2 }))).result?.outcome).toBe('done');
  });

  test('met by a fresh session again, it is an error like others, and no reason for another', async () => {
    const session = await (await stand.attach()).session();
    once(isUnit, { kind: 'error', error: DISCARDED });
    const { error } = await run(session, callOf('write_row'));
    expect(error).toMatchObject({ kind: 'retryable', failure: { code: 'ORA-04068' } });
    expect(error?.failure.hint).toMatch(/compiled anew/);
  });

  test('outside of units the call is made once more, and only once', async () => {
    const attachment = await stand.attach();
    await run(await attachment.session(), callOf('iterator'));
    await attachment.acknowledge([callOf('iterator').unit]);
    const isFold = ({ sql }: Call): boolean => sql?.includes('dom$control.fold(') === true;
    once(isFold, { kind: 'error', error: DISCARDED });
    await attachment.fold('', 2);
    expect(await attachment.recordedUnits()).toEqual([]);
    fixture.standIn.calls.length = 0;
    fixture.standIn.inject((call) =>
      isFold(call) ? { kind: 'error', error: DISCARDED } : undefined,
    );
    await expect(attachment.fold('', 3)).rejects.toMatchObject({ kind: 'retryable' });
    expect(fixture.standIn.calls.filter(isFold)).toHaveLength(2);
  });

  test('an answer that never arrives is noticed: the session is idle on the server', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    once(isUnit, { kind: 'hang', at: 'after' });
    const { error } = await run(session, callOf('write_row'));
    expect(error?.kind).toBe('lost');
    expect(error?.message).toMatch(/gone on the server/);
    await attachment.session(session);
    expect(await attachment.outcome(callOf('write_row').unit)).toBe('done');
  });

  test('without ALTER SYSTEM nothing is ended, and it is asked for once', async () => {
    const monitor = await openConnection(options(), { label: 'odtm monitor', autocommit: true });
    const denied = { code: 1031, message: 'insufficient privileges' };
    const isAlter = ({ sql }: Call): boolean => sql?.startsWith('ALTER SYSTEM') === true;
    fixture.standIn.inject((call) =>
      isAlter(call) ? { kind: 'error', error: denied } : undefined,
    );
    fixture.standIn.calls.length = 0;
    await oracleParts.kill(monitor, monitor.serverSession);
    await oracleParts.kill(monitor, monitor.serverSession);
    expect(fixture.standIn.calls.filter(isAlter)).toHaveLength(1);
    await monitor.close();
  });

  test('a session that is gone already is as good as ended; another error is none', async () => {
    const monitor = await openConnection(options(), { label: 'odtm monitor', autocommit: true });
    await oracleParts.kill(monitor, '00AB0001 999999,1,@1');
    fixture.standIn.inject(({ sql }) =>
      sql?.startsWith('ALTER SYSTEM') ? { kind: 'error', error: { code: 600 } } : undefined,
    );
    const failing = oracleParts.kill(monitor, '00AB0001 999999,1,@1');
    await expect(failing).rejects.toMatchObject({ failure: { code: 'ORA-00600' } });
    await expect(oracleParts.kill(monitor, 'nobody')).rejects.toThrow(/"nobody" names no session/);
    await monitor.close();
  });

  test('a statement that somebody else has cancelled is a failure: it was not us', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    const monitor = await openConnection(options(), { label: 'odtm monitor', autocommit: true });
    const [backing] = fixture.standIn.running(/dom\$run\.claim/);
    await monitor.execute(
      `ALTER SYSTEM CANCEL SQL '${backing?.id}, ${backing?.session.serial}, @1'`,
    );
    const { error } = await running;
    expect(error).toMatchObject({ kind: 'failed', failure: { code: 'ORA-01013' } });
    await open();
    await monitor.close();
  });

  test('a break of which nothing comes: ALTER SYSTEM, and then the connection is cut', async () => {
    const open = (label: string) => openConnection(options(), { label, autocommit: true });
    const [monitor, stuck] = [await open('odtm monitor'), await open('odtm stuck')];
    fixture.standIn.inject(({ name, sql }) =>
      name === 'break' || sql?.includes('stuck') ? { kind: 'hang' } : undefined,
    );
    const query = stuck.query('SELECT 1 AS stuck FROM dual');
    const rejected = query.then(
      () => null,
      (error: unknown) => error,
    );
    const isCancel = ({ sql }: Call): boolean => sql?.startsWith('ALTER SYSTEM CANCEL') === true;
    await waitFor(async () => {
      await oracleParts.cancel(monitor, stuck);
      return fixture.standIn.calls.some(isCancel);
    });
    await stuck.close();
    expect(await rejected).toMatchObject({ kind: 'lost' });
    const other = await open('odtm stuck');
    const again = other.query('SELECT 1 AS stuck FROM dual');
    await other.cancel(50);
    await expect(again).rejects.toMatchObject({
      kind: 'lost',
      message: expect.stringMatching(/not ended a cancelled call for 0\.05 s/),
    });
    await monitor.close();
  });

  test('no preview: what runs here cannot be taken back', async () => {
    const preview = stand.attach(1, { preview: 'rollback' });
    await expect(preview).rejects.toSatisfy((error) => isOdtmError(error, 'PREVIEW_UNSUPPORTED'));
    expect(unitCalls()).toBeGreaterThan(0);
  });
});
