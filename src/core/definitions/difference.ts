import {
  environmentFields,
  type Fields,
  type FieldValue,
  instanceFields,
  operationFields,
  packageFields,
} from './fields.ts';
import type { Definitions } from './model.ts';

/** One field of a definition before and after; null: it is not there. */
export interface FieldChange {
  /** In the words of the definition files, parts of a list by their names: `tasks.purge_rows.order`. */
  readonly path: string;
  readonly before: FieldValue;
  readonly after: FieldValue;
}

export interface DefinitionChange {
  readonly kind: 'added' | 'changed' | 'removed';
  readonly what: 'environment' | 'instance' | 'operation' | 'package';
  /** For people: code, name, `id name` of an operation, `name/engine` of a package. */
  readonly name: string;
  /** Of an added one all fields, of a removed one none. */
  readonly fields: readonly FieldChange[];
}

export type Difference = readonly DefinitionChange[];

interface Item {
  /** What makes it the same definition before and after. */
  readonly key: string;
  readonly name: string;
  readonly fields: Fields;
}

/** What turns one state of the definitions into another; empty where nothing would change. */
export function differenceOf(before: Definitions, after: Definitions): Difference {
  const [old, next] = [itemsOf(before), itemsOf(after)];
  return (['environment', 'instance', 'operation', 'package'] as const).flatMap((what) =>
    changesOf(what, old[what], next[what]),
  );
}

function itemsOf(definitions: Definitions): Record<DefinitionChange['what'], Item[]> {
  return {
    environment: definitions.environments.map((environment) => ({
      key: String(environment.id),
      name: `${environment.id} ${environment.code}`,
      fields: environmentFields(environment),
    })),
    instance: definitions.instances.map((instance) => ({
      key: instance.name,
      name: instance.name,
      fields: instanceFields(instance),
    })),
    operation: definitions.operations.map((operation) => ({
      key: String(operation.id),
      name: `${operation.id} ${operation.name}`,
      fields: operationFields(operation),
    })),
    package: definitions.packages.map((version) => ({
      key: `${version.name}/${version.engine}`,
      name: `${version.name}/${version.engine}`,
      fields: packageFields(version),
    })),
  };
}

function changesOf(
  what: DefinitionChange['what'],
  before: Item[],
  after: Item[],
): DefinitionChange[] {
  const old = new Map(before.map((item) => [item.key, item]));
  const kept = new Set(after.map((item) => item.key));
  const changes: DefinitionChange[] = [];
  for (const { key, name, fields } of after) {
    const earlier = old.get(key);
    const changed = fieldChanges(earlier?.fields ?? {}, fields);
    if (earlier === undefined) changes.push({ kind: 'added', what, name, fields: changed });
    else if (changed.length > 0) changes.push({ kind: 'changed', what, name, fields: changed });
  }
  for (const { key, name } of before) {
    if (!kept.has(key)) changes.push({ kind: 'removed', what, name, fields: [] });
  }
  return changes;
}

function fieldChanges(before: Fields, after: Fields): FieldChange[] {
  const paths = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...paths]
    .map((path) => ({ path, before: before[path] ?? null, after: after[path] ?? null }))
    .filter((change) => change.before !== change.after);
}
