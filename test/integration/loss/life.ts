import { expect } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import type { StatementRecord } from '../../../src/core/run/log-records.ts';
import {
  type Attachment,
  type Target,
  TargetError,
  type UnitSession,
} from '../../../src/ports/target.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';

const UNIT = callOf('three_rows');
const MOST_LIVES = 5;

/** What the unit of a life leaves, once. */
export const WRITTEN = ['three 1', 'three 2', 'three 2', 'three 3', 'three 3', 'three 3'];

/** Sequence, status and rows of the statements that a life ships, once each. */
export const SHIPPED = [
  [1, 'committed', 1],
  [2, 'committed', 2],
  [3, 'committed', 3],
];

/** What a controller does in the life of one unit: it begins anew whenever it has lost what it works with. */
export class Life {
  private readonly records: StatementRecord[] = [];
  private readonly stand: Stand;
  private tries = 0;
  /** The repository has everything: from here on it knows that the unit is done. */
  private isShipped = false;

  constructor(fixture: TargetFixture) {
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

  /** Sequence, status and rows of what has been shipped. */
  get shipped(): unknown[][] {
    return this.records.map(({ seq, status, rows }) => [seq, status, rows]);
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
      if (!this.records.some(({ seq }) => seq === record.seq)) this.records.push(record);
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
