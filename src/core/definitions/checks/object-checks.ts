import { OBJECT_ID_PATTERN } from '../names.ts';
import type { Report } from '../problem.ts';
import type { Entry, ObjectSource, OperationSource, Partly, VariantSource } from '../source.ts';
import { suggestion } from '../suggestion.ts';
import { reportDuplicates } from './duplicates.ts';
import type { Known } from './known.ts';
import { instanceName } from './reach.ts';

/** `owner.name` of an object in its short or its long form; undefined where a part is missing. */
export function objectIdOf(source: Partly<ObjectSource>): string | undefined {
  if (typeof source === 'string') return OBJECT_ID_PATTERN.test(source) ? source : undefined;
  if (source?.owner === undefined || source.name === undefined) return undefined;
  return `${source.owner}.${source.name}`;
}

/** The name of a variant in its short or its long form. */
export function variantName(source: Partly<VariantSource>): string | undefined {
  return typeof source === 'string' ? source : source?.name;
}

/** Finds what is wrong with the objects of an operation. */
export function checkObjects(entry: Entry<OperationSource>, known: Known, report: Report): void {
  const objects = entry.value.objects ?? [];
  const uses = objects.map((source, index) => ({
    key: objectIdOf(source),
    called: `Object "${objectIdOf(source)}" of operation "${entry.value.name}"`,
    place: entry.placeOf(['objects', index]),
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
  const listed = entry.value.instances?.map(instanceName);
  objects.forEach((source, index) => {
    if (typeof source !== 'object') return;
    source.instances?.forEach((name, position) => {
      if (name === undefined) return;
      const place = entry.placeOf(['objects', index, 'instances', position]);
      if (!known.instances.has(name)) {
        report(
          place,
          `There is no instance "${name}". ${suggestion(name, [...known.instances.keys()])}`,
        );
      } else if (listed !== undefined && !listed.includes(name)) {
        report(
          place,
          `The operation does not run on instance "${name}". Add it to its instances, or remove it here.`,
        );
      }
    });
  });
}

/** Finds variants of the same name. */
export function checkVariants(entry: Entry<OperationSource>, report: Report): void {
  const uses = (entry.value.variants ?? []).map((source, index) => ({
    key: variantName(source),
    called: `Variant "${variantName(source)}" of operation "${entry.value.name}"`,
    place: entry.placeOf(['variants', index]),
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
}
