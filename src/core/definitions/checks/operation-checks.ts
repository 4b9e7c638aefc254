import { SHARED_SOURCES } from '../../engine.ts';
import type { PackageVersion } from '../model.ts';
import type { Report } from '../problem.ts';
import type { Entry, InstanceSource, OperationSource, Partly } from '../source.ts';
import { suggestion } from '../suggestion.ts';
import { reportDuplicates } from './duplicates.ts';
import { checkDuration } from './environment-checks.ts';
import { codeOf } from './instance-checks.ts';
import type { Known } from './known.ts';
import { checkNeeds } from './need-checks.ts';
import { checkObjects, checkVariants } from './object-checks.ts';
import { checkParameters } from './parameter-checks.ts';
import { instanceName, reachable } from './reach.ts';
import { checkRetryOn } from './retry-on-checks.ts';
import { checkTasks } from './task-checks.ts';

type OperationEntry = Entry<OperationSource>;

/** Finds what is wrong with the operations, each in itself and against what it refers to. */
export function checkOperations(
  entries: readonly OperationEntry[],
  known: Known,
  report: Report,
): void {
  const ids = entries.map((entry) => ({
    key: entry.value.id,
    called: `Operation id ${entry.value.id}`,
    place: entry.placeOf(['id']),
  }));
  const names = entries.map((entry) => ({
    key: entry.value.name,
    called: `Operation "${entry.value.name}"`,
    place: entry.placeOf(['name']),
  }));
  reportDuplicates(ids, 'Give each operation an id of its own.', report);
  reportDuplicates(names, 'Give each operation a name of its own.', report);
  for (const entry of entries) {
    checkDuration(entry.value.max_duration, entry.placeOf(['max_duration']), report);
    checkEnvironments(entry, known, report);
    checkInstances(entry, known, report);
    checkLabels(entry, known, report);
    checkTasks(entry, report);
    checkRetryOn(entry, report);
    checkNeeds(entry, report);
    checkObjects(entry, known, report);
    checkVariants(entry, report);
    checkParameters(entry, known, report);
    checkPackage(entry, known, report);
  }
}

function checkEnvironments(entry: OperationEntry, known: Known, report: Report): void {
  const environments = entry.value.environments ?? [];
  const uses = environments.map((source, index) => ({
    key: codeOf(source),
    called: `Environment "${codeOf(source)}" of operation "${entry.value.name}"`,
    place: entry.placeOf(['environments', index]),
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
  environments.forEach((source, index) => {
    const code = codeOf(source);
    if (typeof source === 'object') {
      checkDuration(
        source.max_duration,
        entry.placeOf(['environments', index, 'max_duration']),
        report,
      );
    }
    if (code === undefined || known.environments.includes(code)) return;
    report(
      entry.placeOf(['environments', index]),
      `There is no environment "${code}". ${suggestion(code, known.environments)}`,
    );
  });
}

function checkInstances(entry: OperationEntry, known: Known, report: Report): void {
  const instances = entry.value.instances ?? [];
  const uses = instances.map((source, index) => ({
    key: instanceName(source),
    called: `Instance "${instanceName(source)}" of operation "${entry.value.name}"`,
    place: entry.placeOf(['instances', index]),
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
  const codes = (entry.value.environments ?? []).flatMap((source) => codeOf(source) ?? []);
  instances.forEach((source, index) => {
    const name = instanceName(source);
    if (name === undefined) return;
    const place = entry.placeOf(['instances', index]);
    const instance = known.instances.get(name);
    if (instance === undefined) {
      report(
        place,
        `There is no instance "${name}". ${suggestion(name, [...known.instances.keys()])}`,
      );
    } else if (codes.length > 0 && !belongsToAny(instance, codes)) {
      report(
        place,
        `Instance "${name}" is in none of the operation's environments (${codes.join(', ')}). ` +
          'Add it to one of them, or remove it here.',
      );
    }
  });
}

function belongsToAny(instance: Partly<InstanceSource>, codes: readonly string[]): boolean {
  return (instance.environments ?? []).some((source) => codes.includes(codeOf(source) ?? ''));
}

/** A label that no instance has would silently leave the operation without instances. */
function checkLabels(entry: OperationEntry, known: Known, report: Report): void {
  const labels = [...known.instances.values()].flatMap((instance) =>
    Object.entries(instance.labels ?? {}),
  );
  const keys = [...new Set(labels.map(([key]) => key))];
  for (const [key, value] of Object.entries(entry.value.labels ?? {})) {
    const place = entry.placeOf(['labels', key]);
    const values = labels.filter(([name]) => name === key).map(([, had]) => String(had));
    if (!keys.includes(key)) {
      report(place, `No instance has a label "${key}". ${suggestion(key, keys)}`);
    } else if (!values.includes(String(value))) {
      const remedy = suggestion(String(value), [...new Set(values)]);
      report(place, `No instance has the label "${key}: ${value}". ${remedy}`);
    }
  }
}

function checkPackage(entry: OperationEntry, known: Known, report: Report): void {
  const name = entry.value.package ?? entry.value.name;
  if (name === undefined) return;
  const place = entry.placeOf([entry.value.package == null ? 'name' : 'package']);
  if (!known.packageNames.includes(name)) {
    report(
      place,
      `There is no package "${name}": no folder packages/${name}. ${suggestion(name, known.packageNames)}`,
    );
    return;
  }
  const engines = known.packages
    .filter((version) => version.name === name)
    .map(({ engine }) => engine);
  reportMissingEngines(entry, name, engines, known, report);
}

function reportMissingEngines(
  entry: OperationEntry,
  name: string,
  engines: readonly PackageVersion['engine'][],
  known: Known,
  report: Report,
): void {
  const reported = new Set<string>(engines);
  for (const instance of reachable(entry.value, known)) {
    const engine = instance.engine;
    if (engine === undefined || reported.has(engine)) continue;
    reported.add(engine);
    report(
      entry.placeOf([entry.value.package == null ? 'name' : 'package']),
      `Package "${name}" has no files for ${engine}, the engine of instance "${instance.name}". ` +
        `Add packages/${name}/${homesOf(engine).join(' or ')}, or disable the operation on that instance.`,
    );
  }
}

/** The folders of a package, with their files, that the engine would run. */
function homesOf(engine: PackageVersion['engine']): string[] {
  const shared = Object.entries(SHARED_SOURCES).filter(([, engines]) => engines.includes(engine));
  return [engine, ...shared.map(([folder]) => folder)].map((folder) => `${folder}/*.sql`);
}
