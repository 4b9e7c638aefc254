import type { PackageVersion } from '../model.ts';
import type { InstanceSource, Partly, ProjectSource } from '../source.ts';

/** What references may point to, also where what they point to has problems of its own. */
export interface Known {
  readonly environments: readonly string[];
  readonly instances: ReadonlyMap<string, Partly<InstanceSource>>;
  readonly packageNames: readonly string[];
  readonly packages: readonly PackageVersion[];
}

/** Collects the names of a project. */
export function knownOf(project: ProjectSource): Known {
  const instances = new Map<string, Partly<InstanceSource>>();
  for (const { value } of project.instances) {
    if (value.name !== undefined) instances.set(value.name, value);
  }
  return {
    environments: project.environments.flatMap(({ value }) => value.code ?? []),
    instances,
    packageNames: project.packageNames,
    packages: project.packages,
  };
}
