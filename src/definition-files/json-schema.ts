import { z } from 'zod';
import { definitionFile } from './file-schema.ts';

/** The published JSON Schema of definition files (draft 2020-12), as the text of schema/odtm.schema.json. */
export function publishedSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(definitionFile, {
    target: 'draft-2020-12',
    io: 'input',
  });
  const schema = { $schema, title: 'ODTM definitions', ...rest };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
