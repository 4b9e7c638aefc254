import type { Connection } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { mariadbFixture } from '../../conformance/target/mariadb-fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';
import { hasMariadb, rootConnection } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';

describe.skipIf(!hasMariadb())('a late cancel on mariadb', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Connection;

  beforeAll(async () => {
    fixture = await mariadbFixture();
    stand = new Stand(fixture);
    dba = await rootConnection();
  });
  afterAll(async () => {
    await dba.end();
    await stand.close();
    await fixture.drop();
  });

  /** Resolves when a session waits to read the log's events, which a unit does behind its commit. */
  async function someoneReadsEvents(): Promise<void> {
    await waitFor(async () => {
      const rows = await dba.query(
        `SELECT 1 FROM information_schema.processlist
         WHERE info LIKE 'SELECT l.event_no%' AND state LIKE 'Waiting for table metadata lock'`,
      );
      return rows.length;
    });
  }

  test('it finds the unit committed: done, with its statements, and done once', async () => {
    const session = await (await stand.attach()).session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    // The lock is given as soon as the unit's transaction ends, before the unit can read its events.
    const locker = await rootConnection(fixture.instance.database);
    const locked = locker.query('LOCK TABLES dom$log WRITE');
    await waitFor(async () => {
      const rows = await dba.query(
        `SELECT 1 FROM information_schema.processlist WHERE info LIKE 'LOCK TABLES dom$log%'`,
      );
      return rows.length;
    });
    await open();
    await locked;
    await someoneReadsEvents();
    await session.cancel();
    await locker.query('UNLOCK TABLES');
    await locker.end();
    const { result, error, statements } = await running;
    expect(error).toBeNull();
    expect(result).toMatchObject({ outcome: 'done', recordedOutcome: 'done', statements: 3 });
    expect(statements.map(({ status }) => status)).toEqual(['executed', 'executed', 'executed']);
    expect(await fixture.written()).toEqual(['before the gate', 'behind the gate']);
    const again = await run(session, callOf('hold', { try: 2 }));
    expect(again.result?.outcome).toBe('recorded');
  });
});
