import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TargetErrorKind } from '../../../src/ports/target.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { callOf, run, Stand, sqlCall } from '../../conformance/target/stand.ts';

/** What a server says, with the stack below as it writes it, and what the adapter makes of it. */
const CASES: readonly [code: number, message: string, kind: TargetErrorKind, rest: object][] = [
  [60, 'deadlock detected while waiting for resource', 'retryable', { code: 'ORA-00060' }],
  [8177, "can't serialize access for this transaction", 'retryable', { code: 'ORA-08177' }],
  [
    1653,
    'unable to extend table APP.ORDERS by 128 in tablespace USERS',
    'failed',
    { code: 'ORA-01653', hint: expect.stringMatching(/USERS has no room for table APP\.ORDERS/) },
  ],
  [1555, 'snapshot too old', 'failed', { hint: expect.stringMatching(/UNDO_RETENTION/) }],
  [
    942,
    'table or view does not exist\nORA-06512: at "ODTM.CONF", line 7\nORA-06512: at line 3',
    'failed',
    {
      code: 'ORA-00942',
      message: 'table or view does not exist',
      file: '20-body.sql',
      line: 7,
      context: 'ORA-06512: at "ODTM.CONF", line 7\nORA-06512: at line 3',
    },
  ],
  [28, 'your session has been killed', 'lost', {}],
  [3135, 'connection lost contact', 'lost', {}],
  [1089, 'immediate shutdown or close in progress', 'lost', {}],
  [20_409, 'Attempt 1 of stream x is over', 'fenced', { code: 'ORA-20409' }],
  [20_410, 'Nothing tells whether: RENAME a TO b', 'in_doubt', { code: 'ODTM-3008' }],
  [1013, 'user requested cancel of current operation', 'failed', { code: 'ORA-01013' }],
];

describe('errors of oracle, as the driver hands them on', () => {
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

  test.each(CASES)('ORA-%i: %s', async (code, message, kind, failure) => {
    const session = await (await stand.attach()).session();
    const text = `ORA-${String(code).padStart(5, '0')}: ${message}`;
    fixture.standIn.inject(({ sql }) =>
      sql?.includes('dom$run.claim(')
        ? { kind: 'error', error: { code, message: text } }
        : undefined,
    );
    const { error } = await run(session, callOf('write_row'));
    expect(error).toMatchObject({ kind, failure });
  });

  test('a statement that commits by itself is a unit like others, and is not done twice', async () => {
    const attachment = await stand.attach();
    const session = await attachment.session();
    await run(session, callOf('write_row'));
    const unit = sqlCall(`${fixture.texts.commitsByItself};`);
    const { result, statements } = await run(session, unit);
    expect(result).toMatchObject({ outcome: 'done', statements: 1 });
    expect(statements).toMatchObject([{ text: fixture.texts.commitsByItself, status: 'executed' }]);
    expect(await fixture.written()).toEqual([]);
    await run(session, callOf('write_row', { key: { iteration: 2 } }));
    expect((await run(session, { ...unit, try: 2 })).result?.outcome).toBe('recorded');
    expect(await fixture.written()).toEqual(['row']);
  });
});
