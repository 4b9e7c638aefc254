import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { publishedSchema } from '../../../src/definition-files/json-schema.ts';

const file = path.resolve(import.meta.dirname, '../../../schema/odtm.schema.json');

/** Every object in a JSON value, with the path that leads to it. */
function objectsIn(value: unknown, at = ''): [string, Record<string, unknown>][] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, child]) => objectsIn(child, `${at}/${key}`));
  return Array.isArray(value) ? inner : [[at, value as Record<string, unknown>], ...inner];
}

describe('the published JSON Schema', () => {
  test('is what scripts/make-schema.ts writes', () => {
    expect(readFileSync(file, 'utf8')).toBe(publishedSchema());
  });

  const schema = JSON.parse(publishedSchema());

  test('is of draft 2020-12 and refuses unknown keys everywhere', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const open = objectsIn(schema).filter(
      ([, each]) => each.type === 'object' && each.additionalProperties === undefined,
    );
    expect(open.map(([at]) => at)).toEqual([]);
  });

  test('explains every key of an operation and of a task that is no plain name', () => {
    const operation = objectsIn(schema).find(
      ([, each]) =>
        typeof each.description === 'string' && each.description.startsWith('What is done'),
    );
    expect(operation?.[1].required).toEqual(['id', 'name', 'environments', 'tasks']);
    const texts = JSON.stringify(operation?.[1]);
    for (const text of [
      'Ascending; tasks of the same order run in parallel',
      'Counts for this variant only',
    ]) {
      expect(texts).toContain(text);
    }
  });
});
