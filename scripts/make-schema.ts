import { mkdir, writeFile } from 'node:fs/promises';
import { publishedSchema } from '../src/definition-files/json-schema.ts';

/** Writes the published JSON Schema of the definition files; a unit test fails when it is stale. */
const target = new URL('../schema/odtm.schema.json', import.meta.url);
await mkdir(new URL('.', target), { recursive: true });
await writeFile(target, publishedSchema());
console.log('schema/odtm.schema.json is written.');
