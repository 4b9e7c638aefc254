import type { Place, Report } from '../problem.ts';

/** One use of a name or number that may be used once only. */
export interface Use {
  /** What is compared; undefined where the file does not tell it. */
  readonly key: string | number | undefined;
  /** What it is called in the message, for instance `Task "purge_rows"`. */
  readonly called: string;
  readonly place: Place;
}

/** Reports every use but the first of the same key. Letter case does not make names different. */
export function reportDuplicates(uses: readonly Use[], remedy: string, report: Report): void {
  const first = new Map<string, Use>();
  for (const use of uses) {
    if (use.key === undefined) continue;
    const key = String(use.key).toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, use);
      continue;
    }
    const { file, line } = earlier.place;
    report(use.place, `${use.called} is already defined in ${file}, line ${line}. ${remedy}`);
  }
}
