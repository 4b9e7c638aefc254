import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import type { StatementRecord } from '../../../src/core/run/log-records.ts';
import {
  type Attachment,
  type Target,
  TargetError,
  type UnitSession,
} from '../../../src/ports/target.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';
import type { Call, Fault } from '../../support/orawire/server.ts';

const UNIT = callOf('three_rows');
const WRITTEN = ['three 1', 'three 2', 'three 2', 'three 3', 'three 3', 'three 3'];
const MOST_LIVES = 5;
/** Some forty lives, each of which loses a connection. */
const ALL_CALLS_MS = 240_000;

/** What a controller does in the life of one unit: it begins anew whenever it has lost what it works with. */
class Life {
  readonly shipped: StatementRecord[] = [];
  private readonly stand: Stand;
  private tries = 0;
  /** The repository has everything: from here on it knows that the unit is done. */
  private isShipped = false;

  constructor(fixture: StandInFixture) {
    this.stand = new Stand(fixture);
  }

  async live(): Promise<void> {
    for (let lives = 1; ; lives += 1) {
      const target = await this.orNull(this.stand.connect());
      try {
        if (target !== null) return await this.once(target);
      } catch (error) {
        if (!isLoss(error) || lives >= MOST_LIVES) throw error;
      }
    }
  }

  async close(): Promise<void> {
    await this.stand.close();
  }

  private async once(target: Target): Promise<void> {
    const attachment = await this.stand.attachTo(target);
    const session = await attachment.session();
    if (!this.isShipped) await this.work(attachment, session);
    await attachment.acknowledge([UNIT.unit]);
    await attachment.fold('', 2);
    expect(await attachment.recordedUnits()).toHaveLength(0);
  }

  private async work(attachment: Attachment, session: UnitSession): Promise<void> {
    if ((await attachment.outcome(UNIT.unit)) !== 'done') await this.unit(attachment, session);
    await attachment.record();
    this.ship(await attachment.unacknowledged(100, UNIT.unit));
    this.isShipped = true;
  }

  /** As the executor does: what is lost is replaced, and then the record says what became of the unit. */
  private async unit(attachment: Attachment, first: UnitSession): Promise<void> {
    for (let session = first; ; session = await attachment.session(session)) {
      this.tries += 1;
      const { error } = await run(session, { ...UNIT, try: this.tries });
      if (error === null) return;
      if (error.kind !== 'lost') throw error;
    }
  }

  /** Shipped twice, a row is the same: its key decides. */
  private ship(statements: readonly StatementRecord[]): void {
    for (const record of statements)
      if (!this.shipped.some(({ seq }) => seq === record.seq)) this.shipped.push(record);
  }

  private async orNull(connecting: Promise<Target>): Promise<Target | null> {
    try {
      return await connecting;
    } catch (error) {
      if (isLoss(error)) return null;
      throw error;
    }
  }
}

function isLoss(error: unknown): boolean {
  return (
    (error instanceof TargetError && error.kind === 'lost') ||
    isOdtmError(error, 'TARGET_UNREACHABLE')
  );
}

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
        const shipped = life.shipped.map(({ seq, status, rows }) => [seq, status, rows]);
        expect(shipped, what).toEqual([
          [1, 'committed', 1],
          [2, 'committed', 2],
          [3, 'committed', 3],
        ]);
      }
    },
  );
});
