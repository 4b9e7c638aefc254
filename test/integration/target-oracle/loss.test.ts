import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { Stand } from '../../conformance/target/stand.ts';
import type { Call, Fault } from '../../support/orawire/server.ts';
import { Life, SHIPPED, WRITTEN } from '../loss/life.ts';

/** Some forty lives, each of which loses a connection. */
const ALL_CALLS_MS = 240_000;

describe('a connection to oracle that is lost at any call of a unit’s life', () => {
  let fixture: StandInFixture;
  let life: Life;
  let calls: Call[];

  beforeAll(async () => {
    // The wire of 23ai; the suite of all targets runs on that of 19c.
    fixture = await oracleFixture({ profile: '23' });
    const stand = new Stand(fixture);
    await (await stand.connect()).install({ package: fixture.package, acceptDrift: false });
    await stand.close();
    fixture.standIn.calls.length = 0;
    const undisturbed = new Life(fixture);
    await undisturbed.live();
    await undisturbed.close();
    calls = [...fixture.standIn.calls];
  });
  afterEach(async () => {
    fixture.standIn.inject(() => undefined);
    await life.close();
  });
  afterAll(() => fixture.drop());

  /** Cuts the connection at the call of that number, once. */
  function cutAt(number: number, at: 'before' | 'after'): () => boolean {
    let seen = 0;
    let isCut = false;
    fixture.standIn.inject((): Fault | undefined => {
      seen += 1;
      if (seen !== number) return undefined;
      isCut = true;
      return { kind: 'drop', at };
    });
    return () => isCut;
  }

  test.each(['before', 'after'] as const)(
    '%s it took effect: exactly once',
    { timeout: ALL_CALLS_MS },
    async (at) => {
      const names = calls.map(({ name }) => name);
      expect(names.filter((name) => name === 'execute').length).toBeGreaterThan(12);
      for (const name of ['connect', 'auth', 'commit', 'logoff']) expect(names).toContain(name);
      for (const [index, call] of calls.entries()) {
        const what = `${at} call ${index + 1}, ${call.name} ${call.sql?.slice(0, 80) ?? ''}`;
        const before = (await fixture.written()).length;
        const isCut = cutAt(index + 1, at);
        life = new Life(fixture);
        await life.live();
        await life.close();
        expect(isCut(), what).toBe(true);
        expect((await fixture.written()).slice(before), what).toEqual(WRITTEN);
        expect(life.shipped, what).toEqual(SHIPPED);
      }
    },
  );
});
