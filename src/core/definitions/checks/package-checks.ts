import { IDENTIFIER_PATTERN, isReservedPackageName } from '../names.ts';
import type { Report } from '../problem.ts';
import type { ProjectSource } from '../source.ts';

/** Finds what is wrong with the names of packages. */
export function checkPackages(project: ProjectSource, report: Report): void {
  for (const name of project.packageNames) {
    const place = { file: `packages/${name}`, line: 1, column: 1 };
    if (!IDENTIFIER_PATTERN.test(name)) {
      report(
        place,
        `Package name "${name}" does not fit every engine. Use a to z, 0 to 9 and _, a letter first.`,
      );
    } else if (isReservedPackageName(name)) {
      report(
        place,
        `Package name "${name}" belongs to the framework or to an engine. Rename the package.`,
      );
    }
  }
}
