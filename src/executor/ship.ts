import { type UnitKey, unitId } from '../core/run/unit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Attachment } from '../ports/target.ts';
import type { StreamLog } from './stream-log.ts';

const FIRST_PAGE = 2_000;

export interface ShipParts {
  readonly attachment: Attachment;
  readonly log: StreamLog;
  readonly clock: Clock;
  /** How long to wait before an away repository is tried again. */
  readonly retryMs: number;
  readonly mayGoOn: () => Promise<void>;
}

/**
 * Takes committed statements that the target still has to the repository, and then lets the target delete
 * them; of the whole stream, or of one unit whose events were missed.
 */
export async function shipStatements(parts: ShipParts, unit?: UnitKey): Promise<void> {
  let limit = FIRST_PAGE;
  for (;;) {
    const page = await parts.attachment.unacknowledged(limit, unit);
    if (page.length === 0) return;
    const isLast = page.length < limit;
    const whole = wholeUnits(
      page.map((record) => record.unit),
      isLast,
    );
    if (whole.length === 0) {
      limit *= 4;
      continue;
    }
    const ids = new Set(whole.map(unitId));
    parts.log.shipped(page.filter((record) => ids.has(unitId(record.unit))));
    await writtenForSure(parts);
    await parts.attachment.acknowledge(whole);
    if (isLast) return;
  }
}

/** The units of a page that are in it with all their statements: all but the last one of a full page. */
function wholeUnits(units: readonly UnitKey[], isLast: boolean): readonly UnitKey[] {
  const distinct = [...new Map(units.map((unit) => [unitId(unit), unit])).values()];
  return isLast ? distinct : distinct.slice(0, -1);
}

/** Waits until the repository has all that is in the log's buffer. */
export async function writtenForSure(parts: Omit<ShipParts, 'attachment'>): Promise<void> {
  while (!(await parts.log.flush())) {
    await parts.mayGoOn();
    await parts.clock.sleep(parts.retryMs);
  }
}
