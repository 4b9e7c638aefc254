import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { projectReader } from '../../../src/definition-files/project-reader.ts';

const examples = globSync('examples/*/environments.yaml').map(dirname).sort();

test.each(examples)('%s is a project without a problem', async (folder) => {
  const { operations, packages } = await projectReader.read(folder);
  expect(operations.length).toBeGreaterThan(0);
  expect(packages.length).toBeGreaterThan(0);
});
