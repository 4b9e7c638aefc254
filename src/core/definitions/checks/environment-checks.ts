import { durationMs } from '../duration.ts';
import type { Place, Report } from '../problem.ts';
import type { Entry, EnvironmentSource } from '../source.ts';
import { reportDuplicates } from './duplicates.ts';

/** Finds what is wrong with the environments as a whole. */
export function checkEnvironments(
  entries: readonly Entry<EnvironmentSource>[],
  report: Report,
): void {
  const ids = entries.map((entry) => ({
    key: entry.value.id,
    called: `Environment id ${entry.value.id}`,
    place: entry.placeOf(['id']),
  }));
  const codes = entries.map((entry) => ({
    key: entry.value.code,
    called: `Environment "${entry.value.code}"`,
    place: entry.placeOf(['code']),
  }));
  reportDuplicates(ids, 'Give each environment an id of its own.', report);
  reportDuplicates(codes, 'Give each environment a code of its own.', report);
  for (const entry of entries) {
    checkDuration(entry.value.max_duration, entry.placeOf(['max_duration']), report);
  }
}

/** A maximum duration of nothing would stop every stream before its first unit. */
export function checkDuration(text: string | null | undefined, place: Place, report: Report): void {
  if (text !== null && text !== undefined && durationMs(text) === 0) {
    report(
      place,
      `"max_duration" is ${text}, which is no time at all. Give a longer one, or leave it out.`,
    );
  }
}
