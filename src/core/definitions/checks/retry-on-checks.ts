import { errorCode } from '../error-code.ts';
import type { Report } from '../problem.ts';
import type { Entry, OperationSource, Path } from '../source.ts';
import { reportDuplicates } from './duplicates.ts';

type OperationEntry = Entry<OperationSource>;

/** Finds error codes that stand twice in a list, however they are written. */
export function checkRetryOn(entry: OperationEntry, report: Report): void {
  checkCodes(entry.value.retry_on, ['retry_on'], entry, report);
  (entry.value.tasks ?? []).forEach((task, index) => {
    checkCodes(task?.retry_on, ['tasks', index, 'retry_on'], entry, report);
  });
}

function checkCodes(
  codes: readonly (string | undefined)[] | null | undefined,
  path: Path,
  entry: OperationEntry,
  report: Report,
): void {
  const uses = (codes ?? []).map((text, index) => ({
    key: text === undefined ? undefined : errorCode(text),
    called: `Error code "${text}"`,
    place: entry.placeOf([...path, index]),
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
}
