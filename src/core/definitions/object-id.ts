import type { ObjectDefinition } from './model.ts';

/** `owner.name`, the text that names an object everywhere. */
export function objectId(object: Pick<ObjectDefinition, 'owner' | 'name'>): string {
  return `${object.owner}.${object.name}`;
}
