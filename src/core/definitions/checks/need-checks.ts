import { ENGINES } from '../../engine.ts';
import { OBJECT_OF_TASK, privilegeText } from '../privilege.ts';
import type { Report } from '../problem.ts';
import type { Entry, OperationSource, Path } from '../source.ts';
import { reportDuplicates } from './duplicates.ts';

type OperationEntry = Entry<OperationSource>;

/** Finds privileges that a task names twice, and those on objects that the operation has not. */
export function checkNeeds(entry: OperationEntry, report: Report): void {
  (entry.value.tasks ?? []).forEach((task, index) => {
    for (const engine of ENGINES) {
      const path = ['tasks', index, 'needs', engine];
      checkPrivileges(task?.needs?.[engine], path, entry, report);
    }
  });
}

function checkPrivileges(
  texts: readonly (string | undefined)[] | null | undefined,
  path: Path,
  entry: OperationEntry,
  report: Report,
): void {
  const places = (texts ?? []).map((text, index) => ({
    text: text ?? '',
    place: entry.placeOf([...path, index]),
  }));
  const uses = places.map(({ text, place }) => ({
    key: text === '' ? undefined : privilegeText(text),
    called: `Privilege "${text}"`,
    place,
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
  if ((entry.value.objects ?? []).length > 0) return;
  for (const { text, place } of places) {
    if (!text.endsWith(OBJECT_OF_TASK)) continue;
    report(
      place,
      `"${text}" is of "${OBJECT_OF_TASK}", but the operation has no objects. ` +
        'Name the object, or add "objects".',
    );
  }
}
