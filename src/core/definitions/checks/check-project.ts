import type { Report } from '../problem.ts';
import type { ProjectSource } from '../source.ts';
import { checkEnvironments } from './environment-checks.ts';
import { checkInstances } from './instance-checks.ts';
import { knownOf } from './known.ts';
import { checkOperations } from './operation-checks.ts';
import { checkPackages } from './package-checks.ts';

/** Finds everything that is wrong with a project beyond the shape of its files. */
export function checkProject(project: ProjectSource, report: Report): void {
  const known = knownOf(project);
  checkEnvironments(project.environments, report);
  checkInstances(project.instances, known, report);
  checkOperations(project.operations, known, report);
  checkPackages(project, report);
}
